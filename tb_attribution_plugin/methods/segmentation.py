"""Which features are switched together: segments, given as data and resolved once for a probe."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from tb_attribution_plugin.methods.rows import Structure
from tb_attribution_plugin.methods.switched import Masks

Ids = NDArray[np.int32]
# A feature of its own each: the pixels of a picture of 1,024 x 1,024 in 16 channels.
MOST_IDS = 2**24


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class Segments:
    """Resolved segments. An example's *players* are the segments that it has, in an order.

    Attributes:
      players: structure of the inputs, each int32 [B or 1, *S], an axis of size 1 standing for all of it: the feature's
        player; -1 where it has none and stays as it is.
      ids: of each example, the ids of its players, ascending but for those of `rows_of_players.py`.
      title: in words, for the log.
    """

    players: Structure
    ids: tuple[Ids, ...]
    title: str

    def __repr__(self) -> str:
        return self.title

    @property
    def counts(self) -> tuple[int, ...]:
        """Players of each example; one number where all have the same segments."""
        return tuple(len(ids) for ids in self.ids)

    @property
    def most(self) -> int:
        """Players of the example that has most."""
        return max(self.counts)

    def of_examples(self, examples: int) -> Segments:
        """With one entry for each of the examples."""
        return self if len(self.ids) == examples else dataclasses.replace(self, ids=self.ids * examples)


def resolve(spec: Any, features: Structure, absent: Structure) -> Segments:
    """Args:
      spec: int ids in the structure of the inputs, each [B or 1, *S] or [*S], axes of size 1 broadcast, an axis of
        channels may be missing; ids are shared by all inputs, -1 belongs to none. None: every feature is a segment.
      features: what is switched, each [B, ...].
      absent: in the structure of the features, bool [B, *S], True where there is nothing to switch; None where there is
        something everywhere.

    Raises:
      ValueError: names the input, the shape that it has and the shape that it needs, or the example that has less than
        two segments.
    """
    if isinstance(spec, Segments):
        return spec
    flat, nothing = tf.nest.flatten(features), tf.nest.flatten(absent)
    examples = flat[0].shape[0]
    if spec is None:
        arrays = _every(flat, nothing)
    else:
        given = [spec] if len(flat) == 1 and not isinstance(spec, dict) else tf.nest.flatten(spec)
        if len(given) != len(flat):
            raise ValueError(f"segments must be one array for each of the {len(flat)} inputs; got {len(given)}")
        arrays = [_checked(np.asarray(one), tuple(feature.shape)) for one, feature in zip(given, flat, strict=True)]
    arrays = [
        array if gone is None else np.where(_beside(gone, array), -1, array)
        for array, gone in zip(arrays, nothing, strict=True)
    ]
    count = max(len(array) for array in arrays)
    # What all examples share is kept once.
    wide = [np.broadcast_to(array, (count, *array.shape[1:])) for array in arrays]
    players, ids = zip(*(_compact([array[example] for array in wide]) for example in range(count)), strict=True)
    for example, found in enumerate(ids):
        if len(found) < 2:
            which = "the inputs have" if count == 1 else f"example {example} has"
            raise ValueError(
                f"{which} {len(found)} segments, and at least two are needed to tell one from another; a text needs "
                "two tokens that are no padding, an image a finer segmentation"
            )
    stacked = [tf.constant(np.stack(of_input)) for of_input in zip(*players, strict=True)]
    counts = sorted({len(found) for found in ids})
    many = f"{counts[0]} to {counts[-1]}" if len(counts) > 1 else f"{counts[0]}"
    title = f"{many} " + ("features, each by itself" if spec is None else "segments")
    segments = Segments(tf.nest.pack_sequence_as(features, stacked), ids, title)
    return segments if count == 1 else segments.of_examples(examples)


def masks(segments: Segments, features: Structure, switches: Callable[[tf.Tensor], tf.Tensor]) -> Masks:
    """Switches of players as masks of features.

    Args:
      switches: numbers of masks [m] -> [m, B or 1, players], bool or float.
    """

    def each(mask: tf.Tensor, example: tf.Tensor) -> Structure:
        found = switches(mask)
        if found.shape[1] == 1:
            return _looked_up(segments, features, found[:, 0], example)
        return _looked_up(segments, features, tf.gather(found, example, axis=1, batch_dims=1), example)

    def block(mask: tf.Tensor) -> Structure:
        found, shared = switches(mask), all(one.shape[0] == 1 for one in tf.nest.flatten(segments.players))
        if found.shape[1] == 1 and shared:
            one_by_one = _looked_up(segments, features, found[:, 0], tf.zeros_like(mask))
            return tf.nest.map_structure(lambda tensor: tensor[:, None], one_by_one)
        examples, count = tf.nest.flatten(features)[0].shape[0], tf.shape(mask)[0]
        wide = tf.broadcast_to(found, [count, examples, found.shape[2]])
        flat = tf.reshape(wide, [count * examples, found.shape[2]])
        looked_up = _looked_up(segments, features, flat, tf.tile(tf.range(examples), [count]))
        return tf.nest.map_structure(
            lambda tensor: tf.reshape(tensor, tf.concat([[count, examples], tf.shape(tensor)[1:]], 0)), looked_up
        )

    return Masks(each, block)


def _looked_up(segments: Segments, features: Structure, switches: tf.Tensor, example: tf.Tensor) -> Structure:
    """Switches [r, players] of examples [r] as masks, each [r, *S], axes of size 1 up to the rank of the feature."""
    padded = tf.concat([switches, tf.ones_like(switches[:, :1])], 1)  # the last one is of features without a player

    def mask(players: tf.Tensor, feature: tf.Tensor) -> tf.Tensor:
        place = tf.where(players < 0, tf.shape(switches)[1], players)
        if place.shape[0] == 1:
            found = tf.gather(padded, place[0], axis=1)
        else:
            found = tf.gather(padded, tf.gather(place, example), axis=1, batch_dims=1)
        return tf.reshape(found, tf.concat([tf.shape(found), [1] * (feature.shape.rank - found.shape.rank)], 0))

    return tf.nest.map_structure(mask, segments.players, features)


def ids_of(segments: Segments, examples: int) -> Structure:
    """The ids that they were resolved from, int32 [B, *S] in the structure of the inputs."""
    each = segments.of_examples(examples).ids

    def found(players: tf.Tensor) -> Ids:
        wide = np.broadcast_to(players.numpy(), (examples, *players.shape[1:]))
        return np.stack([np.append(ids, -1)[row] for ids, row in zip(each, wide, strict=True)]).astype(np.int32)

    return tf.nest.map_structure(found, segments.players)


def _every(features: list[tf.Tensor], nothing: list[Any]) -> list[Ids]:
    """Numbers of all features, over all inputs; [tokens] where whole vectors are absent or not."""
    found, start = [], 0
    for feature, gone in zip(features, nothing, strict=True):
        shape = tuple(feature.shape[1:]) if gone is None else gone.shape[1:]
        count = int(np.prod(shape))
        found.append(np.arange(start, start + count, dtype=np.int32).reshape(1, *shape))
        start += count
    return found


def _checked(ids: NDArray[Any], shape: tuple[int | None, ...]) -> Ids:
    """[B or 1, *S]."""
    if ids.dtype.kind not in "iu":
        raise ValueError(f"segments must be whole numbers; got {ids.dtype} {ids.shape}")
    for array in (ids, ids[None]) if ids.ndim < len(shape) else (ids,):
        sides = zip(array.shape, shape, strict=False)
        if 2 <= array.ndim <= len(shape) and all(one in (1, other) for one, other in sides):
            if array.min() < -1:
                raise ValueError(f"segments must be at least 0, or -1 for none; the smallest is {array.min()}")
            if array.max() >= MOST_IDS:
                raise ValueError(
                    f"segments must be below {MOST_IDS:,}, as scores have a place for each id up to the largest; got "
                    f"{array.max():,}: number them from 0, as np.unique(ids, return_inverse=True)[1] does"
                )
            return array.astype(np.int32)
    raise ValueError(
        f"segments of shape {ids.shape} do not fit inputs of shape {shape}: give one id per feature, [B or 1, ...]; "
        "an axis of size 1 stands for all of it"
    )


def _beside(gone: NDArray[np.bool_], array: Ids) -> NDArray[np.bool_]:
    return gone.reshape(*gone.shape, *[1] * (array.ndim - gone.ndim))


def _compact(arrays: list[Ids]) -> tuple[list[Ids], Ids]:
    """Ids of one example as numbers of players, and the ids of these."""
    ids = np.unique(np.concatenate([array.ravel() for array in arrays]))
    ids = ids[ids >= 0]
    found = [np.where(array < 0, -1, np.searchsorted(ids, array)).astype(np.int32) for array in arrays]
    return found, ids.astype(np.int32)
