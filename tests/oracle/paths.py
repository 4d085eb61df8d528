"""Methods on paths of their own as they are defined: an eager tape in float64."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from scipy import ndimage

from tb_attribution_plugin.segments import felzenszwalb
from tests.oracle import definitions
from tests.zoo.specimen import Specimen, Structure

POINTS = 12
# On 8 x 8 pixels more blur leaves patches so even that rounding decides which of them a maximum takes.
MOST_BLUR = 3.0
DISTANCE = 0.1
FIELDS: dict[str, dict[str, Any]] = {
    "BlurIG": {"steps": POINTS, "max_sigma": MOST_BLUR},
    "GuidedIG": {"steps": POINTS, "max_distance": DISTANCE},
}


def blur_ig(specimen: Specimen, model: keras.Model) -> Structure:
    """The gradient at the middle of each chord between blurred images, times the chord, towards the sharp image."""
    inputs = tf.nest.map_structure(tf.constant, specimen.inputs())
    images = specimen.features(model, inputs)
    blurs = tf.nest.map_structure(_blurred, images)
    middles = tf.nest.map_structure(lambda b: definitions.merged((b[:-1] + b[1:]) / 2), blurs)
    gradients = definitions.gradient(specimen, model, definitions.copied(inputs, POINTS), middles, POINTS)
    total = tf.nest.map_structure(
        lambda g, b: tf.reduce_sum(tf.reshape(g, b[1:].shape) * (b[:-1] - b[1:]), 0), gradients, blurs
    )
    return definitions.onto_inputs(total, inputs)


def _blurred(image: tf.Tensor) -> tf.Tensor:
    """[POINTS + 1, B, H, W, C], the sharp one first."""
    sigmas = [MOST_BLUR * (k / POINTS) ** 2 for k in range(POINTS + 1)]
    return tf.stack([ndimage.gaussian_filter(image.numpy(), (0, s, s, 0), mode="constant") for s in sigmas])


def guided_ig(specimen: Specimen, model: keras.Model) -> Structure:
    """Mean gradients of the ends of each step times the step, averaged over the default baselines."""
    inputs = tf.nest.map_structure(tf.constant, specimen.inputs())
    shapes = specimen.features(model, inputs)
    starts = [_vectors(specimen.features(model, one)) for one in definitions.baselines(inputs)]
    paths, start = len(starts), np.concatenate(starts)
    change = np.tile(_vectors(shapes), (paths, 1)) - start
    repeated = definitions.copied(inputs, paths)

    def gradients_at(places: np.ndarray) -> np.ndarray:
        at = _shaped(start + places * change, shapes)
        return _vectors(definitions.gradient(specimen, model, repeated, at, paths))

    total, places = np.zeros_like(start), np.zeros_like(start)
    gradients = gradients_at(places)
    for k in range(POINTS):
        later = np.stack([_moved(*one, k + 1) for one in zip(places, np.abs(change), gradients, strict=True)])
        following = gradients_at(later)
        total += (gradients + following) / 2 * (later - places) * change
        places, gradients = later, following
    mean = total.reshape(paths, -1, total.shape[1]).mean(0)
    return definitions.onto_inputs(_shaped(mean, shapes), inputs)


def _moved(places: np.ndarray, sizes: np.ndarray, gradients: np.ndarray, step: int) -> np.ndarray:
    """Where on its way each feature is, after quarters of all features moved until the step's distance is covered."""
    lowest, highest = max(step / POINTS - DISTANCE, 0), min(step / POINTS + DISTANCE, 1)
    places, keys = np.maximum(places, lowest), np.abs(gradients)
    while True:
        needed = (sizes * (1 - places)).sum() - (1 - step / POINTS) * sizes.sum()
        keys = np.where((places < highest) & (sizes > 0), keys, np.inf)
        chosen = (keys <= np.quantile(keys, 0.25, method="lower")) & (keys < np.inf)
        room = (sizes * (highest - places))[chosen].sum()
        if room >= needed or not chosen.any():
            return np.where(chosen, places + (highest - places) * max(needed, 0) / max(room, 1e-300), places)
        places = np.where(chosen, highest, places)


def _vectors(features: Structure) -> np.ndarray:
    """[rows, N], all inputs together."""
    return np.concatenate([np.reshape(one, (one.shape[0], -1)) for one in tf.nest.flatten(features)], 1)


def _shaped(vectors: np.ndarray, like: Structure) -> Structure:
    flat = tf.nest.flatten(like)
    parts = np.split(vectors, np.cumsum([np.prod(one.shape[1:]) for one in flat])[:-1].astype(int), 1)
    shaped = [tf.constant(p.reshape(-1, *f.shape[1:])) for p, f in zip(parts, flat, strict=True)]
    return tf.nest.pack_sequence_as(like, shaped)


def xrai(specimen: Specimen, model: keras.Model) -> Structure:
    """Integrated Gradients, averaged over regions of Felzenszwalb's segments."""
    scores, images = definitions.integrated_gradients(specimen, model), specimen.inputs()

    def regions(maps: np.ndarray, pictures: np.ndarray) -> np.ndarray:
        masks = map(felzenszwalb.masks, pictures)
        each = [ranked(one.sum(-1), of_one) for one, of_one in zip(maps, masks, strict=True)]
        return np.repeat(np.stack(each)[..., None] / maps.shape[-1], maps.shape[-1], -1)

    return tf.nest.map_structure(regions, scores, images)


def ranked(pixels: np.ndarray, masks: np.ndarray, least: float = 0.001, from_whole: bool = False) -> np.ndarray:
    """Means [H, W] over what each mask adds; the mask that adds most in the mean comes next."""
    fewest, left = max(round(least * pixels.size), 1), [mask.astype(bool) for mask in masks]
    covered, found = np.zeros(pixels.shape, bool), np.zeros(pixels.shape)
    while left := [mask for mask in left if (mask & ~covered).sum() >= fewest]:
        means = [pixels[mask if from_whole else mask & ~covered].mean() for mask in left]
        new = left[int(np.argmax(means))] & ~covered
        found[new] = pixels[new].mean()
        covered |= new
    if not covered.all():
        found[~covered] = pixels[~covered].mean()
    return found


PATHS: dict[str, Callable[[Specimen, keras.Model], Structure]] = {
    "BlurIG": blur_ig,
    "GuidedIG": guided_ig,
    "XRAI": xrai,
}
