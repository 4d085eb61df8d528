"""Images without their details."""

from __future__ import annotations

import math

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from tb_attribution_plugin.methods.rows import Structure


def blurred(images: tf.Tensor, sigma: float) -> tf.Tensor:
    """Gaussian blur of [B, H, W, C] over H and W; edges repeat by reflection. Truncated at 4 sigma."""
    images = tf.cast(images, tf.float32)
    for axis in (1, 2):
        radius = min(math.ceil(4 * sigma), images.shape[axis] - 1)
        offsets = np.arange(-radius, radius + 1)
        weights = np.exp(-0.5 * (offsets / sigma) ** 2)
        kernel = (weights / weights.sum()).astype(np.float32)
        paddings = [[0, 0]] * 4
        paddings[axis] = [radius, radius]
        channels = images.shape[3]
        shape = (-1, 1, 1, 1) if axis == 1 else (1, -1, 1, 1)
        filters = tf.tile(kernel.reshape(shape), (1, 1, channels, 1))
        padded = tf.pad(images, paddings, "SYMMETRIC" if radius < images.shape[axis] else "REFLECT")
        images = tf.nn.depthwise_conv2d(padded, filters, (1, 1, 1, 1), "VALID")
    return images


class Blurs:
    """Pairs of Gaussian blurs, zero beyond the edges. Truncated at 4 sigma, as scipy.ndimage does."""

    def __init__(self, sharper: NDArray[np.float64], softer: NDArray[np.float64], like: Structure) -> None:
        """Args:
        sharper, softer: sigmas [K], 0 changes nothing.
        like: images [B, H, W, C] of the shapes that will be blurred.
        """
        sides = {side for image in tf.nest.flatten(like) for side in image.shape[1:3]}
        # Differences are taken in float64, because two blurs may be almost one.
        self._bands = {side: _bands(sharper, side) for side in sides}
        self._changes = {side: self._bands[side] - _bands(softer, side) for side in sides}

    def __call__(self, images: Structure, which: tf.Tensor) -> tuple[Structure, Structure]:
        """The sharper ones of the pairs `which`, int32 [r], of images [r, H, W, C], and what they have more."""
        both = [self._blurred(image, which) for image in tf.nest.flatten(images)]
        sharper, more = (tf.nest.pack_sequence_as(images, one) for one in zip(*both, strict=True))
        return sharper, more

    def _blurred(self, image: tf.Tensor, which: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        (a, da), (b, db) = (self._matrices(side, which) for side in image.shape[1:3])
        rows, change = (tf.einsum("rih,rhwc->riwc", one, image) for one in (a, da))
        # a x b' - (a - da) x (b - db)' = da x b' + (a - da) x db'
        more = tf.einsum("rjw,riwc->rijc", b, change) + tf.einsum("rjw,riwc->rijc", db, rows - change)
        return tf.einsum("rjw,riwc->rijc", b, rows), more

    def _matrices(self, side: int, which: tf.Tensor) -> list[tf.Tensor]:
        """[r, side, side] each; made of their bands here, because all of them may be large."""
        distance = np.abs(np.arange(side)[:, None] - np.arange(side))
        bands = (tf.constant(one[side], tf.float32) for one in (self._bands, self._changes))
        return [tf.gather(tf.gather(one, which), distance, axis=1) for one in bands]


def _bands(sigmas: NDArray[np.float64], side: int) -> NDArray[np.float64]:
    """[K, side], a kernel's weight by distance."""
    found = np.zeros((len(sigmas), side))
    for band, sigma in zip(found, sigmas, strict=True):
        weights = np.exp(-0.5 * (np.arange(int(4 * sigma + 0.5) + 1) / max(sigma, 1e-9)) ** 2)
        count = min(side, len(weights))
        band[:count] = weights[:count] / (2 * weights.sum() - weights[0])
    return found
