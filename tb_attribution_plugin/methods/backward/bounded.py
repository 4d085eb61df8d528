"""Values that stand for "masked" before a softmax, as numbers with which differences can be reckoned in float32.

A mask of -3e38 or minus infinity beside one that is open makes a difference of about as much, and the softmax's
multiplier for it is too small for float32: their product, which is a probability, would be lost. Beside a logit
-1e15 is nothing either.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import tensorflow as tf

_MOST = 1e15
_MASKING = frozenset({"Add", "AddV2", "Mul", "Select", "SelectV2"})


def bounded(ops: Iterable[tf.Operation]) -> dict[int, tf.Tensor]:
    """By id of a constant that masks, what stands for it; {} where there is no softmax."""
    ops = list(ops)
    if not any(op.type in ("Softmax", "LogSoftmax") for op in ops):
        return {}
    given = {id(tensor): tensor for op in ops if op.type in _MASKING for tensor in op.inputs}
    found = {}
    for place, tensor in given.items():
        value = tf.get_static_value(tensor) if tensor.dtype.is_floating else None
        if value is not None and np.any(np.abs(value) > _MOST):
            found[place] = tf.constant(np.clip(value, -_MOST, _MOST), tensor.dtype)
    return found
