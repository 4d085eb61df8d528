"""Sampled methods as they are defined, with the random numbers that our own draw: an eager tape in float64."""

from __future__ import annotations

from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf

from tb_attribution_plugin.methods import noise
from tb_attribution_plugin.methods.expected_gradients import draws
from tests.oracle import definitions
from tests.zoo.specimen import Specimen, Structure

SAMPLES = 50


def smooth_grad(specimen: Specimen, model: keras.Model) -> Structure:
    """The mean gradient at x + 0.15 (max - min) e."""
    inputs = tf.nest.map_structure(tf.constant, specimen.inputs())
    features = specimen.features(model, inputs)
    near = [_noisy(feature, stream) for stream, feature in enumerate(tf.nest.flatten(features))]
    near = tf.nest.pack_sequence_as(features, near)
    gradients = definitions.gradient(specimen, model, definitions.copied(inputs, SAMPLES), near, SAMPLES)
    means = tf.nest.map_structure(lambda g: tf.reduce_mean(tf.reshape(g, (SAMPLES, -1, *g.shape[1:])), 0), gradients)
    return definitions.onto_inputs(means, inputs)


def _noisy(feature: tf.Tensor, stream: int) -> tf.Tensor:
    """[SAMPLES * B, ...], all examples with the same noise."""
    axes = tuple(range(1, feature.shape.rank))
    width = np.ptp(feature, axes, keepdims=True)
    drawn = tf.cast(noise.normals(0, SAMPLES, feature.shape[1:], 0, stream), tf.float64)
    return tf.reshape(feature + 0.15 * width * drawn[:, None], (-1, *feature.shape[1:]))


def expected_gradients(specimen: Specimen, model: keras.Model) -> Structure:
    """The mean of (x - x0) grad f(x0 + a (x - x0)) over rows x0 of the probe itself."""
    inputs = tf.nest.map_structure(tf.constant, specimen.inputs())
    features = specimen.features(model, inputs)
    rows, nodes = draws(SAMPLES, len(specimen.labels), 0)
    starts = tf.nest.map_structure(lambda t: tf.gather(t, rows)[:, None], features)
    at = tf.nest.map_structure(
        lambda t, s: definitions.merged(s + definitions.along(nodes, t) * (t - s)), features, starts
    )
    gradients = definitions.gradient(specimen, model, definitions.copied(inputs, SAMPLES), at, SAMPLES)
    means = tf.nest.map_structure(
        lambda g, t, s: tf.reduce_mean(tf.reshape(g, (SAMPLES, *t.shape)) * (t - s), 0), gradients, features, starts
    )
    return definitions.onto_inputs(means, inputs)


SAMPLED: dict[str, Callable[[Specimen, keras.Model], Structure]] = {
    "ExpectedGradients": expected_gradients,
    "SmoothGrad": smooth_grad,
}
