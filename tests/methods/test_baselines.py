"""What "feature absent" becomes; its effect on a method is tests/methods/test_integrated_gradients.py."""

from __future__ import annotations

from collections.abc import Callable

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


def test_the_mean_of_a_background_is_one_point() -> None:
    rows = np.array([[0.0, 2.0], [4.0, 8.0]], np.float32)
    points = resolve(baselines.Mean(rows), models.numbers(2, 3))
    np.testing.assert_array_equal(points.arrays, [[[2, 5]]])
    assert points.title == "the mean of 2 background rows"
    np.testing.assert_array_equal(resolve(baselines.Mean(), rows).arrays, [[[2, 5]]])
    np.testing.assert_array_equal(resolve(baselines.Mean(), models.numbers(2, 3), rows).arrays, [[[2, 5]]])


def test_uniform_noise_fills_the_range_of_each_column() -> None:
    inputs = np.stack([np.linspace(-1, 1, 9), np.linspace(0, 1000, 9), np.full(9, 7)], 1).astype(np.float32)
    points = resolve(baselines.Uniform(count=500), inputs)
    assert points.arrays.shape == (500, 1, 3)
    drawn = np.asarray(points.arrays)[:, 0]
    assert np.all(drawn >= [-1, 0, 7])
    assert np.all(drawn <= [1, 1000, 7])
    # Mean 1/2 and deviation 1/sqrt(12) of the range; five standard errors of the mean.
    np.testing.assert_allclose(drawn[:, :2].mean(0) / [2, 1000], [0, 0.5], atol=5 / np.sqrt(12 * 500))
    np.testing.assert_allclose(drawn[:, :2].std(0) * np.sqrt(12), [2, 1000], rtol=0.12)
    np.testing.assert_array_equal(drawn, resolve(baselines.Uniform(count=500), inputs).arrays[:, 0])
    assert not np.array_equal(drawn, resolve(baselines.Uniform(count=500, seed=1), inputs).arrays[:, 0])
    pixels = resolve(baselines.Uniform(), models.images()).arrays
    assert pixels.shape == (4, 1, 8, 8, 3)
    assert len(np.unique(pixels)) > 700  # every pixel for itself


def test_each_input_draws_for_itself() -> None:
    inputs = [models.numbers(50, 3), models.numbers(50, 3)]
    first, second = resolve(baselines.Uniform(count=2), inputs).arrays
    assert not np.array_equal(first, second)


def test_a_baseline_can_be_given_to_a_graph() -> None:
    @tf.function
    def points(inputs: tf.Tensor) -> tf.Tensor:
        return baselines.resolve(0.5, inputs).arrays

    np.testing.assert_array_equal(points(tf.zeros((2, 3))), np.full((1, 1, 3), 0.5))


def test_a_background_may_lack_values() -> None:
    rows = np.array([[1.0, np.nan], [3.0, 4.0]], np.float32)
    np.testing.assert_array_equal(resolve(baselines.Rows(rows), models.numbers(2, 4)).arrays[:, 0], rows)


def test_more_points_than_paths_are_refused() -> None:
    with pytest.raises(ValueError, match="the baseline has 1025 points, more than 1024; average over fewer rows"):
        resolve(baselines.Rows(np.zeros((1025, 2))), models.numbers(2, 4))


def test_an_average_joins_the_points_of_its_parts() -> None:
    rows = models.numbers(2, 3)
    points = resolve(baselines.Average((0.0, rows, baselines.Constants((1.0, 2.0)))), rows)
    assert points.count == 4
    assert points.arrays.shape == (4, 3, 2)  # one of them is per example
    np.testing.assert_array_equal(points.arrays[:, :, 0], [[0] * 3, rows[:, 0], [1] * 3, [2] * 3])
    assert points.title == "mean over the constant 0, one given input per example, mean of the constants 1 and 2"


BYTES = np.zeros((2, 4, 4, 1), np.uint8)


@pytest.mark.parametrize(
    ("spec", "inputs", "words"),
    [
        (256, BYTES, r"baseline holds 256, which inputs of uint8 cannot be \(0 to 255\); give it in the units"),
        (-0.5, BYTES, "baseline holds -0.5, which inputs of uint8"),
        (np.full((4, 4, 1), 300), BYTES, "baseline holds 300, which inputs of uint8"),
        (baselines.Constants((0.0, 1000.0)), BYTES, "baseline holds 1000, which inputs of uint8"),
        (baselines.Rows(np.full((1, 4, 4, 1), -1.0)), BYTES, "baseline holds -1, which inputs of uint8"),
        (1e6, models.numbers().astype(np.float16), "baseline holds 1e[+]06, which inputs of float16"),
        (300, np.zeros((2, 5), np.uint8), r"baseline holds 300, which token ids of uint8 cannot be"),
        (2**32 + 5, np.zeros((2, 5), np.int32), r"baseline holds 4.29497e[+]09, which token ids of int32 cannot be"),
        (np.full(5, 1.7), np.zeros((2, 5), np.int32), "baseline of token ids must be whole numbers; got .* float64"),
        (baselines.Rows(np.full((1, 5), 1.7)), np.zeros((2, 5), np.int32), "baseline of token ids must be whole"),
        (-3, models.token_ids(), r"baseline holds -3, which token ids of int64 cannot be \(0 to"),
        (baselines.Mean(), models.token_ids(), "a mean of rows needs numbers, but an input is token ids"),
        (baselines.Uniform(), models.token_ids(), "Uniform needs numbers, but an input is token ids"),
        (baselines.Average((0, 0.0)), models.token_ids(), "token ids and values of their embedding cannot be averaged"),
        (baselines.Mean(np.zeros((3, 5))), models.numbers(), r"background must be rows of shape \(6,\).*got \(3, 5\)"),
        (
            baselines.Mean(np.full((3, 6), "a")),
            models.numbers(),
            r"background must be numbers, as .*float32\) are; got st",
        ),
        (baselines.Rows(np.zeros((0, 6))), models.numbers(), r"at least one; got \(0, 6\)"),
    ],
)
def test_what_no_input_can_be_is_refused(spec: object, inputs: np.ndarray, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        resolve(spec, inputs)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: baselines.Uniform(count=0), "count of Uniform must be a whole number from 1 to 1024; got 0"),
        (lambda: baselines.Uniform(seed=-1), "seed of Uniform must be a whole number from 0 to .*; got -1"),
        (lambda: baselines.Uniform(count=10**6), "count of Uniform must be a whole number from 1 to 1024"),
        (lambda: baselines.Constants(()), "Constants needs at least one value"),
        (lambda: baselines.Average(()), "Average needs a tuple of baselines, at least one"),
        (lambda: baselines.Blurred(sigma=0), "sigma of Blurred must be above 0; got 0"),
    ],
)
def test_wrong_fields_are_refused_when_they_are_written(make: Callable[[], object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        make()


def test_points_of_equal_strings_are_equal_and_of_others_are_not() -> None:
    def key(*words: str) -> object:
        return baselines.Points(tf.constant(words)[None, :, None], "words").key

    assert key("a", "bc") == key("a", "bc")
    assert key("a", "bc") != key("ab", "c")
