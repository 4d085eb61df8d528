"""Expected Gradients against closed forms and against the limits that captum computed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow as tf

import tb_attribution_plugin as tba
from tb_attribution_plugin.methods import ExpectedGradients, contract
from tb_attribution_plugin.methods.expected_gradients import draws
from tests.methods import models
from tests.methods.test_parity import data, expected, model
from tests.versions import KERAS


def explain(function: Any, x: Any, **fields: Any) -> tba.Attribution:
    found = ExpectedGradients(**fields)(contract.from_function(function), tf.constant(x, tf.float32))
    return tf.nest.map_structure(np.asarray, found)


def square(x: tf.Tensor) -> tf.Tensor:
    return tf.reduce_sum(x**2, 1)


def test_a_linear_model_scores_the_distance_to_the_mean_row() -> None:
    weights = np.array([2.0, -3.0], np.float32)
    rows = np.array([[0.0, 1.0], [2.0, 5.0]], np.float32)
    found = explain(lambda x: tf.linalg.matvec(x, weights), [[3.0, 1.0]], background=rows, samples=4)
    np.testing.assert_allclose(found.scores, [[2 * (3 - 1), -3 * (1 - 3)]], rtol=1e-6)
    # Samples are 2 * 3, 2 * 1, twice, and -3 * 0, -3 * -4: deviations 2 and 6 of four.
    np.testing.assert_allclose(found.errors, [[2 / np.sqrt(3), 6 / np.sqrt(3)]], rtol=1e-6)
    np.testing.assert_allclose(found.residual, [8 / np.sqrt(3)], rtol=1e-6)
    np.testing.assert_array_equal(found.evaluations, [5])


def test_one_row_and_a_linear_model_have_no_error() -> None:
    found = explain(lambda x: 1e3 * tf.reduce_sum(x, 1), [[0.3, 0.7]], background=np.zeros((1, 2)), samples=50)
    np.testing.assert_allclose(found.scores, [[300, 700]], rtol=1e-6)
    np.testing.assert_allclose(found.errors, 0, atol=1e-4)


def test_strata_of_a_square_converge_faster_than_independent_samples() -> None:
    # The mean of 2 a x^2 is x^2; one a in each of n intervals is off by x^2 / (n sqrt(3 n)), independent ones by
    # x^2 / sqrt(3 n), which is what the standard error says.
    x = np.array([[1.0, -2.0]])
    found = explain(square, x, background=np.zeros((1, 2)), samples=100)
    np.testing.assert_allclose(found.scores, x**2, rtol=4 / (100 * np.sqrt(300)))
    np.testing.assert_allclose(found.errors, x**2 / np.sqrt(300), rtol=0.02)


@pytest.mark.parametrize(("samples", "count"), [(6, 6), (20, 6), (4, 6), (50, 1)])
def test_rows_are_used_equally_often_and_every_interval_once(samples: int, count: int) -> None:
    rows, a = draws(samples, count, seed=3)
    used = np.bincount(rows, minlength=count)
    assert used.sum() == samples
    assert used.max() - used.min() <= 1
    np.testing.assert_array_equal(np.sort(np.floor(a * samples)), np.arange(samples))
    assert not np.array_equal(a, draws(samples, count, seed=4)[1])


LIMITS = [
    ("cnn_relu", "logits", ""),
    ("mlp_tabular", "logit", ""),
    ("mlp_tabular10", "logit", ""),
    ("multi_input_regression", "value", "@person"),
    ("multi_input_regression", "value", "@blood"),
]


@pytest.mark.parametrize(("case", "output", "part"), LIMITS)
def test_the_limit_is_within_four_standard_errors(case: str, output: str, part: str) -> None:
    if KERAS < (3, 7) and part:
        pytest.skip("Keras before 3.7 feeds a dict to a model of a list of inputs in the order of its names")
    method = ExpectedGradients(background=data(case, "background"), samples=400)
    found = tba.explain(model(case, output), data(case, "x"), method, data(case, "targets"), output="as_is")
    scores, errors = (one[part[1:]] if part else one for one in (found.scores, found.errors))
    limit = expected(case)["expected_gradients_limit" + part]
    assert np.all(np.abs(scores - limit) <= 4 * errors + 1e-5 * np.abs(limit).max())
    assert np.mean(errors) < 0.1 * np.abs(limit).max()


def test_noise_makes_it_gradient_shap() -> None:
    # f = x, so that a score is the noisy x itself: mean 0.5, deviation 0.1 of the range 1; as many columns as samples.
    x = np.tile([0.0, 1.0], (1, 200))
    found = explain(lambda x: tf.reduce_sum(x, 1), x, background=np.zeros((1, 400)), samples=100, noise=0.1)
    np.testing.assert_allclose(found.errors, 0.01, rtol=0.4)
    np.testing.assert_allclose(np.std(found.scores - x), 0.01, rtol=0.2)


def test_without_a_background_the_inputs_are_it() -> None:
    x = models.numbers()
    alone, given = explain(square, x), explain(square, x, background=x)
    np.testing.assert_array_equal(alone.scores, given.scores)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"samples": 0}, "samples must be a whole number above 0; got 0"),
        ({"seed": -1}, "seed must be a whole number from 0 to .*got -1"),
        ({"noise": -0.1}, "noise must be a number, at least 0.*got -0.1"),
        ({"noise": np.zeros((2, 3))}, "noise must be a number, at least 0; got"),
    ],
)
def test_wrong_fields_are_refused_when_they_are_written(fields: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        ExpectedGradients(**fields)


@pytest.mark.parametrize("background", [np.zeros((2, 5)), np.zeros((0, 2))])
def test_a_background_that_does_not_fit_is_refused(background: np.ndarray) -> None:
    with pytest.raises(ValueError, match=r"background must be rows of shape \(2,\), at least one; got"):
        explain(square, [[1.0, 2.0]], background=background)


def test_backgrounds_of_several_inputs_belong_together() -> None:
    x = {"a": models.numbers(2, 3), "b": models.numbers(1, 3)}
    f = contract.from_function(lambda inputs: square(inputs["a"]) + square(inputs["b"]))
    for rows in ({"a": x["a"], "b": x["b"][:2]}, x["a"]):
        with pytest.raises(ValueError, match="one array for each of the 2 inputs, all with the same number of rows"):
            ExpectedGradients(background=rows)(f, tf.nest.map_structure(tf.constant, x))
