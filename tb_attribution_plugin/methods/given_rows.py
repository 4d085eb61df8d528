"""Rows of a background as somebody gives them, before TensorFlow casts them."""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf

from tb_attribution_plugin.methods.arguments import is_number


def parts_of(background: Any) -> list[Any]:
    """The rows of each input, flat; a list of numbers is one array, as it is in a probe.

    Raises:
      ValueError: they are no array of real numbers or strings, or not finite.
    """
    flat = tf.nest.flatten(background)
    parts = [rows_of(background)] if all(map(is_number, flat)) else list(map(rows_of, flat))
    for rows in parts:
        _check_finite(rows)
    return parts


def rows_of(given: Any) -> Any:
    """The same rows [K, ...] of one input, as an array or tensor. Missing values are no error yet: trees take them.

    Raises:
      ValueError: they are no array of real numbers or strings.
    """
    if isinstance(given, tf.Tensor) and tf.get_static_value(given) is None:
        return given  # of a graph: inputs themselves
    try:
        array = np.asarray(given)
    except Exception:  # whatever tensors of other kinds and rows of several lengths say
        array = np.array(given, object)
    strange = array.dtype.kind == "O" and not all(isinstance(one, str | bytes) for one in array.flat)
    if array.ndim == 0 or array.dtype.kind == "c" or strange:
        kind = type(given).__name__ + (f" of {array.dtype.name}" if array.ndim else "")
        raise ValueError(
            f"background must be an array [rows, ...] of real numbers or strings, one for each input; got {kind}. Of a "
            "dataset or generator take a fixed batch, as in next(iter(ds))[0]; pad ragged rows to one length; give "
            "real and imaginary parts as inputs of their own"
        )
    return given if isinstance(given, tf.Tensor) else array


def _check_finite(rows: Any) -> None:
    values = tf.get_static_value(rows) if isinstance(rows, tf.Tensor) else rows
    if values is None or values.dtype.kind != "f" or not values.size:
        return
    bad = np.flatnonzero(~np.isfinite(values.reshape(len(values), -1)).all(1))
    if bad.size:
        raise ValueError(f"background: {bad.size} of {len(values)} rows are not finite, first row {bad[0]}; drop them")
