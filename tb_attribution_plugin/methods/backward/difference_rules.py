"""How single operations divide a difference among their inputs (`differences.py`)."""

from __future__ import annotations

from collections.abc import Callable

import tensorflow as tf

from tb_attribution_plugin.methods.backward.carried import Given, Rule
from tb_attribution_plugin.methods.backward.operations import again, gradient
from tb_attribution_plugin.methods.backward.recorded import Node
from tb_attribution_plugin.methods.backward.refusals import OF_TWO, NoRule
from tb_attribution_plugin.methods.network import or_zeros

# Differences below are quotients of rounding errors: the gradient half way, off by about their square, is nearer.
_NEAR = 2.0**-10


def normalized(node: Node, given: Given) -> Given:
    if sum(node.live) > 1:
        raise NoRule("normalizes by what depends on the inputs", "write it with tf.nn.moments")
    return gradient(node.op, given)


def half_way(node: Node, given: Given) -> Given:
    """The gradient half way, which is exact where the second derivative is constant."""
    return gradient(_middle(node), given)


def product(node: Node, given: Given) -> Given:
    return half_way(node, given) if sum(node.live) > 1 else gradient(node.op, given)


def quotient(node: Node, given: Given) -> Given:
    """As the product of the first and the reciprocal of the second."""
    if not node.live[1]:
        return gradient(node.op, given)
    (above, below), (above0, below0) = node.op.inputs, node.reference.inputs
    per = tf.math.reciprocal_no_nan(below), tf.math.reciprocal_no_nan(below0)
    slope = -0.5 * (above + above0) * per[0] * per[1]
    (out,) = given
    return [_like(out * 0.5 * (per[0] + per[1]), above), _like(out * slope, below)]


def _rescaled(near: Callable[[tf.Tensor, tf.Tensor], tf.Tensor]) -> Rule:
    """D output / D input.

    Args:
      near: of the difference and the middle, where the gradient stands in.
    """

    def rule(node: Node, given: Given) -> Given:
        if sum(node.live) > 1:
            raise NoRule(*OF_TWO)
        place = node.live.index(True)
        middle = _middle(node)
        difference = _moved(node.op.inputs[place], node.reference.inputs[place])
        is_near = near(difference, middle.inputs[place])
        slope = or_zeros(gradient(middle, given)[place], difference)
        slope = tf.where(tf.math.is_finite(slope), slope, tf.zeros_like(slope))
        quotient = _change(node) / tf.where(is_near, tf.ones_like(difference), difference)
        found: Given = [None] * len(node.op.inputs)
        # What nobody chose may be no number.
        whole = _like(tf.math.multiply_no_nan(quotient, given[0]), node.op.inputs[place])
        found[place] = tf.where(is_near, slope, whole)
        return found

    return rule


def cornered(node: Node, given: Given) -> Given:
    """D output / D input, of pieces that are straight, so that both are found without loss and there is no middle.

    As few passes over memory as there can be: in convolutional networks these are what is not the network itself.
    """
    if sum(node.live) > 1:
        raise NoRule(*OF_TWO)
    place = node.live.index(True)
    tensor, tensor0 = node.op.inputs[place], node.reference.inputs[place]
    quotient = tf.math.divide_no_nan(node.op.outputs[0] - node.reference.outputs[0], tensor - tensor0)
    slope = or_zeros(gradient(node.op, given)[place], tensor)
    found: Given = [None] * len(node.op.inputs)
    # What nobody chose may be no number. Infinity has not moved either.
    whole = _like(tf.math.multiply_no_nan(quotient, given[0]), tensor)
    found[place] = tf.where(tensor == tensor0, slope, whole)
    return found


bent = _rescaled(lambda difference, middle: tf.abs(difference) <= _NEAR)
scaled = _rescaled(lambda difference, middle: tf.abs(difference) <= _NEAR * tf.abs(middle))


def of_difference(node: Node, given: Given) -> Given:
    """What depends on which of two numbers is larger: D output / D (first - second)."""
    (first, second), (first0, second0) = node.op.inputs, node.reference.inputs
    ratio = given[0] * tf.math.divide_no_nan(_change(node), _moved(first - second, first0 - second0))
    return [_like(ratio, first), _like(-ratio, second)]


def larger(node: Node, given: Given) -> Given:
    """max(a, b) = (a + b + |a - b|) / 2, and min with the other sign."""
    (first, second), (first0, second0) = node.op.inputs, node.reference.inputs
    apart, apart0 = first - second, first0 - second0
    moved = _moved(apart, apart0)
    slope = tf.where(moved == 0, tf.sign(apart), tf.math.divide_no_nan(tf.abs(apart) - tf.abs(apart0), moved))
    slope = slope if node.op.type == "Maximum" else -slope
    return [_like(0.5 * given[0] * (1 + slope), first), _like(0.5 * given[0] * (1 - slope), second)]


