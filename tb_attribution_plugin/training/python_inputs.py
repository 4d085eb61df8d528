"""What a plain callable is given."""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf

from tb_attribution_plugin.methods.rows import Structure
from tb_attribution_plugin.training.python_outputs import Array

_WHOLE = 2**24  # float32 skips whole numbers above
_NOISE = 1e-12  # of values: less is no difference, but what float64 rounds
_KEPT = 1e-3  # of what values of a float64 column differ by, that float32 may round away


def check_kept(given: Structure, inputs: Structure) -> None:
    """Refuses float64 whose differences are lost in float32, as those of times in seconds are.

    Args:
      given: as the user gave them, NumPy.
      inputs: the same as tensors.

    Raises:
      ValueError: names a value and the fix.
    """
    for array, tensor in zip(tf.nest.flatten(given), tf.nest.flatten(inputs), strict=True):
        if array.dtype != np.float64:
            continue
        lost, size, spread = np.abs(array - tensor.numpy()).max(0), np.abs(array).max(0), np.ptp(array, 0)
        # A column of one value has no differences here, but may have some to the background.
        wrong = np.where(spread > _NOISE * size, lost > _KEPT * spread, (lost > 0) & (size > _WHOLE))
        if wrong.any():
            value = array[0][wrong][0]
            raise ValueError(
                f"inputs hold {float(value)!r}, and scores are of float32, which makes {np.float32(value):.17g} of it "
                "and loses what such values differ by; subtract an offset or scale them, and undo it in the callable, "
                "or pass float32 where that does not matter"
            )


def check_inputs(flat: list[tf.Tensor]) -> None:
    """Raises TypeError or ValueError where they are no numbers, or ones that float32 does not hold."""
    for tensor in flat:
        if tensor.dtype == tf.string:
            raise TypeError(
                "inputs hold strings, and what is switched and scored must be numbers; pass the numbers of words or "
                "categories, and let the callable look them up"
            )
        # Scores and what methods change are float32.
        if tensor.dtype.is_integer and np.abs(tensor.numpy().astype(np.float64)).max() > _WHOLE:
            raise ValueError(
                "inputs hold whole numbers above 16,777,216 (2^24), which float32 does not tell apart; scale them, or "
                "let the callable look them up by smaller ones"
            )


def of_dtype(feature: Array, dtype: np.dtype[Any]) -> Array:
    """A copy: the callable may change it."""
    array = feature.astype(dtype)
    if dtype.kind != "f" and not np.array_equal(array, feature):
        other = feature[array != feature][0]
        raise ValueError(
            f"the method asks for the model at {other:g}, which inputs of dtype {dtype} cannot hold; pass the inputs "
            "as floats, or choose a baseline that they hold"
        )
    return array
