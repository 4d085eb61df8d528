"""Reads a traced graph: what a tensor was made from, and the logits behind probabilities."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

# Ops that hand a tensor on unchanged, up to dtype and shape.
_PASS = {"Identity", "Cast", "Reshape", "Squeeze", "ExpandDims", "StopGradient", "EnsureShape", "PreventGradient"}
_NORMALISERS = {"Softmax": "softmax", "LogSoftmax": "softmax", "Sigmoid": "sigmoid"}
# A tensor that only gives its shape does not depend on the values of its source.
_SHAPES = {"Shape", "ShapeN", "Size", "Rank", "ZerosLike", "OnesLike"}


def look_through(output: tf.Tensor) -> tuple[tf.Tensor, str | None]:
    """The logits behind an output, and the "softmax" or "sigmoid" that was looked through.

    Works on the traced ops, so that it does not matter which kind of model or layer applied it.
    """
    if not hasattr(output, "op") or tf.executing_eagerly():
        logits = getattr(output, "_keras_logits", None)  # Keras leaves it on eager tensors
        if logits is None:
            return output, None
        return logits, "sigmoid" if _is_sigmoid(output, logits) else "softmax"
    tensor = source(output)
    kind = _NORMALISERS.get(tensor.op.type)
    if kind is None or tensor.op.inputs[0].shape.rank != output.shape.rank:
        return output, None
    return tensor.op.inputs[0], kind


def _is_sigmoid(output: tf.Tensor, logits: tf.Tensor) -> bool:
    return bool(tf.reduce_all(tf.abs(tf.sigmoid(logits) - output) < 1e-6))


def source(tensor: tf.Tensor) -> tf.Tensor:
    """What a tensor is a cast, copy or reshape of."""
    while tensor.op.type in _PASS:
        tensor = tensor.op.inputs[0]
    return tensor


def descendants(tensors: list[tf.Tensor]) -> set[int]:
    """ids of all ops that the values of `tensors` reach, within their graph."""
    reached = {id(tensor.op) for tensor in tensors}
    for op in tensors[0].graph.get_operations():  # in the order of creation: inputs come first
        if op.type not in _SHAPES and any(id(tensor.op) in reached for tensor in op.inputs):
            reached.add(id(op))
    return reached


def ancestors(tensors: list[tf.Tensor]) -> set[int]:
    """ids of all ops whose values reach any of `tensors`, within one graph."""
    seen: set[int] = set()
    stack: list[Any] = [tensor.op for tensor in tensors]
    while stack:
        op = stack.pop()
        if id(op) in seen:
            continue
        seen.add(id(op))
        if op.type not in _SHAPES:
            stack.extend(tensor.op for tensor in op.inputs)
    return seen
