"""Reads a traced graph: what a tensor was made from, and the logits behind probabilities."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from tb_attribution_plugin.methods.dataflow import SHAPES, ancestors, descendants

# Smaller numbers are flushed to 0.
_TINY = float(np.finfo(np.float32).tiny)
# Ops that hand a tensor on unchanged, up to its dtype.
_COPIES = {"Identity", "Cast", "StopGradient", "EnsureShape", "PreventGradient"}
_RESHAPES = {"Reshape", "Squeeze", "ExpandDims"}
_LINEAR = {"BiasAdd", "MatMul", "BatchMatMulV2", "AddV2", "Add", "Einsum", "Conv2D"}
_CALLS = {"PartitionedCall", "StatefulPartitionedCall"}
_NORMALISERS = {"Softmax": "softmax", "LogSoftmax": "log_softmax", "Sigmoid": "sigmoid"}
_PRODUCTS = {"MatMul", "BatchMatMul", "BatchMatMulV2", "BatchMatMulV3", "Einsum"}
_SLICES = {"StridedSlice", "Slice", "GatherV2", "Unpack"}
_LOOKUPS = {"OneHot", "Bincount", "DenseBincount", "LookupTableFindV2"}


def look_through(output: tf.Tensor) -> tuple[tf.Tensor, str | None]:
    """The logits behind an output, in its shape, and the "softmax" or "sigmoid" that was looked through.

    Works on the traced ops, so that it does not matter which kind of model or layer applied it.
    """
    tensor, kind = _normalised(output)
    if kind is None:
        return output, None
    if kind == "log_softmax":
        return output, "softmax"  # log p are logits, up to a shift
    if tensor is None:
        return logits_of(output, kind), kind
    return (tensor if tensor.shape.as_list() == output.shape.as_list() else tf.reshape(tensor, output.shape)), kind


def is_linear(output: tf.Tensor) -> bool:
    """True where the last op cannot have made probabilities."""
    return source(output).op.type in _LINEAR


def logits_of(probabilities: tf.Tensor, kind: str) -> tf.Tensor:
    """Logits from probabilities, where the tensor before the normaliser cannot be reached; they end at about 88."""
    p = tf.maximum(tf.cast(probabilities, tf.float32), _TINY)
    if kind == "softmax":
        return tf.math.log(p)  # up to a shift, which no margin sees
    return tf.math.log(p) - tf.math.log(tf.maximum(1 - p, _TINY))


def _normalised(output: tf.Tensor) -> tuple[tf.Tensor | None, str | None]:
    """What is normalised and how; the tensor is None where it lies inside a nested function."""
    tensor, size = output, output.shape.num_elements()
    while tensor.op.type in _COPIES | _RESHAPES or (
        tensor.op.type == "StridedSlice" and tensor.op.inputs[0].shape.num_elements() == size is not None
    ):
        tensor = tensor.op.inputs[0]
    if tensor.op.type in _CALLS:
        inner = tensor.graph._get_function(tensor.op.get_attr("f").name).graph
        return None, _normalised(inner.outputs[tensor.value_index])[1]
    kind = _NORMALISERS.get(tensor.op.type)
    same = tensor.shape.rank == output.shape.rank and tensor.shape[-1] == output.shape[-1]
    if kind is None or (kind != "sigmoid" and not same):  # one softmax for each of several groups of columns
        return None, None
    return tensor.op.inputs[0], kind


def source(tensor: tf.Tensor) -> tf.Tensor:
    """What a tensor is a copy or cast of."""
    while tensor.op.type in _COPIES:
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
