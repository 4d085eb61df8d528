"""The methods as they are defined, written once more in the plainest way: an eager gradient tape in float64.

Nothing here goes through our seam. The margin is taken from the probabilities that a model returns: logits and log
probabilities differ by a shift, which no margin sees.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from tests.zoo.specimen import Specimen, Structure

STEPS = 16


def value(specimen: Specimen, outputs: Any, copies: int = 1) -> tf.Tensor:
    """The explained scalar of each row; rows are `copies` times the probe."""
    outputs = tf.cast(specimen.picked(outputs), tf.float64)
    labels = np.tile(specimen.labels, copies)
    if specimen.head == "function":
        return specimen.target(outputs)
    if specimen.head == "value":
        return outputs[:, 0]
    if specimen.head == "sigmoid":
        return (tf.math.log(outputs) - tf.math.log1p(-outputs))[:, 0] * (2 * labels - 1)
    logits = tf.math.log(outputs) if specimen.head == "softmax" else outputs
    own = tf.gather(logits, labels, batch_dims=1)
    return own - (tf.reduce_sum(logits, 1) - own) / (logits.shape[1] - 1)


def saliency(specimen: Specimen, model: keras.Model) -> Structure:
    """d f(x) / d x."""
    inputs = _tensors(specimen.inputs())
    return onto_inputs(gradient(specimen, model, inputs, specimen.features(model, inputs)), inputs)


def input_x_gradient(specimen: Specimen, model: keras.Model) -> Structure:
    """x * d f(x) / d x."""
    inputs = _tensors(specimen.inputs())
    features = specimen.features(model, inputs)
    gradients = gradient(specimen, model, inputs, features)
    return onto_inputs(tf.nest.map_structure(tf.multiply, features, gradients), inputs)


def integrated_gradients(specimen: Specimen, model: keras.Model) -> Structure:
    """(x - x0) * integral of grad f(x0 + a (x - x0)) by Gauss and Legendre, averaged over the default baselines."""
    inputs = _tensors(specimen.inputs())
    ends = specimen.features(model, inputs)
    starts = [specimen.features(model, one) for one in baselines(inputs)]
    nodes, weights = np.polynomial.legendre.leggauss(STEPS)
    nodes, weights = (nodes + 1) / 2, weights / 2
    repeated = copied(inputs, STEPS)
    total = tf.nest.map_structure(tf.zeros_like, ends)
    for start in starts:
        path = tf.nest.map_structure(lambda s, e: merged(s + along(nodes, e) * (e - s)), start, ends)
        found = gradient(specimen, model, repeated, path, STEPS)
        total = tf.nest.map_structure(
            lambda t, g, s, e: t + (e - s) * tf.reduce_sum(along(weights, e) * tf.reshape(g, (STEPS, *e.shape)), 0),
            total,
            found,
            start,
            ends,
        )
    return onto_inputs(tf.nest.map_structure(lambda t: t / len(starts), total), inputs)


def difference(specimen: Specimen, model: keras.Model, of_rows: bool) -> NDArray[np.float64]:
    """f(x) - f(x0), averaged over the default baselines, or over the probe's own rows, [B].

    What is no feature, as masks, stays that of x.
    """
    inputs = _tensors(specimen.inputs())
    ends = specimen.features(model, inputs)
    if of_rows:
        rows = range(len(specimen.labels))
        starts = [tf.nest.map_structure(lambda t, k=k: tf.broadcast_to(t[k], t.shape), ends) for k in rows]
    else:
        starts = [specimen.features(model, one) for one in baselines(inputs)]
    at, *others = (value(specimen, specimen.forward(model, inputs, one)).numpy() for one in (ends, *starts))
    return at - np.mean(others, 0)


def grad_cam(specimen: Specimen, model: keras.Model) -> Structure:
    """Channels of the layer, each weighted by its mean gradient over the grid."""
    a, g = at_grid(specimen, model)
    return (_total(g) / _total(np.ones_like(g)) * a).sum(-1, keepdims=True)


def grad_cam_plus_plus(specimen: Specimen, model: keras.Model) -> Structure:
    """Weights: positive gradients, each times g^2 / (2 g^2 + g^3 * sum of the channel)."""
    a, g = at_grid(specimen, model)
    with np.errstate(divide="ignore", invalid="ignore"):
        alpha = np.where(g > 0, g**2 / (2 * g**2 + g**3 * _total(a)), 0)
    return (_total(alpha * np.maximum(g, 0)) * a).sum(-1, keepdims=True)


def xgrad_cam(specimen: Specimen, model: keras.Model) -> Structure:
    """Weights: the gradient, averaged with the channel's own activations as weights."""
    a, g = at_grid(specimen, model)
    with np.errstate(divide="ignore", invalid="ignore"):
        weights = np.where(_total(a) == 0, 0, _total(a * g) / _total(a))
    return (weights * a).sum(-1, keepdims=True)


