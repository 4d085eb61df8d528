"""Shapley values by permutations."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from tb_attribution_plugin.methods import ExactShapley, PermutationShapley, contract

pytestmark = pytest.mark.once

ROWS = np.random.default_rng(0).normal(size=(3, 6)).astype(np.float32)
MODEL = contract.from_function(lambda x: tf.tanh(x[:, 0] * x[:, 1] + x[:, 2]) * x[:, 3] + tf.nn.relu(x[:, 4] - x[:, 5]))
INPUTS = tf.constant(np.random.default_rng(1).normal(size=(4, 6)), tf.float32)


def test_products_of_two_are_exact_whatever_the_orders() -> None:
    """In an order and in its reverse each of the two is last once."""
    model = contract.from_function(lambda x: x[:, 0] * x[:, 1] + x[:, 2] * x[:, 3] - x[:, 4])
    found = PermutationShapley(background=0.0, permutations=4)(model, INPUTS)
    expected = ExactShapley(background=0.0)(model, INPUTS)
    np.testing.assert_allclose(found.scores, expected.scores, atol=1e-6)
    np.testing.assert_allclose(found.errors, np.zeros((4, 6)), atol=1e-6)


def test_standard_errors_are_calibrated() -> None:
    exact = ExactShapley(background=ROWS)(MODEL, INPUTS).scores
    found = [PermutationShapley(background=ROWS, permutations=24, seed=seed)(MODEL, INPUTS) for seed in range(40)]
    errors = np.array([one.scores - exact for one in found])
    claimed = np.array([one.errors for one in found])
    assert 0.8 < np.sqrt(np.mean(errors**2) / np.mean(claimed**2)) < 1.25
    np.testing.assert_allclose(errors.sum(-1), 0, atol=1e-5)


def test_cost_is_every_coalition_of_every_order() -> None:
    found = PermutationShapley(background=ROWS, permutations=8)(MODEL, INPUTS)
    np.testing.assert_array_equal(found.evaluations, np.full(4, (8 * 5 + 1) * 3 + 1))


@pytest.mark.parametrize("permutations", [2, 7, 0, 4.0])
def test_orders_come_in_pairs(permutations: float) -> None:
    with pytest.raises(ValueError, match="permutations must be an even number, at least 4"):
        PermutationShapley(permutations=permutations)  # type: ignore[arg-type]
