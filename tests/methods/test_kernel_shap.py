"""Kernel SHAP: exact where it can be, and as wrong as it says where it cannot."""

from __future__ import annotations

import functools
import math

import numpy as np
import pytest
import tensorflow as tf
from sklearn.linear_model import lars_path

from tb_attribution_plugin.methods import (
    ExactShapley,
    KernelSHAP,
    coalitions,
    contract,
    paired,
    shapley_regression,
    unpaired,
)
from tb_attribution_plugin.methods.least_angle import Few
from tb_attribution_plugin.methods.paired import chosen
from tb_attribution_plugin.methods.shapley_exact import Enumerated
from tb_attribution_plugin.methods.shapley_regression import Regression, regression

pytestmark = pytest.mark.once

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
@pytest.mark.parametrize("samples", [20, 24, 27, 64, 512, 2048])
def test_standard_errors_are_calibrated(kind: str, samples: int) -> None:
    found = [sampled(kind, samples, seed) for seed in range(20)]
    errors = np.array([scores - exact(kind) for scores, _ in found])
    claimed = np.array([standard for _, standard in found])
    ratio = np.sqrt(errors.var(0, ddof=1).mean() / (claimed**2).mean())
    assert 0.7 < ratio < 1.35  # 20 seeds of 12 values that are not independent
    within = np.abs(errors) < 4 * claimed
    assert within.mean() > 0.99


