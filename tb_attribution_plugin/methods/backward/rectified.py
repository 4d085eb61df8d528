"""Gradients that rectifiers treat in ways of their own: guided backpropagation and deconvolution."""

from __future__ import annotations

import functools

import tensorflow as tf

from tb_attribution_plugin.methods.backward import kinds
from tb_attribution_plugin.methods.backward.carried import Given, Rule, Rules
from tb_attribution_plugin.methods.backward.operations import gradient
from tb_attribution_plugin.methods.backward.recorded import Node
from tb_attribution_plugin.methods.backward.shared_rules import by_gradient, copied

RECTIFIERS = frozenset({"Relu", "Relu6"})


def _stopped(node: Node, given: Given) -> Given:
    return [None] * len(node.op.inputs)


def _guided(node: Node, given: Given) -> Given:
    return gradient(node.op, [tf.nn.relu(given[0])])


def _deconvolved(node: Node, given: Given) -> Given:
    return [tf.nn.relu(given[0])]


def _written_out(node: Node) -> bool:
    """True for max(x, 0), a ReLU by another name."""
    if node.op.type != "Maximum" or sum(node.live) != 1:
        return False
    place = node.live.index(True)
    bound = tf.get_static_value(node.op.inputs[1 - place])
    return bound is not None and not bound.any() and node.op.inputs[place].shape == node.op.outputs[0].shape


def _by_relu(rectifier: Rule, node: Node, given: Given) -> Given:
    """What a ReLU hands back, to the one of two that depends on the features."""
    place = node.live.index(True)
    op = tf.nn.relu(node.op.inputs[place]).op
    (found,) = rectifier(node._replace(op=op, live=(True,)), given)
    return [found if live else None for live in node.live]


def _rules(title: str, rectifier: Rule) -> Rules:
    def special(nodes: list[Node]) -> dict[int, Rule]:
        by_relu = functools.partial(_by_relu, rectifier)
        return {id(node.op): by_relu for node in nodes if _written_out(node)}

    differentiable = (
        *(kinds.MOVES | kinds.SUMS | kinds.PRODUCTS | kinds.QUOTIENTS | kinds.CORNERED | kinds.BENT | kinds.SCALED),
        *(kinds.EXTREMES | {"Pow", "Square", "SquaredDifference", "Maximum", "Minimum", "ClipByValue"}),
        *("Select", "SelectV2", "Cast", "Softmax", "LogSoftmax", "FusedBatchNormV3"),
    )
    table = {
        **dict.fromkeys(differentiable, by_gradient),
        **dict.fromkeys(kinds.COPIES, copied),
        **dict.fromkeys((*(kinds.COMPARISONS | kinds.TESTS | kinds.LOGIC), "LogicalNot", "StopGradient"), _stopped),
        **dict.fromkeys(RECTIFIERS, rectifier),
    }
    return Rules(title, table, needs=RECTIFIERS, special=special, may_stop=True)


GUIDED = _rules("guided_backprop", _guided)
DECONVOLVED = _rules("deconvolution", _deconvolved)
