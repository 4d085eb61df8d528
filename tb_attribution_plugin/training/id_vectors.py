"""The vectors that embeddings make of an input's ids, as one tensor with the places of the input."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from tb_attribution_plugin.methods.rows import Structure
from tb_attribution_plugin.training.calls import Call
from tb_attribution_plugin.training.inference import Inference
from tb_attribution_plugin.training.score_points import ScorePoint

# Far enough that no code that counts from 0 or from 1 gives it by itself, and small enough for bytes.
_SHIFT = 7


class IdVectors(Protocol):
    """Of one input of a model."""

    def joined(self, vectors: Sequence[tf.Tensor], ids: tf.Tensor) -> tf.Tensor:
        """[B, *S, width], float32, for ids [B, *S], of what each embedding gives."""

    def parted(self, joined: tf.Tensor) -> list[tf.Tensor]:
        """What each embedding gives, up to axes of size 1."""


def of_points(
    points: Sequence[ScorePoint], specs: Sequence[tf.TensorSpec], inference: Inference, inputs: Structure
) -> list[IdVectors | None]:
    """For each input; None where it holds no ids, or where an embedding is given something else than parts of it."""
    found: list[IdVectors | None] = []
    for position, (point, spec) in enumerate(zip(points, specs, strict=True)):
        if not point.apart:
            found.append(SideBySide(point.embeddings) if point.embeddings else None)
            continue
        given = _given(inference, position, point.embeddings, spec, inputs)
        found.append(None if given is None else AtPlaces(point.embeddings, given, spec.shape[1:]))
    return found


class SideBySide:
    """Each embedding is given the whole input."""

    def __init__(self, calls: Sequence[Call]) -> None:
        self._widths = [call.shape[-1] for call in calls]

    def joined(self, vectors: Sequence[tf.Tensor], ids: tf.Tensor) -> tf.Tensor:
        return tf.concat([_placed(one, ids) for one in vectors], -1)

    def parted(self, joined: tf.Tensor) -> list[tf.Tensor]:
        return tf.split(joined, self._widths, -1)


class AtPlaces:
    """Each embedding is given a part of the input, such as a column; a place has as many numbers as the widest one.

    Args:
      given: for each call, which places of the input (counted along all axes) it is given, in its own shape.
      shape: S.
    """

    def __init__(self, calls: Sequence[Call], given: Sequence[NDArray[Any]], shape: tf.TensorShape) -> None:
        self._shape, self._given = tuple(shape), given
        self._widths = [int(call.shape[-1] or 0) for call in calls]
        places = math.prod(self._shape)
        used = np.zeros(places, int)
        self._starts: list[int] = []
        self._rows: list[NDArray[np.int32]] = []
        for own, width in zip(given, self._widths, strict=True):
            flat = own.reshape(-1)
            self._starts.append(int(used[flat].max(initial=0)))
            used[flat] = self._starts[-1] + width
            rows = np.full(places, flat.size, np.int32)  # the row of zeros behind the vectors
            rows[flat] = np.arange(flat.size)
            self._rows.append(rows)
        self._width = int(used.max(initial=1))

    def joined(self, vectors: Sequence[tf.Tensor], ids: tf.Tensor) -> tf.Tensor:
        parts = []
        for one, own, rows, start, width in zip(
            vectors, self._given, self._rows, self._starts, self._widths, strict=True
        ):
            flat = tf.reshape(tf.cast(one, tf.float32), (-1, own.size, width))
            at_places = tf.gather(tf.pad(flat, [[0, 0], [0, 1], [0, 0]]), rows, axis=1)
            parts.append(tf.pad(at_places, [[0, 0], [0, 0], [start, self._width - start - width]]))
        return tf.reshape(tf.add_n(parts), (-1, *self._shape, self._width))

    def parted(self, joined: tf.Tensor) -> list[tf.Tensor]:
        flat = tf.reshape(joined, (-1, math.prod(self._shape), self._width))
        return [
            tf.reshape(tf.gather(flat[..., start : start + width], own.reshape(-1), axis=1), (-1, *own.shape, width))
            for own, start, width in zip(self._given, self._starts, self._widths, strict=True)
        ]


def as_given(vectors: tf.Tensor, result: tf.Tensor) -> tf.Tensor:
    """The same vectors as the layer gives them; an encoding in integers is read as numbers, so these stay floats."""
    if vectors.shape.rank != result.shape.rank:
        vectors = tf.reshape(vectors, tf.shape(result))
    return tf.cast(vectors, result.dtype) if result.dtype.is_floating else vectors


def _placed(embedded: tf.Tensor, ids: tf.Tensor) -> tf.Tensor:
    """Vectors of ids [B, *S] as [B, *S, width], float32; a layer may have dropped a last axis of 1."""
    embedded = tf.cast(embedded, tf.float32)
    if embedded.shape.rank > ids.shape.rank or ids.shape.rank == 1:
        return tf.ensure_shape(embedded, (ids.shape[0], *embedded.shape[1:]))  # layers of strings lose B
    return tf.reshape(embedded, (-1, *ids.shape[1:], embedded.shape[-1]))


def _given(
    inference: Inference, position: int, calls: Sequence[Call], spec: tf.TensorSpec, inputs: Structure
) -> list[NDArray[Any]] | None:
    """Which places each embedding is given: the numbers of the places are sent through the model to where it is.

    None where they do not arrive as they are: what is embedded was computed.
    """
    flat = tf.nest.flatten(inputs)
    numbers = np.arange(math.prod(spec.shape[1:])).reshape(spec.shape[1:])

    def sent(shift: int) -> list[NDArray[Any]]:
        own = tf.cast(tf.broadcast_to(numbers + shift, flat[position].shape), spec.dtype)
        fed = [own if at == position else tensor for at, tensor in enumerate(flat)]
        return [one[0].numpy().astype(int) for one in inference.given(calls, fed, inputs)]

    first, second = sent(0), sent(_SHIFT)
    moved = all(np.array_equal(one + _SHIFT, other) for one, other in zip(first, second, strict=True))
    known = all(np.isin(one, numbers).all() for one in first)
    return first if moved and known else None