def least_squares(kind: str, samples: int, seed: int) -> np.ndarray:
    """Of the paper: pairs of complements from the kernel's sizes, less the one player that the sum tells of."""
    random, values = np.random.default_rng(seed), game(kind)
    sizes = np.arange(1, PLAYERS)
    kernel = 1 / (sizes * (PLAYERS - sizes))
    drawn = random.choice(sizes, (samples - 2) // 2, p=kernel / kernel.sum())
    some = np.argsort(np.argsort(random.random((len(drawn), PLAYERS)), 1), 1) < drawn[:, None]
    signs = np.where(some, 0.5, -0.5)
    number = (some << np.arange(PLAYERS)).sum(1)
    half, total = (values[number] - values[2**PLAYERS - 1 - number]) / 2, values[-1] - values[0]
    found = np.linalg.lstsq(signs[:, :-1] - signs[:, -1:], half - signs[:, -1] * total, rcond=None)[0]
    return np.append(found, total - found.sum())


@pytest.mark.parametrize("kind", ["relu", "tanh"])
@pytest.mark.parametrize("samples", [14, 18, 27])
def test_of_few_samples_errors_are_far_below_those_of_least_squares_of_pairs(kind: str, samples: int) -> None:
    found = [sampled(kind, samples, seed)[0] - exact(kind) for seed in range(20)]
    plain = [least_squares(kind, samples, seed) - exact(kind) for seed in range(20)]
    share = 0.7 if samples < 20 else 0.5
    assert np.sqrt(np.mean(np.square(found))) < share * np.sqrt(np.mean(np.square(plain)))


@pytest.mark.parametrize(("players", "count"), [(3, 3), (3, 5), (4, 7), (12, 12), (12, 25), (70, 71), (600, 610)])
def test_single_coalitions_are_distinct_and_neither_empty_nor_whole(players: int, count: int) -> None:
    some = unpaired.chosen(players, count, seed=3)
    assert some.shape == (count, players)
    assert len(np.unique(some, axis=0)) == count
    assert some.any(1).all()
    assert not some.all(1).any()
    assert np.array_equal(some, unpaired.chosen(players, count, seed=3))
    assert not np.array_equal(some, unpaired.chosen(players, count, seed=4))


@pytest.mark.parametrize(
    ("players", "samples", "pairs"), [(12, 27, False), (12, 28, True), (1500, 2051, False), (1500, 2052, True)]
)
def test_pairs_are_evaluated_where_they_are_more_than_players_or_very_many(
    players: int, samples: int, pairs: bool
) -> None:
    design = Regression(players, samples, 0)
    some = design.switches(tf.range(1, design.count)).numpy()
    assert len(some) == (2 * ((samples - 2) // 2) if pairs else samples - 2)
    half = len(some) // 2
    assert np.array_equal(some[:half], ~some[half : 2 * half]) == pairs


def test_single_coalitions_tell_what_orthogonal_ones_do() -> None:
    # Sixteen rows of which any two columns agree in eight have the largest determinant there is (Hadamard), 16^16.
    rows = np.concatenate([np.ones((1, 15)), -np.ones((1, 15)), np.where(unpaired.chosen(15, 14, seed=0), 1.0, -1.0)])
    every = np.concatenate([np.ones((16, 1)), rows], 1)
    assert np.linalg.slogdet(every.T @ every)[1] > 0.9 * 16 * np.log(16)


# 10, 448 and 1,435 pairs beyond those that are chosen.
@pytest.mark.parametrize(("kind", "samples"), [("relu", 150), ("relu", 1026), ("tanh", 1026), ("tanh", 3000)])
def test_drawn_pairs_beyond_those_chosen_add_to_what_these_told(
    kind: str, samples: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def root(errors: list[np.ndarray]) -> float:
        return float(np.sqrt(np.mean(np.square(errors))))

    few = root([sampled(kind, 130, seed)[0] - exact(kind) for seed in range(20)])
    plain = root([least_squares(kind, samples, seed) - exact(kind) for seed in range(20)])
    monkeypatch.setattr(paired, "CHOSEN", 64)
    found = [sampled(kind, samples, seed) for seed in range(20)]
    errors = [scores - exact(kind) for scores, _ in found]
    assert root(errors) < plain
    assert root(errors) < few * (1.05 if samples < 1000 else 0.7)
    assert 0.7 < np.std(errors, 0, ddof=1).mean() / np.mean([claimed for _, claimed in found]) < 1.35


def test_of_many_images_with_segments_of_their_own_the_latest_designs_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shapley_regression, "_latest", {})
    monkeypatch.setattr(shapley_regression, "_KEPT", 2**21)
    made = [regression(players, 64, 0) for players in range(20, 40)]
    kept = list(shapley_regression._latest.values())
    assert sum(one.bytes for one in kept) <= 2**21
    assert kept == made[-len(kept) :]
    assert 1 < len(kept) < 20
    assert regression(39, 64, 0) is made[-1]


@pytest.mark.parametrize("samples", [14, 64, 512])
def test_scores_sum_to_what_there_is_to_explain(samples: int) -> None:
    scores, _ = sampled("relu", samples, 0)
    np.testing.assert_allclose(scores.sum(), game("relu")[-1] - game("relu")[0], atol=1e-10)


def test_more_samples_are_better() -> None:
    error = [np.sqrt(np.mean((sampled("tanh", samples, 0)[0] - exact("tanh")) ** 2)) for samples in (14, 27, 64, 512)]
    assert error[0] > error[1] > 2 * error[2]
    assert error[0] > 3 * error[2] > 9 * error[3]


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


def test_a_game_of_two_players_keeps_these_two() -> None:
    # 3 a - 5 b + 4 a b from 0 to 1: each of the two has half of the product.
    model = contract.from_function(lambda x: 3 * x[:, 1] - 5 * x[:, 4] + 4 * x[:, 1] * x[:, 4])
    found = KernelSHAP(background=0.0, features=2)(model, tf.ones((1, 7)))
    np.testing.assert_allclose(found.scores, [[0, 5, 0, 0, -3, 0, 0]], atol=1e-5)


def test_what_is_left_out_is_shared_by_what_is_kept() -> None:
    weights = tf.constant([8.0, 1.0, -4.0, 0.5, 0.5])
    model = contract.from_function(lambda x: tf.linalg.matvec(x, weights))

    def scores(features: int) -> tf.Tensor:
        return KernelSHAP(background=0.0, features=features)(model, tf.ones((1, 5))).scores

    # Correlations are 11.6, 4.6, -0.4, 4.1, 4.1. A step s along the first lowers the others by 3/8 s: the second is
    # as large at s = 11.2, the third, on the other side, at 8.15.
    np.testing.assert_allclose(scores(1), [[6, 0, 0, 0, 0]], atol=1e-5)
    np.testing.assert_allclose(scores(2), [[9, 0, -3, 0, 0]], atol=1e-5)
    np.testing.assert_allclose(scores(3), [[8 + 1 / 3, 4 / 3, -4 + 1 / 3, 0, 0]], atol=1e-5)
    np.testing.assert_allclose(scores(5), [weights], atol=1e-5)


@pytest.mark.parametrize("kind", ["relu", "tanh"])
@pytest.mark.parametrize("features", [1, 4, 7, 12])
def test_few_features_are_those_of_least_angle_regression_on_all_coalitions(kind: str, features: int) -> None:
    members = coalitions.numbered(np.arange(1, 2**PLAYERS - 1), PLAYERS).astype(float)
    size, values = members.sum(1), game(kind)[1:-1] - game(kind)[0]
    kernel = np.array([1 / (math.comb(PLAYERS, int(k)) * k * (PLAYERS - k)) for k in size])
    total = game(kind)[-1] - game(kind)[0]
    roots = np.sqrt(np.concatenate([kernel * (PLAYERS - size), kernel * size]))
    rows = roots[:, None] * np.concatenate([members, members - 1])
    kept = lars_path(rows, roots * np.concatenate([values, values - total]), max_iter=features, method="lar")[1]
    # The last one takes what the others leave of the total.
    some = np.sqrt(kernel)[:, None] * (members[:, kept[:-1]] - members[:, kept[-1:]])
    found = np.linalg.lstsq(some, np.sqrt(kernel) * (values - members[:, kept[-1]] * total), rcond=None)[0]
    expected = np.zeros(PLAYERS)
    expected[kept] = [*found, total - found.sum()]
    few = Few(Enumerated(PLAYERS), PLAYERS, features)
    scores = few.scores(tf.constant(game(kind)[:-1, None]), tf.constant(game(kind)[-1:])).scores[0]
    np.testing.assert_allclose(scores, expected, atol=1e-9)


def test_of_few_features_the_sum_is_exact_and_errors_are_calibrated() -> None:
    values, wrong, claimed = game("tanh"), [], []
    for seed in range(20):
        few = Few(Regression(PLAYERS, 128, seed), PLAYERS, 5)
        numbers = (few.switches(tf.range(few.count)).numpy() << np.arange(PLAYERS)).sum(1)
        found = few.scores(tf.constant(values[numbers][:, None]), tf.constant(values[-1:]))
        scores, kept = found.scores[0].numpy(), found.scores[0].numpy() != 0
        assert kept.sum() == 5
        np.testing.assert_allclose(scores.sum(), values[-1] - values[0], atol=1e-10)
        true = exact("tanh")[kept]
        wrong += list(scores[kept] - true - (scores.sum() - true.sum()) / 5)
        claimed += list(found.errors[0].numpy()[kept])  # type: ignore[index]
    assert 0.8 < np.sqrt(np.mean(np.square(wrong)) / np.mean(np.square(claimed))) < 1.25


def test_more_features_than_segments_are_refused() -> None:
    model = contract.from_function(lambda x: x[:, 0])
    with pytest.raises(ValueError, match=r"features must be at most the number of segments, 4; got 5\. Leave"):
        KernelSHAP(background=0.0, features=5)(model, tf.ones((1, 4)))
    with pytest.raises(ValueError, match="features must be a whole number above 0; got 0"):
        KernelSHAP(features=0)


def test_too_few_samples_are_refused() -> None:
    with pytest.raises(ValueError, match=r"samples must be at least the number of segments \+ 2, 6; got 5"):
        KernelSHAP(background=0.0, samples=5)(contract.from_function(lambda x: x[:, 0]), tf.ones((1, 4)))


@pytest.mark.parametrize("kind", ["relu", "tanh"])
@pytest.mark.parametrize("samples", [14, 16, 24])
def test_of_few_samples_no_two_values_that_agree_make_an_error_of_zero(kind: str, samples: int) -> None:
    found = [sampled(kind, samples, seed) for seed in range(20)]
    errors, claimed = np.array([scores - exact(kind) for scores, _ in found]), np.array([one for _, one in found])
    assert np.max(np.abs(errors) / claimed) < 30  # a collapsed one is thousands off
    assert 0.5 < np.sqrt(np.mean(errors**2) / np.mean(claimed**2)) < 1.7


def test_a_design_is_made_inside_a_graph() -> None:
    model = contract.from_function(lambda x: x[:, 0] * x[:, 1] + x[:, 2])
    found = tf.function(KernelSHAP(background=0.0, samples=40))(model, tf.ones((1, 8)))
    np.testing.assert_allclose(tf.reduce_sum(found.scores), 2, atol=1e-5)


def test_samples_that_no_memory_holds_are_refused() -> None:
    model = contract.from_function(lambda x: x[:, 0])
    with pytest.raises(
        ValueError, match=r"samples must be at most 1,677,721 for 40 segments.*got 1,000,000,000\. Give"
    ):
        KernelSHAP(background=0.0, samples=10**9)(model, tf.ones((1, 40)))


def test_one_example_as_its_own_background_is_refused() -> None:
    model = contract.from_function(lambda x: x[:, 0])
    for method in (KernelSHAP(), ExactShapley()):
        with pytest.raises(ValueError, match="background: none is given, which takes the inputs' own rows"):
            method(model, tf.ones((1, 4)))
