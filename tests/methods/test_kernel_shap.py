"""Kernel SHAP: exact where it can be, and as wrong as it says where it cannot."""

from __future__ import annotations

import functools

import numpy as np
import pytest
import tensorflow as tf

from tb_attribution_plugin.methods import ExactShapley, KernelSHAP, contract
from tb_attribution_plugin.methods.paired import chosen
from tb_attribution_plugin.methods.shapley_exact import Enumerated
from tb_attribution_plugin.methods.shapley_regression import Regression

PLAYERS = 12


@functools.cache
def game(kind: str) -> np.ndarray:
    """Values of all coalitions of a random network of two layers, by number, float64."""
    random = np.random.default_rng(8)
    act = {"relu": lambda t: np.maximum(t, 0), "tanh": np.tanh}[kind]
    first, second = random.normal(size=(PLAYERS, 32)) * 0.5, random.normal(size=(32, 16)) * 0.25
    rows, x, last = random.normal(size=(5, PLAYERS)), random.normal(size=PLAYERS), random.normal(size=16)
    members = (np.arange(2**PLAYERS)[:, None] >> np.arange(PLAYERS)) & 1 == 1
    return np.mean([act(act(np.where(members, x, row) @ first) @ second) @ last for row in rows], 0)


@functools.cache
def exact(kind: str) -> np.ndarray:
    values = game(kind)
    return Enumerated(PLAYERS).scores(tf.constant(values[:-1, None]), tf.constant(values[-1:])).scores[0].numpy()


def sampled(kind: str, samples: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Scores and their standard errors."""
    design, values = Regression(PLAYERS, samples, seed), game(kind)
    members = design.switches(tf.range(design.count)).numpy()
    numbers = (members << np.arange(PLAYERS)).sum(1)
    found = design.scores(tf.constant(values[numbers][:, None]), tf.constant(values[-1:]))
    return found.scores[0].numpy(), found.errors[0].numpy()  # type: ignore[index]


@pytest.mark.parametrize("kind", ["relu", "tanh"])
@pytest.mark.parametrize("samples", [64, 512])
def test_standard_errors_are_calibrated(kind: str, samples: int) -> None:
    found = [sampled(kind, samples, seed) for seed in range(20)]
    errors = np.array([scores - exact(kind) for scores, _ in found])
    claimed = np.array([standard for _, standard in found])
    ratio = np.sqrt(errors.var(0, ddof=1).mean() / (claimed**2).mean())
    assert 0.7 < ratio < 1.35  # 20 seeds of 12 values that are not independent
    within = np.abs(errors) < 4 * claimed
    assert within.mean() > 0.99


@pytest.mark.parametrize("samples", [14, 64, 512])
def test_scores_sum_to_what_there_is_to_explain(samples: int) -> None:
    scores, _ = sampled("relu", samples, 0)
    np.testing.assert_allclose(scores.sum(), game("relu")[-1] - game("relu")[0], atol=1e-10)


def test_more_samples_are_better() -> None:
    error = [np.sqrt(np.mean((sampled("tanh", samples, 0)[0] - exact("tanh")) ** 2)) for samples in (14, 64, 512)]
    assert error[0] > 3 * error[1] > 9 * error[2]


@pytest.mark.parametrize(("players", "pairs"), [(12, 31), (12, 1000), (40, 100)])
def test_no_coalition_comes_twice_and_none_is_empty_or_whole(players: int, pairs: int) -> None:
    some = chosen(players, pairs, seed=3)
    assert some.shape == (pairs, players)
    both = np.concatenate([some, ~some])
    assert len(np.unique(both, axis=0)) == 2 * pairs
    assert not both.all(1).any()
    assert both.any(1).all()


def test_enumerated_it_is_exact() -> None:
    model = contract.from_function(lambda x: tf.reduce_prod(x[:, :3], 1) + tf.nn.relu(x[:, 3] - x[:, 4]))
    inputs, rows = tf.constant([[1.0, 2.0, 3.0, 4.0, 1.0]]), np.random.default_rng(0).normal(size=(7, 5))
    found = KernelSHAP(background=rows, samples=32)(model, inputs)
    np.testing.assert_allclose(found.scores, ExactShapley(background=rows)(model, inputs).scores, atol=1e-5)
    np.testing.assert_array_equal(found.residual, [0])
    np.testing.assert_array_equal(found.evaluations, [31 * 7 + 1])


def test_a_linear_model_needs_few_samples() -> None:
    weights = tf.constant(np.random.default_rng(1).normal(size=40), tf.float32)
    inputs = tf.constant(np.random.default_rng(2).normal(size=(2, 40)), tf.float32)
    found = KernelSHAP(background=0.0, samples=100)(
        contract.from_function(lambda x: tf.linalg.matvec(x, weights)), inputs
    )
    np.testing.assert_allclose(found.scores, inputs * weights, atol=2e-4)
    assert (found.errors.numpy() < 2e-3).all()


def test_the_seed_decides() -> None:
    assert np.array_equal(sampled("relu", 64, 4)[0], sampled("relu", 64, 4)[0])
    assert not np.array_equal(sampled("relu", 64, 4)[0], sampled("relu", 64, 5)[0])


def test_too_few_samples_are_refused() -> None:
    with pytest.raises(ValueError, match=r"samples must be at least the number of segments \+ 2, 6; got 5"):
        KernelSHAP(background=0.0, samples=5)(contract.from_function(lambda x: x[:, 0]), tf.ones((1, 4)))
