"""Shares of relevance at single operations: in proportion to what each input adds, or evenly."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from tb_attribution_plugin.methods.backward import kinds
from tb_attribution_plugin.methods.backward.carried import Given
from tb_attribution_plugin.methods.backward.operations import again, gradient
from tb_attribution_plugin.methods.backward.recorded import Node
from tb_attribution_plugin.methods.backward.refusals import OF_TWO, NoRule

# Keeps quotients finite where terms cancel (captum's).
SMALL = 1e-9


def per(relevance: tf.Tensor, total: tf.Tensor, epsilon: Any = SMALL) -> tf.Tensor:
    """Relevance per unit of what it is shared by, R / (z + epsilon sign(z))."""
    epsilon = tf.cast(epsilon, total.dtype)
    return tf.math.divide_no_nan(relevance, total + tf.where(total < 0, -epsilon, epsilon))


def handed_on(node: Node, given: Given) -> Given:
    """Unchanged, to the one input that depends on the features."""
    if sum(node.live) != 1:
        raise NoRule(*OF_TWO)
    place = node.live.index(True)
    found: Given = [None] * len(node.live)
    dtype = node.op.inputs[place].dtype
    found[place] = tf.cast(given[0], dtype) if dtype.is_floating else given[0]
    return found


def by_place(node: Node, given: Given) -> Given:
    """From every output to the input that it is a copy of."""
    return given


def proportional(node: Node, given: Given) -> Given:
    """R_i = x_i dz / dx_i R / z; exact where z is linear, and else of its linear approximation."""
    found = gradient(
        node.op, [None if one is None else per(one, z) for one, z in zip(given, node.op.outputs, strict=True)]
    )
    return [
        tensor * one if live and one is not None else None
        for tensor, live, one in zip(node.op.inputs, node.live, found, strict=True)
    ]


def squared(node: Node, given: Given) -> Given:
    """(a - b)^2 as a product of two alike."""
    return [None if one is None else 0.5 * one for one in proportional(node, given)]


def divided(node: Node, given: Given) -> Given:
    """c / x is a function of x alone."""
    return handed_on(node, given) if node.live == (False, True) else proportional(node, given)


def halved(node: Node, given: Given) -> Given:
    """Factors take as much as each other: as each is linear alone, all of them would get the whole."""
    count = sum(node.live)
    return [None if one is None else one / count for one in proportional(node, given)]


def larger(node: Node, given: Given) -> Given:
    """To the larger of two; beside a constant it is a function of one number."""
    x = node.op.inputs[0 if node.live[0] else 1]
    if sum(node.live) == 1 and x.shape == node.op.outputs[0].shape:
        return from_zero(node, given)
    return gradient(node.op, given)


def from_zero(node: Node, given: Given) -> Given:
    """What a function gives at 0 takes its share, as a bias: R (g(x) - g(0)) / g(x)."""
    inputs = [tf.zeros_like(x) if live else x for x, live in zip(node.op.inputs, node.live, strict=True)]
    output, at_zero = node.op.outputs[0], again(node.op, inputs).outputs[0]
    # Relevance may arrive where g(x) is 0: "flat" is even over values that are 0 too.
    share = tf.where(at_zero == 0, tf.ones_like(output), tf.math.divide_no_nan(output - at_zero, output))
    return handed_on(node, [given[0] * share])


def even(node: Node, given: Given) -> Given:
    """Every value that is added takes as much as every other, whatever it is."""
    live = sum(node.live)
    (x,) = [tensor for tensor, is_live in zip(node.op.inputs, node.live, strict=True) if is_live][:1]
    if live == 1 and x.shape.rank == node.op.outputs[0].shape.rank and x.shape == node.op.outputs[0].shape:
        return handed_on(node, given)
    if node.op.type in ("Add", "AddN", "AddV2", "Sub"):
        found = gradient(node.op, [given[0] / live])
        return [found[0], -found[1]] if node.op.type == "Sub" else found
    return even_by_factors(node, given)


def even_by_factors(node: Node, given: Given) -> Given:
    """With fixed weights, in proportion to their sizes."""
    found: Given = [None] * len(node.live)
    for place in (place for place, live in enumerate(node.live) if live):
        sizes = [tf.abs(x) if node.op.type in kinds.PRODUCTS and x.dtype.is_floating else x for x in node.op.inputs]
        sizes[place] = tf.ones_like(sizes[place])
        op = again(node.op, sizes)
        found[place] = gradient(op, [per(given[0], op.outputs[0]) / sum(node.live)])[place]
    return found
