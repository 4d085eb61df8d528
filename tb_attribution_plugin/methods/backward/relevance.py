"""Rules that conserve relevance through attention: what weighs is held constant, activations hand on y / x.

With c for what goes back, the relevance of a tensor x is x * c. Every rule keeps its sum, up to what constants and
biases have contributed (`factors.py` has which factors are held).
"""

from __future__ import annotations

import tensorflow as tf

from tb_attribution_plugin.methods.backward import kinds
from tb_attribution_plugin.methods.backward.attention import attention_weights
from tb_attribution_plugin.methods.backward.carried import Given, Rules
from tb_attribution_plugin.methods.backward.differences import DIFFERENCES
from tb_attribution_plugin.methods.backward.factors import divides, held
from tb_attribution_plugin.methods.backward.operations import again, gradient
from tb_attribution_plugin.methods.backward.recorded import Node
from tb_attribution_plugin.methods.backward.shared_rules import by_gradient, copied


def _shared(node: Node, given: Given) -> Given:
    """Half to each of two factors."""
    found = gradient(node.op, given)
    return found if sum(node.live) == 1 else [None if one is None else 0.5 * one for one in found]


def _divided(node: Node, given: Given) -> Given:
    """c / x is a function of x alone, and hands on y / x."""
    if node.live != (False, True):
        return gradient(node.op, given)
    return [None, tf.math.divide_no_nan(given[0] * node.op.outputs[0], node.op.inputs[1])]


def _halved(node: Node, given: Given) -> Given:
    """x^2 as the product of x and x."""
    return [0.5 * one for one in gradient(node.op, given)]


def _from_zero(node: Node, given: Given) -> Given:
    """(f(x) - f(0)) / x: f(0) is absorbed as a bias is; f(x) / x where it has no value at 0."""
    if divides(node.op) or node.op.type == "Log":
        rest: Given = [None] * (len(node.op.inputs) - 1)
        return [tf.math.divide_no_nan(given[0] * node.op.outputs[0], node.op.inputs[0]), *rest]
    zeros = [tf.zeros_like(one) if live else one for one, live in zip(node.op.inputs, node.live, strict=True)]
    compared = node._replace(reference=again(node.op, zeros))
    return DIFFERENCES.table[node.op.type](compared, given)


def _larger(node: Node, given: Given) -> Given:
    """To the larger of two; beside a constant it is a function of one number."""
    return _from_zero(node, given) if sum(node.live) == 1 else gradient(node.op, given)


def _cast(node: Node, given: Given) -> Given:
    tensor = node.op.inputs[0]
    return [tf.cast(given[0], tensor.dtype) if tensor.dtype.is_floating else None]


def _held(nodes: list[Node]) -> set[int]:
    attention_weights(nodes)  # refuses a model without any
    return held(nodes)


CONSERVING = Rules(
    "AttnLRP",
    {
        **dict.fromkeys(kinds.MOVES | kinds.SUMS | kinds.EXTREMES, by_gradient),
        **dict.fromkeys(kinds.QUOTIENTS, _divided),
        **dict.fromkeys(("FusedBatchNormV3", "Select", "SelectV2"), by_gradient),
        **dict.fromkeys(("Softmax", "LogSoftmax"), by_gradient),
        **dict.fromkeys(kinds.PRODUCTS, _shared),
        **dict.fromkeys(("Square", "SquaredDifference"), _halved),
        **dict.fromkeys(kinds.CORNERED | kinds.BENT | kinds.SCALED | {"ClipByValue", "Pow"}, _from_zero),
        **dict.fromkeys(("Maximum", "Minimum"), _larger),
        **dict.fromkeys(kinds.COPIES, copied),
        "Cast": _cast,
    },
    _held,
)
