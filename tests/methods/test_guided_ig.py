"""Guided Integrated Gradients against closed forms, and against Integrated Gradients where they are the same."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow as tf

import tb_attribution_plugin as tba
from tb_attribution_plugin.methods import GuidedIG, IntegratedGradients, contract, guided_path
from tests.methods import models

WEIGHTS = np.array([2.0, -3.0, 0.0, 0.5])


def explain(function: Any, x: Any, method: Any) -> tba.Attribution:
    found = method(contract.from_function(function), tf.constant(x, tf.float32))
    return tf.nest.map_structure(np.asarray, found)


def product(x: tf.Tensor) -> tf.Tensor:
    return x[:, 0] * x[:, 1]


def curved(x: tf.Tensor) -> tf.Tensor:
    return tf.sin(x[:, 0]) * tf.exp(x[:, 1]) + x[:, 2] ** 2 * x[:, 0]


@pytest.mark.parametrize("rule", ["trapezoid", "left"])
@pytest.mark.parametrize("max_distance", [0.0, 0.02, 1.0])
def test_a_linear_model_has_one_map_whatever_the_path(rule: str, max_distance: float) -> None:
    x, x0 = np.array([[3.0, 1.0, 4.0, 0.0], [0.0, 2.0, -2.0, 1.0]]), np.array([1.0, 1.0, -2.0, 1.0])
    method = GuidedIG(steps=3, max_distance=max_distance, baseline=x0, rule=rule)
    found = explain(lambda x: tf.linalg.matvec(x, tf.constant(WEIGHTS, tf.float32)), x, method)
    np.testing.assert_allclose(found.scores, WEIGHTS * (x - x0), atol=1e-6)
    np.testing.assert_allclose(found.residual, 0, atol=1e-5)
    np.testing.assert_allclose(found.baseline_outputs, [WEIGHTS @ x0] * 2)
    np.testing.assert_array_equal(found.evaluations, [4, 4])


@pytest.mark.parametrize("steps", [1, 5])
def test_without_distance_it_is_integrated_gradients(steps: int) -> None:
    x = models.numbers(3)
    guided = explain(curved, x, GuidedIG(steps=steps, max_distance=0.0, baseline=0.1))
    straight = explain(curved, x, IntegratedGradients(steps=steps + 1, rule="trapezoid", baseline=0.1))
    np.testing.assert_allclose(guided.scores, straight.scores, atol=1e-6)
    np.testing.assert_allclose(guided.residual, straight.residual, atol=1e-5)


def test_the_smaller_gradient_moves_first() -> None:
    # From (1, 2) to (2, 4) f = ab has gradient (b, a): b moves first, with gradient 1 over a distance of 2, then a with
    # gradient 4 over 1. Straight ahead it is 3 and 3.
    found = explain(product, [[2.0, 4.0]], GuidedIG(steps=3, max_distance=1.0, baseline=np.array([1.0, 2.0])))
    np.testing.assert_allclose(found.scores, [[4.0, 2.0]], rtol=1e-6)
    np.testing.assert_allclose(found.residual, [0.0], atol=1e-6)


def test_rule_left_counts_the_gradient_where_a_step_begins() -> None:
    # f = a^2 from 0 to 1 in two steps: (0 + 1) * 1/2, and with both ends (0 + 1) / 2 * 1/2 + (1 + 2) / 2 * 1/2 = 1.
    for rule, score in (("left", 0.5), ("trapezoid", 1.0)):
        found = explain(lambda x: x[:, 0] ** 2, [[1.0]], GuidedIG(steps=2, baseline=0.0, rule=rule))
        np.testing.assert_allclose(found.scores, [[score]], rtol=1e-6)
        np.testing.assert_allclose(found.residual, [1 - score], atol=1e-6)


def step(places: Any, sizes: Any, gradients: Any, **fields: Any) -> np.ndarray:
    tensors = [tf.constant([one], tf.float64) for one in (places, sizes)]
    to = tf.constant(fields.pop("to"), tf.float64)
    return guided_path.step(*tensors, tf.constant([gradients], tf.float32), to=to, **fields).numpy()[0]


def test_a_step_moves_the_least_gradients_as_far_as_the_distance_asks() -> None:
    # Of 8, at half of the distance 4: one at a time (a fraction of 0.1), each at most to 0.8.
    found = step([0.0] * 4, [2.0] * 4, [3.0, -1.0, 2.0, 4.0], to=0.5, fraction=0.1, max_distance=0.3)
    # All are at 0.2 at least; 0.8 each for two is 1.2 more of size 2, all 4 asked for.
    np.testing.assert_allclose(found, [0.2, 0.8, 0.8, 0.2], atol=1e-12)
    # Two at a time (index 0.5 * 3 of the order): those two share what is asked for.
    found = step([0.0] * 4, [2.0] * 4, [3.0, -1.0, 2.0, 4.0], to=0.25, fraction=0.5, max_distance=1.0)
    np.testing.assert_allclose(found, [0.0, 0.5, 0.5, 0.0], atol=1e-12)


def test_equal_gradients_move_together() -> None:
    found = step([0.0] * 4, [1.0, 1.0, 2.0, 4.0], [0.0, 0.0, 0.0, 1.0], to=0.25, fraction=0.25, max_distance=1.0)
    np.testing.assert_allclose(found, [0.5, 0.5, 0.5, 0.0], atol=1e-12)


def test_features_without_a_way_to_go_are_passed_over() -> None:
    found = step([0.0, 0.0, 0.5], [0.0, 1.0, 1.0], [0.0, 2.0, 1.0], to=0.5, fraction=0.1, max_distance=0.0)
    np.testing.assert_allclose(found[1:], [0.5, 0.5], atol=1e-12)


def test_scores_add_up_better_with_more_steps_and_the_residual_says_so() -> None:
    x = models.numbers(3)
    gaps = []
    for steps in (10, 80):
        found = explain(curved, x, GuidedIG(steps=steps, baseline=0.0))
        np.testing.assert_allclose(
            found.residual, found.outputs - found.baseline_outputs - found.scores.sum(1), atol=1e-6
        )
        gaps.append(np.abs(found.residual).max())
    assert gaps[1] < gaps[0] / 8


def test_several_baselines_are_averaged() -> None:
    x = models.numbers(3)
    both = explain(curved, x, GuidedIG(steps=5, baseline=tba.methods.baselines.Constants((0.0, 1.0))))
    single = [explain(curved, x, GuidedIG(steps=5, baseline=value)) for value in (0.0, 1.0)]
    for field in ("scores", "residual", "baseline_outputs"):
        mean = np.mean([getattr(one, field) for one in single], 0)
        np.testing.assert_allclose(getattr(both, field), mean, atol=1e-5)
    np.testing.assert_array_equal(both.evaluations, [11] * len(x))


def test_an_input_that_is_its_baseline_scores_nothing() -> None:
    found = explain(curved, [[0.5, 0.5, 0.5], [1.0, 0.5, 0.5]], GuidedIG(steps=4, baseline=0.5))
    np.testing.assert_array_equal(found.scores[0], np.zeros(3))
    np.testing.assert_array_equal(found.scores[1, 1:], np.zeros(2))
    assert found.scores[1, 0] != 0


def test_several_inputs_share_one_path() -> None:
    x = {"a": tf.constant([[2.0]]), "b": tf.constant([[4.0]])}
    f = contract.from_function(lambda inputs: inputs["a"][:, 0] * inputs["b"][:, 0])
    found = GuidedIG(steps=3, max_distance=1.0, baseline={"a": 1.0, "b": 2.0})(f, x)
    np.testing.assert_allclose(found.scores["a"], [[4.0]], rtol=1e-6)
    np.testing.assert_allclose(found.scores["b"], [[2.0]], rtol=1e-6)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"steps": 0}, "steps must be a whole number above 0; got 0"),
        ({"fraction": 0}, "fraction must be a number above 0, at most 1; got 0"),
        ({"fraction": 1.1}, "fraction must be a number above 0, at most 1; got 1.1"),
        ({"max_distance": -0.1}, "max_distance must be a number from 0 to 1; got -0.1"),
        ({"rule": "right"}, "rule must be one of trapezoid, left; got 'right'"),
    ],
)
def test_wrong_fields_are_refused_when_they_are_written(fields: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        GuidedIG(**fields)
