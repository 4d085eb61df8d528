"""TensorFlow's operations, made once more at other inputs, and their own gradients."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import tensorflow as tf

# The registered gradient of one operation, which nothing public gives: tf.gradients walks the whole graph at each call.
from tensorflow.python.framework.ops import get_gradient_function

CALLS = {"PartitionedCall", "StatefulPartitionedCall"}
BRANCHES = {"If", "StatelessIf"}
LOOPS = BRANCHES | {"While", "StatelessWhile", "Case", "StatelessCase", "MapDefun", "Switch", "Merge"}


def again(op: tf.Operation, inputs: Sequence[tf.Tensor]) -> tf.Operation:
    """The same operation at other inputs, in the graph that is being built."""
    attributes = {name: value for name, value in op.node_def.attr.items() if not name.startswith("_")}
    graph = tf.compat.v1.get_default_graph()
    return graph.create_op(op.type, list(inputs), [t.dtype for t in op.outputs], attrs=attributes, name=op.name)


def body(op: tf.Operation, attribute: str = "f") -> Any:
    """The graph of a function that an operation calls."""
    return op.graph._get_function(op.get_attr(attribute).name).graph


def gradient(op: tf.Operation, given: Sequence[tf.Tensor | None]) -> list[Any]:
    """The operation's own gradient at its inputs.

    Args:
      given: by output; None where nothing came back to it.

    Returns:
      By input; None where there is no gradient.
    """
    function = get_gradient_function(op)
    if function is None:
        return [None] * len(op.inputs)
    filled = [tf.zeros_like(output) if one is None else one for output, one in zip(op.outputs, given, strict=True)]
    found = function(op, *filled)
    found = found if isinstance(found, list | tuple) else [found]
    return [None if one is None else tf.convert_to_tensor(one) for one in found]
