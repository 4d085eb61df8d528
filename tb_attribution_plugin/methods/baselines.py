"""What "feature absent" means: the reference input x0 of path and difference methods.

A baseline is given as "auto", a number, an array, or one of the classes here, for all inputs at once or in the
structure of the inputs. `resolve` turns it into `Points`: per input [K, B or 1, ...], K baselines to average over.

"auto" follows the data: images take two constants, the smallest and the largest value of the probe (one constant makes
every pixel of that colour invisible); token ids take id 0, the padding; tables and series take background rows.
"""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np
import tensorflow as tf

from tb_attribution_plugin.methods.blur import blurred

Structure = Any
# Rows of a background that "auto" averages over, evenly spaced in it: each costs a whole path.
AUTO_ROWS = 8
MOST_PATHS = 1024
OWN_ROWS = "of the probe's own rows"


@dataclasses.dataclass(frozen=True)
class Constants:
    """Every feature at one value; several values are averaged over."""

    values: tuple[float, ...]


@dataclasses.dataclass(frozen=True, eq=False)
class Rows:
    """Averages over whole inputs [K, ...] from a background; None takes the probe's."""

    rows: Any = None


@dataclasses.dataclass(frozen=True)
class Blurred:
    """The input itself, blurred over its height and width by a Gaussian of `sigma` pixels."""

    sigma: float = 10.0


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class Points:
    """Resolved baselines.

    Attributes:
      arrays: structure of the inputs, each [K, B or 1, ...]. Integer arrays are ids; float arrays of an input that is
        ids are values at its embedding.
      title: in words, for the log.
    """

    arrays: Structure
    title: str

    def __repr__(self) -> str:
        return self.title

    @property
    def count(self) -> int:
        """Baselines that are averaged over, K."""
        return int(tf.nest.flatten(self.arrays)[0].shape[0])


