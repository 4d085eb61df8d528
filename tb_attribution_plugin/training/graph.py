"""Reads a traced graph: what a tensor was made from."""

from __future__ import annotations

import tensorflow as tf

from tb_attribution_plugin.methods.dataflow import SHAPES, ancestors, descendants

# Ops that hand a tensor on unchanged, up to its dtype.
COPIES = {"Identity", "Cast", "StopGradient", "EnsureShape", "PreventGradient"}
_PRODUCTS = {"MatMul", "BatchMatMul", "BatchMatMulV2", "BatchMatMulV3", "Einsum"}
_SLICES = {"StridedSlice", "Slice", "GatherV2", "Unpack"}
_LOOKUPS = {"OneHot", "Bincount", "DenseBincount", "LookupTableFindV2"}


def source(tensor: tf.Tensor) -> tf.Tensor:
    """What a tensor is a copy or cast of."""
    while tensor.op.type in COPIES:
        tensor = tensor.op.inputs[0]
    return tensor


def weighted(graph: tf.Graph) -> set[int]:
    """ids of all ops that a variable reaches."""
    readers = [op for op in graph.get_operations() if any(tensor.dtype == tf.resource for tensor in op.inputs)]
    return descendants([tensor for op in readers for tensor in op.outputs]) if readers else set()


def is_number(start: tf.Tensor, end: tf.Tensor) -> bool:
    """True where `end` is computed from the integers `start` as from numbers: cast once, and floats ever after."""
    reached: set[int] = set()
    for op in start.graph.get_operations():
        if not op.outputs or not op.outputs[0].dtype.is_floating:
            continue
        cast = op.type == "Cast" and source(op.inputs[0]) is start
        if cast or (op.type not in SHAPES and any(id(tensor.op) in reached for tensor in op.inputs)):
            reached.add(id(op))
    return id(end.op) in reached


def read_beside(ids: tf.Tensor, vectors: list[tf.Tensor], ends: list[tf.Tensor]) -> str:
    """Name of the first operation on a way of `ids` to `ends` that passes neither `vectors` nor a comparison; or "".

    Masks are comparisons: which steps are there is no part of what is explained.
    """
    if any(tensor.graph is not ids.graph for tensor in vectors):
        return ""  # in a function of its own, of which nothing is seen here
    stops = {id(tensor.op) for tensor in vectors}

    def stop(op: tf.Operation) -> bool:
        return id(op) in stops or any(tensor.dtype == tf.bool for tensor in op.outputs)

    reaching = ancestors(ends, stop)
    if id(ids.op) not in reaching:
        return ""
    embedding = ancestors(vectors)
    reached = {id(ids.op)}
    for op in ids.graph.get_operations():
        if op.type in SHAPES or stop(op) or not any(id(tensor.op) in reached for tensor in op.inputs):
            continue
        reached.add(id(op))
        if id(op) in reaching and id(op) not in embedding:
            return str(op.name)
    return ""


def is_lookup(start: tf.Tensor, end: tf.Tensor) -> bool:
    """True where `end` is a table's answer to `start`, or a one-hot or multi-hot encoding of it."""
    between = ancestors([end]) & descendants([start])
    return start.dtype == tf.string or any(
        id(op) in between and op.type in _LOOKUPS for op in start.graph.get_operations()
    )


def whole(outputs: list[tf.Tensor]) -> set[int]:
    """ids of all ops of which `outputs` read more than some tokens: no slice [B, tokens, width] lies in between."""
    return ancestors(outputs, stop_at=_takes_tokens)


def attended(reached: set[int], reaching: set[int], graph: tf.Graph) -> set[int]:
    """ids of all ops that the last attention reads: its queries and its keys are both made of them.

    Attention is a product of tokens by tokens, whatever the layer is called; weights are no such factor.

    Args:
      reached, reaching: ids of the ops that the inputs reach, and of those that reach the outputs.
    """
    for op in reversed(graph.get_operations()):
        factors = op.type in _PRODUCTS and op.outputs[0].shape.rank not in (None, 0, 1, 2) and id(op) in reaching
        if factors and len(op.inputs) == 2 and all(id(tensor.op) in reached for tensor in op.inputs):
            return ancestors([op.inputs[0]]) & ancestors([op.inputs[1]])
    return set()


def _takes_tokens(op: tf.Operation) -> bool:
    if op.type not in _SLICES or op.inputs[0].shape.rank != 3:
        return False
    return op.outputs[0].shape.rank != 3 or op.outputs[0].shape[1] != op.inputs[0].shape[1]
