"""Rules that several tables have in common."""

from __future__ import annotations

from tb_attribution_plugin.methods.backward.carried import Given
from tb_attribution_plugin.methods.backward.operations import gradient
from tb_attribution_plugin.methods.backward.recorded import Node


def by_gradient(node: Node, given: Given) -> Given:
    """What the operation's own gradient hands back."""
    return gradient(node.op, given)


def copied(node: Node, given: Given) -> Given:
    """From every output to the input that it is a copy of, whatever gradient somebody gave the operation, or none."""
    return [*given, *[None] * (len(node.op.inputs) - len(given))]
