"""Methods at a layer as they are defined: an eager tape in float64, with a hook on the layer."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from tests.oracle.definitions import STEPS, along, at_grid, baselines, copied, merged, value
from tests.zoo.specimen import Specimen, Structure

HandOn = Callable[[tf.Tensor], tf.Tensor]


def layer_gradient_x_activation(specimen: Specimen, model: keras.Model) -> Any:
    inputs = tf.nest.map_structure(tf.constant, specimen.inputs())
    output, gradient = _at(specimen, model, inputs, specimen.features(model, inputs))
    return _placed(specimen, model, output * gradient)


def layer_integrated_gradients(specimen: Specimen, model: keras.Model) -> Any:
    """(y - y0) * integral of grad f(y0 + a (y - y0)) by Gauss and Legendre, all else as it is at x."""
    inputs = tf.nest.map_structure(tf.constant, specimen.inputs())
    features = specimen.features(model, inputs)
    end, _ = _at(specimen, model, inputs, features)
    starts = [_at(specimen, model, inputs, specimen.features(model, one))[0] for one in baselines(inputs)]
    nodes, weights = np.polynomial.legendre.leggauss(STEPS)
    repeated = copied(inputs, STEPS), copied(features, STEPS)
    total = tf.zeros_like(end)
    for start in starts:
        path = merged(start + along((nodes + 1) / 2, end) * (end - start))
        _, gradients = _at(specimen, model, *repeated, lambda _, path=path: path, copies=STEPS)
        mean = tf.reduce_sum(along(weights / 2, end) * tf.reshape(gradients, (STEPS, *end.shape)), 0)
        total += (end - start) * mean / len(starts)
    return _placed(specimen, model, total)


def layer_conductance(specimen: Specimen, model: keras.Model) -> Any:
    """Changes of the layer along the path of the input, times the mean of the gradients at their two ends."""
    inputs = tf.nest.map_structure(tf.constant, specimen.inputs())
    ends = specimen.features(model, inputs)
    starts = [specimen.features(model, one) for one in baselines(inputs)]
    nodes, repeated = np.linspace(0, 1, STEPS + 1), copied(inputs, STEPS + 1)
    total = 0.0
    for start in starts:
        path = tf.nest.map_structure(lambda s, e: merged(s + along(nodes, e) * (e - s)), start, ends)
        points = _at(specimen, model, repeated, path, copies=len(nodes))
        y, g = (tf.reshape(one, (len(nodes), -1, *one.shape[1:])) for one in points)
        total += tf.reduce_sum((g[:-1] + g[1:]) / 2 * (y[1:] - y[:-1]), 0) / len(starts)
    return _placed(specimen, model, total)


def score_cam(specimen: Specimen, model: keras.Model) -> np.ndarray:
    """Channels, weighted by the softmax of what the model says of the input under each of them."""
    maps, _ = at_grid(specimen, model)
    inputs = tf.nest.map_structure(tf.constant, specimen.inputs())
    features = specimen.features(model, inputs)

    def under(feature: tf.Tensor, channel: np.ndarray) -> tf.Tensor:
        if feature.shape.rank != maps.ndim:
            return feature
        for axis, side in enumerate(feature.shape[1:-1], 1):
            cells = np.arange(channel.shape[axis])
            enlarged = functools.partial(np.interp, np.linspace(0, cells[-1], side), cells)
            channel = np.apply_along_axis(enlarged, axis, channel)
        axes = tuple(range(1, channel.ndim))
        low, high = channel.min(axes, keepdims=True), channel.max(axes, keepdims=True)
        return feature * np.where(high > low, (channel - low) / np.where(high > low, high - low, 1), 0)[..., None]

    scores = []
    for channel in np.moveaxis(maps, -1, 0):
        masked = tf.nest.map_structure(lambda feature, channel=channel: under(feature, channel), features)
        scores.append(value(specimen, specimen.forward(model, inputs, masked)).numpy())
    weights = np.exp(scores - np.max(scores, 0))
    weights /= weights.sum(0)
    return np.einsum("cb,b...c->b...", weights, maps)[..., None]


AT_LAYERS: dict[str, Callable[[Specimen, keras.Model], Structure]] = {
    "LayerConductance": layer_conductance,
    "LayerGradientXActivation": layer_gradient_x_activation,
    "LayerIntegratedGradients": layer_integrated_gradients,
    "ScoreCAM": score_cam,
}


def _at(
    specimen: Specimen,
    model: keras.Model,
    inputs: Structure,
    features: Structure,
    handed_on: HandOn = tf.identity,
    copies: int = 1,
) -> tuple[tf.Tensor, tf.Tensor]:
    """What the layer hands on, and the gradient of the explained scalar there."""
    with tf.GradientTape() as tape:
        kept: list[tf.Tensor] = []

        def keep(output: tf.Tensor) -> tf.Tensor:
            kept.append(handed_on(output))
            tape.watch(kept)
            return kept[0]

        if _embeds(specimen, model):
            outputs = specimen.forward(model, inputs, keep(features))
        else:
            with _around(*_layer(specimen, model), keep):
                outputs = specimen.forward(model, inputs, features)
        explained = value(specimen, outputs, copies)
    return kept[0], tape.gradient(explained, kept[0])


@contextlib.contextmanager
def _around(layer: keras.Layer, wanted: int, handed_on: HandOn) -> Iterator[None]:
    own, calls = layer.call, iter(range(100))

    def call(*args: Any, **kwargs: Any) -> Any:
        output = own(*args, **kwargs)
        return handed_on(output) if next(calls) == wanted else output

    layer.__dict__["call"] = call
    try:
        yield
    finally:
        del layer.__dict__["call"]


def _layer(specimen: Specimen, model: keras.Model) -> tuple[keras.Layer, int]:
    """The layer, and which call of it: "tower/conv:1"."""
    assert specimen.any_layer is not None
    path, _, call = specimen.any_layer.partition(":")
    found = model
    for name in path.split("/"):
        found = found.get_layer(name)
    return found, int(call or 0)


def _embeds(specimen: Specimen, model: keras.Model) -> bool:
    """Features are what an embedding gives: it is not called by the specimen's own forward pass."""
    return isinstance(_layer(specimen, model)[0], keras.layers.Embedding)


def _placed(specimen: Specimen, model: keras.Model, scores: tf.Tensor) -> np.ndarray:
    return (tf.reduce_sum(scores, -1) if _embeds(specimen, model) else scores).numpy()
