"""Gradients that rectifiers treat in ways of their own: guided backpropagation and deconvolution."""

from __future__ import annotations

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


def _rules(title: str, rectifier: Rule) -> Rules:
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
    return Rules(title, table, needs=RECTIFIERS, may_stop=True)


GUIDED = _rules("guided_backprop", _guided)
DECONVOLVED = _rules("deconvolution", _deconvolved)
