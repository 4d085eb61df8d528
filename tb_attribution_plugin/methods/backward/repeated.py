"""Rules of operations that a loop written out repeats, as of a recurrent layer: reckoned for all steps at once.

What such an operation makes of what comes back is a product with numbers that depend on its inputs alone. They are
computed from the inputs of all steps, stacked, so that a step adds a product to the graph, and not the whole rule.
"""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Hashable, Mapping

import tensorflow as tf

from tb_attribution_plugin.methods.backward.carried import Given, Rule
from tb_attribution_plugin.methods.backward.operations import again
from tb_attribution_plugin.methods.backward.recorded import Node

# Fewer may be the layers of a deep network, whose stacks would take memory for no time.
_FEWEST = 16


def at_once(nodes: list[Node], table: Mapping[str, Rule]) -> dict[int, Rule]:
    """By id of an operation, the rule that stands for the one of `table`.

    Args:
      table: rules that are a product of what comes back with what depends on the inputs alone, place by place.
    """
    alike: dict[Hashable, list[Node]] = defaultdict(list)
    for node in nodes:
        if node.op.type in table and _is_plain(node):
            alike[_kind(node.op)].append(node)
    found: dict[int, Rule] = {}
    for group in alike.values():
        if len(group) >= _FEWEST:
            factors = _factors(group, table[group[0].op.type])
            found |= {
                id(node.op): functools.partial(_times, own)
                for node, own in zip(group, zip(*factors, strict=True), strict=True)
            }
    return found


def _is_plain(node: Node) -> bool:
    """True where all inputs depend on the features and have the known shape of the output: a row of few numbers."""
    shapes = [tensor.shape for tensor in (*node.op.inputs, *node.op.outputs)]
    return all(node.live) and all(one.rank == 2 and one.is_fully_defined() and one == shapes[0] for one in shapes)


def _kind(op: tf.Operation) -> Hashable:
    attributes = {name: value.SerializeToString() for name, value in op.node_def.attr.items() if name[0] != "_"}
    return op.type, tuple(op.outputs[0].shape), tuple(sorted(attributes.items()))


def _factors(group: list[Node], rule: Rule) -> list[list[tf.Tensor]]:
    """By input of the operations, the factor of each."""
    first = group[0]
    stacked = [
        again(first.op, [tf.stack(tensors) for tensors in zip(*[op.inputs for op in ops], strict=True)])
        for ops in ([node.op for node in group], [node.reference for node in group])
    ]
    found = rule(Node(stacked[0], stacked[1], first.live), [tf.ones_like(stacked[0].outputs[0])])
    return [tf.unstack(one) for one in found]


def _times(factors: tuple[tf.Tensor, ...], node: Node, given: Given) -> Given:
    # What nobody chose may be no number.
    return [tf.math.multiply_no_nan(factor, given[0]) for factor in factors]
