"""What "feature absent" becomes; its effect on a method is tests/methods/test_integrated_gradients.py."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from tb_attribution_plugin.methods import baselines
from tests.methods import models


def resolve(spec: object, inputs: object, background: object = None) -> baselines.Points:
    return baselines.resolve(spec, tf.nest.map_structure(tf.constant, inputs), background)


def test_auto_for_images_is_two_constants_the_smallest_and_the_largest_value() -> None:
    images = models.images()
    points = resolve("auto", images)
    assert points.arrays.shape == (2, 1, 8, 8, 3)
    np.testing.assert_array_equal(points.arrays[0], np.full((1, 8, 8, 3), images.min()))
    np.testing.assert_array_equal(points.arrays[1], np.full((1, 8, 8, 3), images.max()))
    assert points.title == "mean of two constants, the smallest and the largest value of the probe"


def test_auto_for_token_ids_is_the_padding() -> None:
    points = resolve("auto", models.token_ids())
    assert points.arrays.dtype == tf.int64
    np.testing.assert_array_equal(points.arrays, np.zeros((1, 1, 7)))
    assert points.title == "token id 0"


def test_auto_for_a_table_is_its_own_rows_unless_there_is_a_background() -> None:
    rows = models.numbers(4, 3)
    points = resolve("auto", rows)
    np.testing.assert_array_equal(points.arrays[:, 0], rows)
    assert points.title == "mean over 3 of the probe's own rows"
    points = resolve("auto", rows, np.ones((2, 4), np.float32))
    np.testing.assert_array_equal(points.arrays, np.ones((2, 1, 4)))
    assert points.title == "mean over 2 background rows"


def test_auto_takes_eight_rows_evenly_spaced() -> None:
    rows = np.arange(100, dtype=np.float32)[:, None]
    points = resolve("auto", rows)
    # Ends included, 99 / 7 apart: 0, 14.1, 28.3, 42.4, 56.6, 70.7, 84.9, 99.
    np.testing.assert_array_equal(np.ravel(points.arrays), [0, 14, 28, 42, 57, 71, 85, 99])


def test_resolved_points_are_left_alone() -> None:
    points = resolve(0.0, models.numbers())
    assert resolve(points, models.numbers(3, 2)) is points


def test_inputs_with_one_baseline_are_repeated_to_those_with_several() -> None:
    inputs = {"a": models.numbers(2, 3), "b": models.numbers(1, 3)}
    points = resolve({"a": 0.0, "b": baselines.Constants((1.0, 2.0, 3.0))}, inputs)
    assert points.count == 3
    assert points.arrays["a"].shape == (3, 1, 2)
    np.testing.assert_array_equal(np.ravel(points.arrays["b"]), [1, 2, 3])


def test_baselines_of_different_number_are_paired_until_each_counts_equally() -> None:
    inputs = {"a": models.numbers(2, 3), "b": models.numbers(1, 3)}
    points = resolve({"a": baselines.Constants((0.0, 4.0)), "b": baselines.Constants((1.0, 2.0, 3.0))}, inputs)
    assert points.count == 6
    np.testing.assert_array_equal(points.arrays["a"][:, 0, 0], [0, 4, 0, 4, 0, 4])
    np.testing.assert_array_equal(points.arrays["b"][:, 0, 0], [1, 2, 3, 1, 2, 3])
    many = {"a": baselines.Constants(tuple(range(37))), "b": baselines.Constants(tuple(range(41)))}
    with pytest.raises(ValueError, match="makes 1517 combinations, more than 1024"):
        resolve(many, inputs)


def test_a_list_gives_one_baseline_per_input() -> None:
    inputs = [models.numbers(2, 3), models.numbers(1, 3)]
    points = resolve([0.0, 5.0], inputs)
    np.testing.assert_array_equal(points.arrays[0], np.zeros((1, 1, 2)))
    np.testing.assert_array_equal(points.arrays[1], [[[5]]])
    with pytest.raises(ValueError, match="3 baselines for 2 inputs"):
        resolve([0.0, 1.0, 2.0], inputs)
