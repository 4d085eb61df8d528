"""The logits behind probabilities, in a traced graph."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from tb_attribution_plugin.methods.backward.operations import CALLS, body
from tb_attribution_plugin.methods.backward.recorded import made_once_more
from tb_attribution_plugin.training.graph import COPIES, source

# Smaller numbers are flushed to 0.
_TINY = float(np.finfo(np.float32).tiny)
_RESHAPES = {"Reshape", "Squeeze", "ExpandDims"}
_LINEAR = {"BiasAdd", "MatMul", "BatchMatMulV2", "AddV2", "Add", "Einsum", "Conv2D"}
_NORMALISERS = {"Softmax": "softmax", "LogSoftmax": "log_softmax", "Sigmoid": "sigmoid"}


def look_through(output: tf.Tensor) -> tuple[tf.Tensor | None, str | None]:
    """The logits behind an output, in its shape, and the "softmax" or "sigmoid" that was looked through.

    Works on the traced ops, in functions that they call too, so that it does not matter which kind of model or layer
    applied it. The output itself and None where there is no such end; no logits where they lie in a function that
    cannot be made once more.
    """
    tensor, kind = _normalised(output)
    if kind is None:
        return output, None
    if kind == "log_softmax":
        tensor, kind = output if tensor is None else tensor, "softmax"  # log p are logits, up to a shift
    if tensor is None or tensor.shape.as_list() == output.shape.as_list():
        return tensor, kind
    return tf.reshape(tensor, output.shape), kind


def end_of(output: tf.Tensor) -> tf.Tensor:
    """The logits behind an output where they are seen; else the output."""
    found, _ = look_through(output)
    return output if found is None else found


def is_linear(output: tf.Tensor) -> bool:
    """True where the last op cannot have made probabilities."""
    return source(output).op.type in _LINEAR


def from_probabilities(probabilities: tf.Tensor, kind: str) -> tf.Tensor:
    """Logits from probabilities, where the tensor before the normaliser cannot be reached; they end at about 88."""
    p = tf.maximum(tf.cast(probabilities, tf.float32), _TINY)
    if kind == "softmax":
        return tf.math.log(p)  # up to a shift, which no margin sees
    return tf.math.log(p) - tf.math.log(tf.maximum(1 - p, _TINY))


def _normalised(output: tf.Tensor, calls: tuple[tf.Operation, ...] = ()) -> tuple[tf.Tensor | None, str | None]:
    """What is normalised and how; the tensor is None where it cannot be had.

    Args:
      calls: of the functions that the output is in, the outermost first.
    """
    tensor, size = output, output.shape.num_elements()
    while True:
        op = tensor.op
        if op.type == "IdentityN":  # also the end of a function with a gradient of its own
            tensor = op.inputs[tensor.value_index]
        elif op.type in COPIES | _RESHAPES or (
            op.type == "StridedSlice" and op.inputs[0].shape.num_elements() == size is not None
        ):
            tensor = op.inputs[0]
        else:
            break
    if op.type in CALLS:
        return _normalised(body(op).outputs[tensor.value_index], (*calls, op))
    kind = _NORMALISERS.get(op.type)
    same = tensor.shape.rank == output.shape.rank and tensor.shape[-1] == output.shape[-1]
    if kind is None or (kind != "sigmoid" and not same):  # one softmax for each of several groups of columns
        return None, None
    return made_once_more(op.inputs[0], calls) if calls else op.inputs[0], kind
