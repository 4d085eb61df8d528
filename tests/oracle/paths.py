"""Methods on paths of their own as they are defined: an eager tape in float64."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import keras
import tensorflow as tf
from scipy import ndimage

from tests.oracle import definitions
from tests.zoo.specimen import Specimen, Structure

POINTS = 50
# On 8 x 8 pixels more blur leaves patches so even that rounding decides which of them a maximum takes.
MOST_BLUR = 3.0


def blur_ig(specimen: Specimen, model: keras.Model) -> Structure:
    """The gradient at the middle of each chord between blurred images, times the chord, towards the sharp image."""
    inputs = tf.nest.map_structure(tf.constant, specimen.inputs())
    images = specimen.features(model, inputs)
    blurs = [_blurred(images, MOST_BLUR * (k / POINTS) ** 2) for k in range(POINTS + 1)]
    total = tf.nest.map_structure(tf.zeros_like, images)
    for sharper, softer in itertools.pairwise(blurs):
        middle = tf.nest.map_structure(lambda a, b: (a + b) / 2, sharper, softer)
        gradients = definitions.gradient(specimen, model, inputs, middle)
        total = tf.nest.map_structure(lambda t, g, a, b: t + g * (a - b), total, gradients, sharper, softer)
    return definitions.onto_inputs(total, inputs)


def _blurred(images: Structure, sigma: float) -> Structure:
    return tf.nest.map_structure(
        lambda image: tf.constant(ndimage.gaussian_filter(image.numpy(), (0, sigma, sigma, 0), mode="constant")), images
    )


PATHS: dict[str, Callable[[Specimen, keras.Model], Structure]] = {"BlurIG": blur_ig}
