"""Exact Shapley values: games and a network that one can work out on paper."""

from __future__ import annotations

import json
import pathlib

import numpy as np
import pytest
import tensorflow as tf

from tb_attribution_plugin.methods import ExactShapley, contract
from tb_attribution_plugin.methods.shapley_exact import Enumerated

GAMES = pathlib.Path(__file__).parent.parent / "parity" / "closed_form_games"
NAMES = sorted(
    key.removesuffix("_shapley")
    for key in json.loads((GAMES / "expected.json").read_text())["keys"]
    if key.endswith("_shapley")
)


def network(x: tf.Tensor) -> tf.Tensor:
    """ReLU(W x + b) summed, W of ones [4, 3] and b = (-10, 1, 1, 1), minus 1: 392 at (20, 50, 30), 2 at 0."""
    hidden = tf.nn.relu(tf.reduce_sum(x, 1, keepdims=True) + tf.constant([-10.0, 1.0, 1.0, 1.0]))
    return tf.reduce_sum(hidden, 1) - 1


MODEL = contract.from_function(network)


@pytest.mark.parametrize("name", NAMES)
def test_games_have_the_values_of_the_books(name: str) -> None:
    values, expected = np.load(GAMES / "data.npz")[f"values_{name}"], np.load(GAMES / "expected.npz")[f"{name}_shapley"]
    found = Enumerated(len(expected)).scores(
        tf.constant(values[:-1, None], tf.float64), tf.constant(values[-1:], tf.float64)
    )
    np.testing.assert_allclose(found.scores[0], expected, atol=1e-12)


def test_a_network_that_is_off_below_ten() -> None:
    found = ExactShapley(background=0.0)(MODEL, tf.constant([[20.0, 50.0, 30.0], [2.0, 10.0, 3.0]]))
    np.testing.assert_allclose(found.scores, [[76.6667, 196.6667, 116.6667], [7.0, 32.5, 10.5]], rtol=1e-6)
    np.testing.assert_allclose(found.segment_scores, found.scores)
    np.testing.assert_allclose(found.outputs, [392, 52])
    np.testing.assert_allclose(found.baseline_outputs, [2, 2])
    assert np.isnan(found.residual).all()
    assert found.errors is None
    np.testing.assert_array_equal(found.evaluations, [8, 8])


def test_segments_share_their_score_equally() -> None:
    found = ExactShapley(background=0.0, segments=[0, 0, 1])(MODEL, tf.constant([[20.0, 50.0, 30.0]]))
    np.testing.assert_allclose(found.segment_scores, [[275, 115]], rtol=1e-6)
    np.testing.assert_allclose(found.scores, [[137.5, 137.5, 115]], rtol=1e-6)


def test_the_background_is_what_absent_features_have() -> None:
    found = ExactShapley(background=np.array([[10.0, 20.0, 10.0]]))(MODEL, tf.constant([[20.0, 50.0, 30.0]]))
    np.testing.assert_allclose(found.scores, [[40, 120, 80]], rtol=1e-6)


def test_several_rows_are_averaged_over() -> None:
    inputs, rows = tf.constant([[20.0, 50.0, 30.0]]), np.array([[10.0, 20.0, 10.0], [0.0, 0.0, 0.0]], np.float32)
    both = ExactShapley(background=rows)(MODEL, inputs).scores
    each = [ExactShapley(background=rows[[row]])(MODEL, inputs).scores for row in (0, 1)]
    np.testing.assert_allclose(both, np.mean(each, 0), rtol=1e-6)


def test_examples_may_have_different_numbers_of_segments() -> None:
    inputs = tf.constant([[20.0, 50.0, 30.0], [20.0, 50.0, 30.0]])
    found = ExactShapley(background=0.0, segments=[[0, 0, 1], [0, 1, 2]])(MODEL, inputs)
    np.testing.assert_allclose(found.segment_scores, [[275, 115, np.nan], [76.6667, 196.6667, 116.6667]], rtol=1e-6)


def test_what_is_in_no_segment_stays_as_it_is() -> None:
    found = ExactShapley(background=0.0, segments=[0, -1, 1])(MODEL, tf.constant([[20.0, 50.0, 30.0]]))
    # With 50 present the network is linear: each of the others adds 4 times itself.
    np.testing.assert_allclose(found.scores, [[80, 0, 120]], rtol=1e-6)


def test_more_than_fifteen_segments_are_refused_with_their_number_and_another_method() -> None:
    with pytest.raises(ValueError, match=r"16 segments need 65,536 coalitions.*at most 15.*KernelSHAP"):
        ExactShapley(background=0.0)(contract.from_function(lambda x: tf.reduce_sum(x, 1)), tf.ones((1, 16)))


@pytest.mark.parametrize(
    ("segments", "message"),
    [
        ([0, 0, 0], "have 1 segments, and at least two are needed"),
        ([0, 1], r"segments of shape \(2,\) do not fit inputs of shape \(1, 3\)"),
        ([0.0, 1.0, 2.0], "whole numbers"),
        ([0, -2, 1], "at least 0, or -1 for none; the smallest is -2"),
        ([0, 2**40, 1], r"below 16,777,216, .* got 1,099,511,627,776: number them from 0"),
    ],
)
def test_segments_that_cannot_be(segments: list[float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ExactShapley(background=0.0, segments=segments)(MODEL, tf.ones((1, 3)))


def test_a_background_that_is_not_finite_is_refused() -> None:
    with pytest.raises(ValueError, match="background: 1 of 1 rows are not finite, first row 0"):
        ExactShapley(background=np.array([[1.0, np.nan, 0.0]]))(MODEL, tf.ones((1, 3)))