def layer_cam(specimen: Specimen, model: keras.Model) -> Structure:
    a, g = at_grid(specimen, model)
    return (np.maximum(g, 0) * a).sum(-1, keepdims=True)


def hires_cam(specimen: Specimen, model: keras.Model) -> Structure:
    a, g = at_grid(specimen, model)
    return (g * a).sum(-1, keepdims=True)


def eigen_cam(specimen: Specimen, model: keras.Model) -> Structure:
    """The layer's output along its first right singular vector; the map's sum is not negative."""
    a, _ = at_grid(specimen, model)
    cells = a.reshape(len(a), -1, a.shape[-1])
    first = np.linalg.svd(cells, full_matrices=False).Vh[:, 0]
    maps = np.einsum("bnc,bc->bn", cells, first)
    maps *= np.where(maps.sum(1, keepdims=True) < 0, -1, 1)
    return maps.reshape(*a.shape[:-1], 1)


@functools.cache
def at_grid(specimen: Specimen, model: keras.Model) -> tuple[np.ndarray, np.ndarray]:
    """The output of the layer whose grid is drawn, and the gradient of the explained scalar there.

    Once for all class activation maps: the weights of `model` must stay as they are.
    """
    inputs = _tensors(specimen.inputs())
    split = specimen.split or _of_graph(specimen.grid_layer)
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        grid, outputs = split(model, inputs)
        explained = value(specimen, outputs)
    return grid.numpy(), tape.gradient(explained, grid).numpy()


def _total(maps: np.ndarray) -> np.ndarray:
    """Sums over the grid."""
    return maps.sum(tuple(range(1, maps.ndim - 1)), keepdims=True)


# One line per method.
ORACLES: dict[str, Callable[[Specimen, keras.Model], Structure]] = {
    "EigenCAM": eigen_cam,
    "GradCAM": grad_cam,
    "GradCAMPlusPlus": grad_cam_plus_plus,
    "HiResCAM": hires_cam,
    "InputXGradient": input_x_gradient,
    "IntegratedGradients": integrated_gradients,
    "LayerCAM": layer_cam,
    "Saliency": saliency,
    "XGradCAM": xgrad_cam,
}


def gradient(specimen: Specimen, model: keras.Model, inputs: Any, features: Any, copies: int = 1) -> Structure:
    with tf.GradientTape() as tape:
        tape.watch(features)
        explained = value(specimen, specimen.forward(model, inputs, features), copies)
    return tape.gradient(explained, features)


def baselines(inputs: Structure) -> list[Structure]:
    """What "auto" means: two constants for images, id 0 and the empty string, the probe's rows for everything else.

    Inputs with fewer baselines than others go round.
    """
    each = [_baselines_of(tensor) for tensor in tf.nest.flatten(inputs)]
    count = math.lcm(*map(len, each))
    return [tf.nest.pack_sequence_as(inputs, [one[k % len(one)] for one in each]) for k in range(count)]


def _baselines_of(tensor: tf.Tensor) -> list[tf.Tensor]:
    if tensor.dtype == tf.string:
        return [tf.fill(tensor.shape, "")]
    if tensor.dtype == tf.int32:
        return [tf.zeros_like(tensor)]
    numbers = tf.cast(tensor, tf.float64)
    if tensor.shape.rank == 4:
        return [tf.fill(tensor.shape, end(numbers)) for end in (tf.reduce_min, tf.reduce_max)]
    return [tf.broadcast_to(row, tensor.shape) for row in numbers]


def _tensors(inputs: Structure) -> Structure:
    return tf.nest.map_structure(tf.constant, inputs)


def onto_inputs(scores: Structure, inputs: Structure) -> Structure:
    """Scores of a vector that stands for a category are summed."""
    return tf.nest.map_structure(
        lambda s, x: (tf.reduce_sum(s, -1) if s.shape.rank > x.shape.rank else s).numpy(), scores, inputs
    )


def copied(structure: Structure, copies: int) -> Structure:
    """[copies * B, ...], the whole batch again and again."""
    return tf.nest.map_structure(lambda t: tf.concat([t] * copies, 0), structure)


def merged(points: tf.Tensor) -> tf.Tensor:
    """[copies, B, ...] as one batch."""
    return tf.reshape(points, (-1, *points.shape[2:]))


def along(factors: np.ndarray, like: tf.Tensor) -> tf.Tensor:
    """[copies, 1, ...], to be multiplied with [B, ...]."""
    return tf.reshape(tf.constant(factors, tf.float64), (-1, *[1] * like.shape.rank))


def _of_graph(layer: str | None) -> Callable[[keras.Model, Structure], tuple[tf.Tensor, Any]]:
    def split(model: keras.Model, inputs: Structure) -> tuple[tf.Tensor, Any]:
        return keras.Model(model.inputs, [model.get_layer(layer).output, *model.outputs])(inputs, training=False)

    return split
