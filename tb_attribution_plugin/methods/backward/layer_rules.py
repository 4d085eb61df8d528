"""Relevance through one layer z_k = sum_j x_j w_jk + b_k, its normalization folded into w and b.

All rules are R_j = sum_k x_j w'_jk R_k / z'_k, with w' and z' of their own (Montavon et al., 2019,
doi:10.1007/978-3-030-28954-6_10); biases are part of z' and take their share.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from tb_attribution_plugin.methods.backward.layers import Layer
from tb_attribution_plugin.methods.backward.shares import per

# Relevance at a weighted sum, in its shape -> relevance at the layer's input.
LayerRule = Callable[[Layer, tf.Tensor], tf.Tensor]
# Bach et al., 2015, eq. 60: what speaks for the output is shared twice, what speaks against it once the other way.
_ALPHA = 2.0


def epsilon(size: float | None) -> LayerRule:
    """Args:
    size: None is a quarter of the root mean square of the row's own z, as Montavon et al. choose it.
    """

    def rule(layer: Layer, relevance: tf.Tensor) -> tf.Tensor:
        z = layer.result()
        added: Any = 0.25 * tf.sqrt(tf.reduce_mean(tf.square(z), -1, True)) if size is None else size
        return layer.input * layer.back(layer.weights, layer.slope() * per(relevance, z, added))

    return rule


def gamma(size: float, stabiliser: float) -> LayerRule:
    """w' = w + gamma max(w, 0)."""
    return _of_weights(1 + size, 1, stabiliser)


def z_plus(stabiliser: float) -> LayerRule:
    """w' = max(w, 0)."""
    return _of_weights(1, 0, stabiliser)


def flat(layer: Layer, relevance: tf.Tensor) -> tf.Tensor:
    """Every value that the layer sums gets as much as every other (Lapuschkin et al., 2019, arXiv:1902.10178)."""
    ones = tf.ones_like(layer.weights)
    count = layer.at(tf.ones_like(layer.input), ones).outputs[0]
    return layer.back(ones, relevance / count)


def signed_gamma(size: float, stabiliser: float) -> LayerRule:
    """Terms x w that have the sign of z count 1 + gamma times, so that z' is never nearer to 0 than z.

    Equal to `gamma` where x and z are positive, as in networks of ReLUs (Andeol et al., 2023).
    """

    def rule(layer: Layer, relevance: tf.Tensor) -> tf.Tensor:
        z, slope = layer.result(), layer.slope()
        for_it, against = _terms(layer, slope)
        up = z >= 0
        shared = per(relevance, z + size * tf.where(up, for_it, against), stabiliser)
        return _by_sign(layer, slope, _either(up, 1 + size, 1, z) * shared, _either(up, 1, 1 + size, z) * shared)

    return rule


def alpha_beta(stabiliser: float) -> LayerRule:
    """alpha of the positive terms' shares less beta of the negative ones', alpha - beta = 1."""

    def rule(layer: Layer, relevance: tf.Tensor) -> tf.Tensor:
        slope = layer.slope()
        for_it, against = _terms(layer, slope)
        bias = layer.result() - slope * layer.node.op.outputs[0]
        # The weight of an output that has no terms against it goes to those for it, and the other way round.
        for_it, against = for_it + tf.nn.relu(bias), against - tf.nn.relu(-bias)
        alpha = relevance * _either(against < 0, _ALPHA, 1, relevance)
        beta = relevance * _either(for_it > 0, _ALPHA - 1, -1, relevance)
        return _by_sign(layer, slope, per(alpha, for_it, stabiliser), -per(beta, against, stabiliser))

    return rule


def _of_weights(positive: float, negative: float, stabiliser: float) -> LayerRule:
    """w' = positive * w where w > 0, and negative * w elsewhere."""

    def rule(layer: Layer, relevance: tf.Tensor) -> tf.Tensor:
        w, slope = layer.weights, layer.slope()
        above, below = tf.nn.relu(w), -tf.nn.relu(-w)
        up = slope >= 0
        sums = [layer.at(layer.input, one).outputs[0] for one in (above, below)]
        bias = layer.result() - slope * (sums[0] + sums[1])
        factors = _either(up, positive, negative, w), _either(up, negative, positive, w)
        z = bias + slope * (factors[0] * sums[0] + factors[1] * sums[1])
        shared = slope * per(relevance, z, stabiliser)
        back = layer.back(above, factors[0] * shared) + layer.back(below, factors[1] * shared)
        return layer.input * back

    return rule


def _terms(layer: Layer, slope: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Sums of the positive and of the negative terms x w of every output."""
    (above, below), (up, down) = _halves(layer.weights), _halves(layer.input)
    alike = layer.at(up, above).outputs[0] + layer.at(down, below).outputs[0]
    unlike = layer.at(up, below).outputs[0] + layer.at(down, above).outputs[0]
    return slope * tf.where(slope >= 0, alike, unlike), slope * tf.where(slope >= 0, unlike, alike)


def _by_sign(layer: Layer, slope: tf.Tensor, for_it: tf.Tensor, against: tf.Tensor) -> tf.Tensor:
    """Positive and negative terms, each times a factor of its output; summed by input."""
    (above, below), (up, down) = _halves(layer.weights), _halves(layer.input)
    alike = slope * tf.where(slope >= 0, for_it, against)
    unlike = slope * tf.where(slope >= 0, against, for_it)
    of_up = layer.back(above, alike) + layer.back(below, unlike)
    of_down = layer.back(below, alike) + layer.back(above, unlike)
    return up * of_up + down * of_down


def _halves(tensor: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    return tf.nn.relu(tensor), -tf.nn.relu(-tensor)


def _either(condition: tf.Tensor, one: float, other: float, like: tf.Tensor) -> tf.Tensor:
    return tf.where(condition, tf.cast(one, like.dtype), tf.cast(other, like.dtype))
