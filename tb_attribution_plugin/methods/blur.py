"""Images without their details."""

from __future__ import annotations

import math

import numpy as np
import tensorflow as tf


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
