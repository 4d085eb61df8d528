"""What is computed from what in a traced graph, and where gradients end on the way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tensorflow as tf

# A tensor that only gives its shape does not depend on the values of its source.
SHAPES = {"Shape", "ShapeN", "Size", "Rank", "ZerosLike", "OnesLike"}


def descendants(tensors: list[tf.Tensor]) -> set[int]:
    """ids of all ops that the values of `tensors` reach, within their graph."""
    reached = {id(tensor.op) for tensor in tensors}
    for op in tensors[0].graph.get_operations():  # in the order of creation: inputs come first
        if op.type not in SHAPES and any(id(tensor.op) in reached for tensor in op.inputs):
            reached.add(id(op))
    return reached


def ancestors(tensors: list[tf.Tensor], stop_at: Callable[[tf.Operation], bool] = lambda op: False) -> set[int]:
    """ids of all ops whose values reach any of `tensors`, within one graph; what lies before a stop is left out."""
    seen: set[int] = set()
    stack: list[Any] = [tensor.op for tensor in tensors]
    while stack:
        op = stack.pop()
        if id(op) in seen:
            continue
        seen.add(id(op))
        if op.type not in SHAPES and not stop_at(op):
            stack.extend(tensor.op for tensor in op.inputs)
    return seen


def ends_of_gradients(start: list[tf.Tensor], end: tf.Tensor) -> list[tf.Operation]:
    """The ops between `start` and `end` that values pass and gradients do not, in the order in which they run."""
    reaching = ancestors([end])
    live = {id(tensor) for tensor in start}
    found = []
    for op in end.graph.get_operations():
        given = [tensor for tensor in op.inputs if id(tensor) in live]
        if not given or id(op) not in reaching or op.type in SHAPES:
            continue
        if any(gradient is not None for gradient in _gradients(op, given)):
            live |= {id(tensor) for tensor in op.outputs}
        else:
            found.append(op)
    return found


def _gradients(op: tf.Operation, given: list[tf.Tensor]) -> list[tf.Tensor | None]:
    floats = [tensor for tensor in op.outputs if tensor.dtype.is_floating]
    try:
        return tf.gradients(floats, given) if floats else []
    except Exception:  # nobody registered one, or it fails; this only words an error
        return []
