"""A stream of normal numbers that can be entered anywhere."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from tb_attribution_plugin.methods import noise

SHAPE = tf.constant([3, 5])


def numbers(first: int = 0, count: int = 2000, seed: int = 0, stream: int = 0) -> np.ndarray:
    return noise.normals(tf.constant(first), tf.constant(count), SHAPE, seed, stream).numpy()


def test_a_sample_does_not_depend_on_where_the_chunk_begins() -> None:
    np.testing.assert_array_equal(numbers()[700:710], numbers(first=700, count=10))


def test_they_are_normal() -> None:
    ordered = np.sort(numbers().ravel())
    # Kolmogorov and Smirnov: the largest distance of 30,000 numbers is above 2 / sqrt(30000) once in 1,500 seeds.
    expected = (1 + tf.math.erf(ordered.astype(np.float64) / np.sqrt(2)).numpy()) / 2
    assert np.abs(np.arange(1, len(ordered) + 1) / len(ordered) - expected).max() < 2 / np.sqrt(len(ordered))


def test_samples_seeds_and_streams_are_independent() -> None:
    drawn = [numbers(), numbers(seed=1), numbers(stream=1), np.roll(numbers(), 1, 0), np.roll(numbers(), 1, 2)]
    correlations = np.corrcoef([one.ravel() for one in drawn]) - np.eye(5)
    assert np.abs(correlations).max() < 5 / np.sqrt(drawn[0].size)


def test_the_global_seed_does_not_matter() -> None:
    tf.random.set_seed(1)
    first = numbers()
    tf.random.set_seed(2)
    np.testing.assert_array_equal(first, numbers())
