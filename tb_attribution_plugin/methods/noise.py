"""Noise that depends on a seed and the sample's number alone, not on chunks, steps of training or the device.

It is given as a fraction of the range of an example's own input, or as an array [samples, ...] in units of the input
(in the structure of the inputs).
"""

from __future__ import annotations

import math
import numbers
from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf

from tb_attribution_plugin.methods.arguments import check_seed
from tb_attribution_plugin.methods.rows import Structure

# Number of the first sample, how many, shape of each, seed and stream -> [count, *shape].
Numbers = Callable[[tf.Tensor, tf.Tensor, tf.Tensor, int, int], tf.Tensor]
# Numbers of one count of Philox.
_WIDTH = 4


def count(noise: Any) -> int:
    """Samples that an array of noise holds; 0 where it is a fraction."""
    return 0 if isinstance(noise, numbers.Real) else len(tf.nest.flatten(noise)[0])


def check(noise: Any, seed: Any) -> None:
    """Raises ValueError where one of them is not what it must be, whatever the inputs are."""
    check_seed(seed)
    rule = f"noise must be a number, at least 0, or an array [samples, ...]; got {noise!r}"
    if isinstance(noise, numbers.Real):
        if isinstance(noise, bool) or not 0 <= float(noise) < math.inf:
            raise ValueError(rule)
        return
    arrays = [np.asarray(array) for array in tf.nest.flatten(noise)]
    if not arrays or any(array.dtype.kind not in "fiu" or array.ndim < 2 for array in arrays):
        raise ValueError(rule)
    if any(len(array) != len(arrays[0]) or not len(array) for array in arrays):
        raise ValueError(f"noise must hold one number of samples, at least 1; it holds {[len(one) for one in arrays]}")
    if not all(np.isfinite(array).all() for array in arrays):
        raise ValueError("noise holds values that are not finite")


def check_fit(noise: Any, features: Structure) -> None:
    """Raises ValueError where an array of noise has another shape than the features."""
    if isinstance(noise, numbers.Real):
        return
    given = [np.shape(array)[1:] for array in tf.nest.flatten(noise)]
    needed = [feature.shape[1:] for feature in tf.nest.flatten(features)]
    if len(given) != len(needed) or not all(n.is_compatible_with(g) for n, g in zip(needed, given, strict=True)):
        raise ValueError(
            f"noise must have the shape of the inputs behind its first axis, {[tuple(one) for one in needed]}; "
            f"got {given}"
        )


def drawn(noise: Any, seed: int, features: Structure, example: tf.Tensor, sample: tf.Tensor) -> Structure:
    """The noise of each row, [r, ...] in units of the features; the same sample is the same for all examples.

    Args:
      example, sample: int32 [r]; samples ascend.
    """
    flat = tf.nest.flatten(features)
    if not isinstance(noise, numbers.Real):
        arrays = [tf.constant(np.asarray(array), tf.float32) for array in tf.nest.flatten(noise)]
        return tf.nest.pack_sequence_as(features, [tf.gather(array, sample) for array in arrays])
    found = []
    for stream, feature in enumerate(flat):
        axes = list(range(1, feature.shape.rank))
        width = tf.reduce_max(feature, axes, keepdims=True) - tf.reduce_min(feature, axes, keepdims=True)
        some = of_samples(normals, sample, tf.shape(feature)[1:], seed, stream)
        found.append(tf.gather(float(noise) * width, example) * some)
    return tf.nest.pack_sequence_as(features, found)


def normals(first: tf.Tensor, count: tf.Tensor, shape: tf.Tensor, seed: int, stream: int) -> tf.Tensor:
    """Samples `first` to `first + count - 1` of a stream of standard normal numbers, [count, *shape] float32.

    Philox (Salmon et al., 2011, doi:10.1145/2063384.2063405) makes a number from its place in the stream, so that a
    chunk can begin anywhere.

    Args:
      first, count, shape: int32.
      stream: streams of one seed have nothing in common.
    """
    return _samples(tf.raw_ops.StatelessRandomNormalV2, first, count, shape, seed, stream)


def uniforms(first: tf.Tensor, count: tf.Tensor, shape: tf.Tensor, seed: int, stream: int) -> tf.Tensor:
    """As `normals`, of uniform numbers in [0, 1)."""
    return _samples(tf.raw_ops.StatelessRandomUniformV2, first, count, shape, seed, stream)


def of_samples(numbers: Numbers, sample: tf.Tensor, shape: tf.Tensor, seed: int, stream: int) -> tf.Tensor:
    """Those of samples [r], int32, which ascend, of `normals` or `uniforms`: [r, *shape]."""
    first = sample[0]
    return tf.gather(numbers(first, sample[-1] - first + 1, shape, seed, stream), sample - first)


def _samples(
    draw: Callable[..., tf.Tensor], first: tf.Tensor, count: tf.Tensor, shape: tf.Tensor, seed: int, stream: int
) -> tf.Tensor:
    size = tf.reduce_prod(shape)
    counts = -(-size // _WIDTH)
    start = tf.cast(first, tf.int64) * tf.cast(counts, tf.int64)
    flat = draw(
        shape=tf.stack([count, counts * _WIDTH]),
        key=tf.constant([seed], tf.uint64),
        counter=tf.cast(tf.stack([start, stream]), tf.uint64),
        alg=tf.random.Algorithm.PHILOX.value,
    )
    return tf.reshape(flat[:, :size], tf.concat([[count], shape], 0))