def resolve(spec: Any, inputs: Structure, background: Structure | None = None, ids: Structure | None = None) -> Points:
    """Makes a baseline concrete for a probe.

    Args:
      spec: "auto", number, array [...] or [B, ...], Constants, Rows, Blurred or Points; or a structure of them.
      inputs: the whole probe's inputs, each [B, ...].
      background: rows [K, ...] in the structure of the inputs, or None.
      ids: in the structure of the inputs, True for token ids; None takes integer [B, tokens] for them.

    Raises:
      ValueError: names the input, the shape it has and the shape it needs.
    """
    if isinstance(spec, Points):
        return spec
    flat_inputs = [tf.convert_to_tensor(one) for one in tf.nest.flatten(inputs)]
    flat_ids = [_looks_like_ids(one) for one in flat_inputs] if ids is None else tf.nest.flatten(ids)
    flat_specs = _spread(spec, inputs, len(flat_inputs))
    flat_rows = [None] * len(flat_inputs) if background is None else tf.nest.flatten(background)
    pairs = [_one(*four) for four in zip(flat_specs, flat_inputs, flat_rows, flat_ids, strict=True)]
    # Inputs with different numbers of baselines go round until all come out even: each counts equally often.
    count = math.lcm(*(array.shape[0] for array, _ in pairs))
    if count > MOST_PATHS:
        raise ValueError(
            f"the inputs have {[array.shape[0] for array, _ in pairs]} baselines, which makes {count} combinations, "
            f"more than {MOST_PATHS}; give them equal numbers"
        )
    arrays = [tf.tile(array, (count // array.shape[0], *[1] * (array.shape.rank - 1))) for array, _ in pairs]
    if any(array.shape[1] > 1 for array in arrays):  # one input's baseline is per example: so are all
        width = max(array.shape[1] for array in arrays)
        arrays = [tf.repeat(array, width // array.shape[1], 1) for array in arrays]
    titles = list(dict.fromkeys(title for _, title in pairs))
    return Points(tf.nest.pack_sequence_as(inputs, arrays), "; ".join(titles))


def _spread(spec: Any, inputs: Structure, count: int) -> list[Any]:
    """One baseline per input."""
    if isinstance(spec, dict):
        if not isinstance(inputs, dict) or set(spec) != set(inputs):
            names = sorted(inputs) if isinstance(inputs, dict) else "one unnamed array"
            raise ValueError(f"baseline is given for inputs {sorted(spec)}, but the inputs are {names}")
        return [spec[name] for name in sorted(inputs)]  # tf.nest's order
    if isinstance(spec, list | tuple) and isinstance(inputs, list | tuple):
        if len(spec) != count:
            raise ValueError(f"{len(spec)} baselines for {count} inputs")
        return list(spec)
    return [spec] * count


def _looks_like_ids(inputs: tf.Tensor) -> bool:
    return inputs.dtype.is_integer and inputs.shape.rank == 2


def _one(spec: Any, inputs: tf.Tensor, background: Any, ids: bool) -> tuple[tf.Tensor, str]:
    """[K, B or 1, ...] and its title."""
    shape = tuple(inputs.shape[1:])
    if isinstance(spec, str):
        if spec != "auto":
            raise ValueError(f"baseline must be 'auto', a number, an array or a baselines.* object; got {spec!r}")
        return _auto(inputs, background, ids)
    if isinstance(spec, Constants):
        return _constants(spec.values, shape, ids)
    if isinstance(spec, Blurred):
        if len(shape) != 3:
            raise ValueError(f"Blurred needs images [B, height, width, channels]; got shape {tuple(inputs.shape)}")
        return blurred(inputs, spec.sigma)[None], f"blurred by {spec.sigma:g} pixels"
    if isinstance(spec, Rows):
        found = background if spec.rows is None else spec.rows
        rows = _rows(inputs if found is None else found, inputs, ids)
        return rows, f"mean over {rows.shape[0]} " + (OWN_ROWS if found is None else "background rows")
    return _array(spec, inputs, ids)


def _auto(inputs: tf.Tensor, background: Any, ids: bool) -> tuple[tf.Tensor, str]:
    if inputs.dtype == tf.string:
        return tf.fill((1, 1, *inputs.shape[1:]), ""), "the empty text"
    if ids:
        return tf.zeros((1, 1, *inputs.shape[1:]), inputs.dtype), "token id 0"
    if inputs.shape.rank == 4 and background is None:
        values = tf.cast(inputs, tf.float32)
        ends = tf.stack([tf.reduce_min(values), tf.reduce_max(values)])
        points = tf.reshape(ends, (2, 1, 1, 1, 1)) * tf.ones((1, 1, *inputs.shape[1:]))
        return points, "mean of two constants, the smallest and the largest value of the probe"
    rows = _rows(inputs if background is None else background, inputs, False)
    count = rows.shape[0]
    chosen = np.unique(np.linspace(0, count - 1, min(count, AUTO_ROWS)).round().astype(int))
    return tf.gather(rows, chosen), f"mean over {len(chosen)} " + (
        OWN_ROWS if background is None else "background rows"
    )


def _constants(values: tuple[float, ...], shape: tuple[int, ...], ids: bool) -> tuple[tf.Tensor, str]:
    """For token ids, values of the embedding itself; its width is the model's, so the axis is left at 1."""
    shape = (*shape, 1) if ids else shape
    points = tf.reshape(tf.constant(values, tf.float32), (-1, 1, *[1] * len(shape))) * tf.ones((1, 1, *shape))
    what = "embedding of constant" if ids else "constant"
    if len(values) == 1:
        return points, f"the {what} {values[0]:g}"
    return points, f"mean of the {what}s " + " and ".join(f"{value:g}" for value in values)


def _rows(rows: Any, inputs: tf.Tensor, ids: bool) -> tf.Tensor:
    """[K, 1, ...] in the dtype that paths need."""
    rows = tf.convert_to_tensor(rows)
    if rows.shape.rank != inputs.shape.rank or rows.shape[1:] != inputs.shape[1:] or rows.shape[0] == 0:
        raise ValueError(
            f"background must be rows of shape {tuple(inputs.shape[1:])}, at least one; got {tuple(rows.shape)}"
        )
    return tf.cast(rows, inputs.dtype if ids else tf.float32)[:, None]


def _array(spec: Any, inputs: tf.Tensor, ids: bool) -> tuple[tf.Tensor, str]:
    array, shape = np.asarray(spec), tuple(inputs.shape[1:])
    if array.dtype.kind not in "fiu":
        raise ValueError(f"baseline must be 'auto', a number, an array or a baselines.* object; got {spec!r}")
    if array.dtype.kind == "f" and not np.all(np.isfinite(array)):
        raise ValueError("baseline holds values that are not finite")
    dtype = inputs.dtype if ids else tf.float32
    if array.ndim == 0:
        if ids and array.dtype.kind in "iu":
            return tf.fill((1, 1, *shape), tf.cast(array, dtype)), f"token id {array:g}"
        return _constants((float(array),), shape, ids)
    if array.shape == shape:
        return tf.cast(array, dtype)[None, None], "one given input"
    if array.shape == tuple(inputs.shape):
        return tf.cast(array, dtype)[None], "one given input per example"
    raise ValueError(
        f"baseline has shape {array.shape}; it must be a number, one input {shape}, or one per example "
        f"{tuple(inputs.shape)}"
    )
