"""Why an operation is not followed back, and what to do: one sentence for all methods.

Names of operations begin with the names of the layers that made them.
"""

from __future__ import annotations

import tensorflow as tf

from tb_attribution_plugin.methods.backward import kinds

_BRANCHES = frozenset({"Case", "StatelessCase", "Switch", "Merge"})
_LOOPS = frozenset({"While", "StatelessWhile", "MapDefun"})
# What loops keep their steps in.
_STEPS = ("TensorArray", "TensorList")
_ELSE = (
    "explain a part of the model behind it, or use a method of gradients (integrated_gradients) or of switched "
    "features (kernel_shap)"
)
OF_TWO = (
    "of two tensors that depend on the inputs has no rule",
    "write it in operations that have one, as a ** b by exp(b log(a)) and bounds by minimum and maximum",
)
_COUNTED = "explain a part of the model behind it, or use a method of switched features (kernel_shap)"


class NoRule(Exception):
    """Raised by a rule where it does not hold: what the operation does, and what to write instead."""

    def __init__(self, why: str, fix: str) -> None:
        super().__init__(why, f"{fix}, {_ELSE}")


def refused(op: tf.Operation, title: str, why: str, fix: str) -> str:
    """The method, the operation, its layer, why it is not followed, and what to do."""
    return f"{title}: operation {op.type} ({op.name}) {why}; {fix}"


def without_rule(op: tf.Operation) -> tuple[str, str]:
    """Why there is no rule for an operation that depends on the inputs, and what to do."""
    if op.type in _LOOPS or op.type.startswith(_STEPS):
        why = "is of a loop (tf.while_loop, tf.map_fn, tf.scan, a TensorArray), which is not followed back step by step"
        return why, f"unroll the loop: a Python for over its steps, and tf.stack of what they give; or {_ELSE}"
    if op.type in _BRANCHES:
        return "is control flow that depends on the inputs", f"write the branches with keras.ops.where, {_ELSE}"
    if op.type in kinds.INDEXED:
        return _INDEX
    if op.outputs[0].dtype.is_integer:
        why = "has no rule for whole numbers, of which there are no shares"
        return why, f"cast them to floats before it, {_COUNTED}"
    why = "has no rule for an input that depends on those of the model"
    return why, f"write it in operations of docs/methods.md, {_ELSE}"


def of_input(tensor: tf.Tensor) -> tuple[str, str]:
    """Why nothing goes back to an input of an operation that has a rule, and what to do."""
    if not tensor.dtype.is_floating:
        return _INDEX
    return f"has no rule for its input {tensor.name}", f"write it in operations of docs/methods.md, {_ELSE}"


_INDEX = (
    "takes or puts values at an index that depends on the inputs (as those of Discretization, argmax or cumsum do), "
    "and no share of the output belongs to an index",
    _COUNTED,
)
