"""How one input's baseline becomes points."""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf

from tb_attribution_plugin.methods.baseline_kinds import Average, Blurred, Constants, Mean, Rows, Uniform
from tb_attribution_plugin.methods.blur import blurred
from tb_attribution_plugin.methods.given_rows import rows_of

# Rows of a background that "auto" averages over, evenly spaced in it: each costs a whole path.
AUTO_ROWS = 8
OWN_ROWS = "of the probe's own rows"


def points_of(
    spec: Any, inputs: tf.Tensor, background: Any, ids: bool, table: bool, place: int
) -> tuple[tf.Tensor, str]:
    """One input's baseline: points [K, B or 1, ...] and their title.

    Args:
      table: ids are categories: no 0 among them is padding.
      place: of the input among those of the model; each draws for itself.

    Raises:
      ValueError: names the rule, what was given and what is needed.
    """
    shape = tuple(inputs.shape[1:])
    if isinstance(spec, Average):
        pairs = [points_of(one, inputs, background, ids, table, place) for one in spec.baselines]
        return _joined([points for points, _ in pairs]), "mean over " + ", ".join(title for _, title in pairs)
    if isinstance(spec, str):
        if spec != "auto":
            raise ValueError(f"baseline must be 'auto', a number, an array or a baselines.* object; got {spec!r}")
        return _auto(inputs, background, ids, table)
    if isinstance(spec, Constants):
        if not ids:  # values of an embedding have no bounds
            _check_held(spec.values, inputs, ids)
        return _constants(spec.values, shape, ids)
    if isinstance(spec, Blurred):
        if len(shape) != 3:
            raise ValueError(f"Blurred needs images [B, height, width, channels]; got shape {tuple(inputs.shape)}")
        return blurred(inputs, spec.sigma)[None], f"blurred by {spec.sigma:g} pixels"
    if isinstance(spec, Uniform):
        return _uniform(spec, inputs, ids, place), f"mean over {spec.count} inputs of uniform noise (seed {spec.seed})"
    if isinstance(spec, Rows | Mean):
        found = background if spec.rows is None else rows_of(spec.rows)
        if found is not None:
            _check_held(found, inputs, ids)
        rows = _rows(inputs if found is None else found, inputs, ids)
        title = f"{rows.shape[0]} " + (OWN_ROWS if found is None else "background rows")
        if isinstance(spec, Rows):
            return rows, f"mean over {title}"
        _check_numbers(inputs, ids, "a mean of rows")
        return tf.reduce_mean(rows, 0, keepdims=True), f"the mean of {title}"
    return _array(spec, inputs, ids)


def _joined(points: list[tf.Tensor]) -> tf.Tensor:
    """[K1 + K2 + ..., B or 1, ...]."""
    if len({(one.dtype, one.shape.rank) for one in points}) > 1:
        raise ValueError("token ids and values of their embedding cannot be averaged over in one baseline")
    width = max(one.shape[1] for one in points)
    return tf.concat([tf.repeat(one, width // one.shape[1], 1) for one in points], 0)


def _check_numbers(inputs: tf.Tensor, ids: bool, what: str) -> None:
    if ids or not (inputs.dtype.is_floating or inputs.dtype.is_integer):
        raise ValueError(f"{what} needs numbers, but an input is token ids or strings; give it a baseline of its own")


def _check_held(given: Any, inputs: tf.Tensor, ids: bool) -> None:
    """Refuses what the dtype of the inputs cannot hold, before a cast would wrap it around."""
    values = tf.get_static_value(given) if tf.is_tensor(given) else np.asarray(given)
    # Tensors of a graph are inputs themselves.
    if values is None or values.dtype.kind not in "fiu" or not (inputs.dtype.is_floating or inputs.dtype.is_integer):
        return
    if ids and values.dtype.kind == "f" and np.any(values != np.floor(values)):
        raise ValueError(
            f"baseline of token ids must be whole numbers; got an array of {values.dtype}: give ids, or one "
            "number, which is a value of their embedding"
        )
    least, most = 0 if ids else inputs.dtype.min, inputs.dtype.max
    finite = values[np.isfinite(values)]
    for value in (finite.min(), finite.max()) if finite.size else ():
        if not least <= value <= most:
            raise ValueError(
                f"baseline holds {value:g}, which {'token ids' if ids else 'inputs'} of {inputs.dtype.name} cannot "
                f"be ({least:g} to {most:g}); give it in the units of the inputs"
            )


def _uniform(spec: Uniform, inputs: tf.Tensor, ids: bool, place: int) -> tf.Tensor:
    _check_numbers(inputs, ids, "Uniform")
    values = tf.cast(inputs, tf.float32).numpy()
    axes = tuple(range(values.ndim - 1))
    drawn = np.random.default_rng([spec.seed, place]).random((spec.count, 1, *values.shape[1:]), np.float32)
    low, high = values.min(axes), values.max(axes)
    return tf.constant(low + drawn * (high - low))


def _auto(inputs: tf.Tensor, background: Any, ids: bool, table: bool) -> tuple[tf.Tensor, str]:
    if inputs.dtype == tf.string:
        return tf.fill((1, 1, *inputs.shape[1:]), ""), "the empty text"
    if ids and not table:
        return tf.zeros((1, 1, *inputs.shape[1:]), inputs.dtype), "token id 0"
    if inputs.shape.rank == 4 and background is None and not ids:
        values = tf.cast(inputs, tf.float32)
        ends = tf.stack([tf.reduce_min(values), tf.reduce_max(values)])
        points = tf.reshape(ends, (2, 1, 1, 1, 1)) * tf.ones((1, 1, *inputs.shape[1:]))
        return points, "mean of two constants, the smallest and the largest value of the probe"
    rows = _rows(inputs if background is None else background, inputs, ids)
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
    if rows.dtype == tf.string and inputs.dtype != tf.string:
        raise ValueError(f"background must be numbers, as the inputs ({inputs.dtype.name}) are; got strings")
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
    if not ids or array.ndim > 0 or array.dtype.kind in "iu":  # one real number is a value of the embedding
        _check_held(array, inputs, ids)
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