def chosen(node: Node, given: Given) -> Given:
    """where(c, a, b) = c a + (1 - c) b."""
    if not node.live[0]:
        return gradient(node.op, given)
    condition, first, second = node.op.inputs
    if node.op.type == "Select" and condition.shape.rank != first.shape.rank:
        raise NoRule("takes a condition by row", "choose with keras.ops.where")
    condition0, first0, second0 = node.reference.inputs
    (out,) = given
    share = 0.5 * (tf.cast(condition, out.dtype) + tf.cast(condition0, out.dtype))
    swapped = condition != condition0
    half, lost = _branch(swapped, tf.where(condition, first, first0), tf.where(condition, first0, first))
    half0, lost0 = _branch(swapped, tf.where(condition, second0, second), tf.where(condition, second, second0))
    moved = tf.where(swapped, half - half0, tf.zeros_like(half))  # what nobody chose may be no number
    found = [tf.where(lost, tf.zeros_like(out), out * share), tf.where(lost0, tf.zeros_like(out), out * (1 - share))]
    return [_like(out * moved, condition), _like(found[0], first), _like(found[1], second)]


def _branch(swapped: tf.Tensor, live: tf.Tensor, dead: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Half way between a branch where it is chosen and where it is not, and where it is no number there.

    Such a branch, as that of where(x > 0, log(x), 0), counts as constant: the condition takes the whole difference.
    """
    lost = swapped & ~tf.math.is_finite(dead)
    return tf.where(lost, live, 0.5 * (live + dead)), lost


def cast(node: Node, given: Given) -> Given:
    tensor, (out,) = node.op.inputs[0], given
    if not tensor.dtype.is_floating:
        return given  # a whole number, or a truth, 0 or 1
    if node.op.outputs[0].dtype.is_floating:
        return [tf.cast(out, tensor.dtype)]
    return [out * tf.math.divide_no_nan(_change(node), tensor - node.reference.inputs[0])]


def both(node: Node, given: Given) -> Given:
    """a and b = a b; a or b = a + b - a b."""
    first, second = (
        0.5 * (tf.cast(one, tf.float32) + tf.cast(other, tf.float32))
        for one, other in zip(node.op.inputs, node.reference.inputs, strict=True)
    )
    if node.op.type == "LogicalOr":
        first, second = 1 - first, 1 - second
    found = [given[0] * slope for slope in (second, first)]
    return [_like(one, tensor) for one, tensor in zip(found, node.op.inputs, strict=True)]


def tested(node: Node, given: Given) -> Given:
    """Whether it is a number at all: D output / D input."""
    moved = _moved(node.op.inputs[0], node.reference.inputs[0])
    return [given[0] * tf.math.divide_no_nan(_change(node), moved)]


def opposite(node: Node, given: Given) -> Given:
    return [-given[0]]


def extreme(node: Node, given: Given) -> Given:
    """The difference goes to where the more extreme of the two values stands."""
    output, output0 = node.op.outputs[0], node.reference.outputs[0]
    more = output < output0 if node.op.type == "Min" else output > output0
    share = given[0] * _moved(output, output0)
    here = gradient(node.op, [tf.where(more, share, tf.zeros_like(share))])[0]
    there = gradient(node.reference, [tf.where(more, tf.zeros_like(share), share)])[0]
    difference = _moved(node.op.inputs[0], node.reference.inputs[0])
    rest: Given = [None] * (len(node.op.inputs) - 1)
    return [tf.math.divide_no_nan(here + there, difference), *rest]


def softmax(node: Node, given: Given) -> Given:
    means = _mean_probabilities(node.op.inputs[0], node.reference.inputs[0])
    (out,) = given
    return [means * (out - tf.reduce_sum(means * out, -1, True) / tf.reduce_sum(means, -1, True))]


def log_softmax(node: Node, given: Given) -> Given:
    means = _mean_probabilities(node.op.inputs[0], node.reference.inputs[0])
    (out,) = given
    return [out - means / tf.reduce_sum(means, -1, True) * tf.reduce_sum(out, -1, True)]


def _mean_probabilities(logits: tf.Tensor, logits0: tf.Tensor) -> tf.Tensor:
    """The logarithmic means (p - p0) / (log p - log p0), without the loss of digits where both are alike or tiny."""
    logs, logs0 = tf.nn.log_softmax(logits), tf.nn.log_softmax(logits0)
    apart = tf.abs(_moved(logs, logs0))
    near = apart < _NEAR
    below = tf.where(near, 1 - apart / 2, -tf.math.expm1(-apart) / tf.where(near, tf.ones_like(apart), apart))
    return tf.exp(tf.maximum(logs, logs0)) * below


def _middle(node: Node) -> tf.Operation:
    pairs = zip(node.op.inputs, node.reference.inputs, node.live, strict=True)
    return again(node.op, [0.5 * (one + other) if live else one for one, other, live in pairs])


def _change(node: Node) -> tf.Tensor:
    output, output0 = node.op.outputs[0], node.reference.outputs[0]
    if not output.dtype.is_floating:
        output, output0 = tf.cast(output, tf.float32), tf.cast(output0, tf.float32)
    return _moved(output, output0)


def _moved(one: tf.Tensor, other: tf.Tensor) -> tf.Tensor:
    """one - other, where infinity has not moved either."""
    return tf.where(one == other, tf.zeros_like(one), one - other)


def _like(found: tf.Tensor, tensor: tf.Tensor) -> tf.Tensor:
    """Sums over the axes along which `tensor` was repeated."""
    if found.shape.is_fully_defined() and found.shape == tensor.shape:
        return found
    axes, _ = tf.raw_ops.BroadcastGradientArgs(s0=tf.shape(tensor), s1=tf.shape(found))
    return tf.reshape(tf.reduce_sum(found, axes), tf.shape(tensor))
