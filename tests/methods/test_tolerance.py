"""Integrated Gradients with a tolerance: points go where the map still changes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow as tf

import tb_attribution_plugin as tba
from tb_attribution_plugin.methods import IntegratedGradients, baselines, contract
from tests.methods import models


def explain(function: Any, x: Any, batch_size: int = 1024, **fields: Any) -> tba.Attribution:
    model = contract.from_function(function, batch_size)
    found = IntegratedGradients(**fields)(model, tf.constant(x, tf.float32))
    return tf.nest.map_structure(np.asarray, found)


def cubic(x: tf.Tensor) -> tf.Tensor:
    return tf.reduce_sum(x**3, 1)


def kinked(x: tf.Tensor) -> tf.Tensor:
    """Linear along the path for x = -1; for x = 1 it turns at 0.37."""
    return tf.nn.relu(x[:, 0] - 0.37)


def test_the_first_pair_by_hand() -> None:
    # The mean of 3 a^2: one midpoint 3/4, three of them (1/6, 3/6, 5/6) 35/36. The map changes by 8/36 of 35/36.
    found = explain(cubic, [[1.0]], steps=3, baseline=0.0, tolerance=1.0)
    np.testing.assert_allclose(found.scores, [[35 / 36]], rtol=1e-6)
    np.testing.assert_allclose(found.errors, [[8 / 36]], rtol=1e-5)
    np.testing.assert_allclose(found.residual, [8 / 35], rtol=1e-5)
    np.testing.assert_allclose(found.evaluations, [3 + 2])


def test_refined_midpoints_are_those_of_the_plain_rule() -> None:
    # Midpoints of m cells are off by 1 / (4 m^2): 3, 9 and 27 of them change the map by 2/9 / 9^k, below 1% at k = 2.
    found = explain(cubic, [[1.0]], steps=3, baseline=0.0, tolerance=0.01)
    np.testing.assert_allclose(found.evaluations, [27 + 2])
    plain = explain(cubic, [[1.0]], steps=27, rule="midpoint", baseline=0.0)
    np.testing.assert_allclose(found.scores, plain.scores, rtol=1e-6)
    np.testing.assert_allclose(found.residual, [2 / 9 / 81 / (1 - 1 / (4 * 27**2))], rtol=1e-3)


@pytest.mark.parametrize("batch_size", [1024, 7])
def test_only_the_examples_that_need_it_get_more_points(batch_size: int) -> None:
    x = [[-1.0], [1.0], [-2.0], [0.9]]
    found = explain(kinked, x, batch_size, steps=6, baseline=0.0, tolerance=0.05)
    np.testing.assert_array_equal(found.evaluations[[0, 2]], [6 + 2] * 2)
    assert np.all(found.evaluations[[1, 3]] > 6 + 2)
    assert np.all(found.residual <= 0.05)
    np.testing.assert_allclose(found.scores[:, 0], [0, 0.63, 0, 0.53], atol=0.05 * 0.63)


def test_at_most_three_refinements_and_the_rest_is_reported() -> None:
    found = explain(cubic, [[1.0]], steps=3, baseline=0.0, tolerance=1e-6)
    np.testing.assert_allclose(found.evaluations, [81 + 2])
    np.testing.assert_allclose(found.residual, [2 / 9**4], rtol=1e-2)  # of 1/4 (1/27^2 - 1/81^2)


def test_the_rows_that_run_are_the_evaluations() -> None:
    counted = tf.Variable(0)

    def function(x: tf.Tensor) -> tf.Tensor:
        counted.assign_add(tf.shape(x)[0])
        return kinked(x)

    found = explain(function, [[-1.0], [1.0]], 4, steps=6, baseline=0.0, tolerance=0.05)
    rows = int(found.evaluations.sum())
    assert found.evaluations[0] < found.evaluations[1]
    assert rows <= counted.numpy() <= rows + 4 * 4  # each of the passes fills up its last batch of 4


def test_several_baselines_and_a_keras_model_in_a_graph() -> None:
    case = models.case("functional_cnn")
    spec = baselines.Constants((-1.0, 0.0, 2.0))
    found = tba.explain(case.model, case.inputs, IntegratedGradients(baseline=spec, tolerance=0.01), case.labels)
    exact = tba.explain(
        case.model, case.inputs, IntegratedGradients(baseline=spec, steps=405, rule="midpoint"), case.labels
    )
    off = np.abs(found.scores - exact.scores).sum((1, 2, 3)) / np.abs(exact.scores).sum((1, 2, 3))
    assert np.all(off < 0.01)
    np.testing.assert_allclose(found.baseline_outputs, exact.baseline_outputs, atol=1e-5)
    halved = tba.explain(
        case.model, case.inputs, IntegratedGradients(baseline=spec, tolerance=0.01), case.labels, batch_size=8
    )
    np.testing.assert_allclose(halved.scores, found.scores, atol=1e-5)
    np.testing.assert_array_equal(halved.evaluations, found.evaluations)


def test_token_scores_are_compared_where_they_are_shown() -> None:
    case = models.case("tokens")
    found = tba.explain(case.model, case.inputs, IntegratedGradients(tolerance=0.001), 1)
    exact = tba.explain(case.model, case.inputs, IntegratedGradients(steps=64), 1)
    assert found.errors.shape == found.scores.shape == case.inputs.shape
    size = np.abs(exact.scores).sum(1)
    assert np.all(np.abs(found.scores - exact.scores).sum(1) <= 0.001 * size)


def test_the_kind_of_error_follows_the_field() -> None:
    assert IntegratedGradients().error_kind == "gap"
    assert IntegratedGradients(tolerance=0.01).error_kind == "map_difference"
    for wrong in (0, -1.0, np.nan, True, "1%"):
        with pytest.raises(ValueError, match=r"tolerance must be a number above 0, as 0\.01 for 1%, or None; got"):
            IntegratedGradients(tolerance=wrong)
