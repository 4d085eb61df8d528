"""The Hilbert-Schmidt independence criterion of cells: equal to its definition, and about 0 of what does nothing."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from tb_attribution_plugin.attribution import Attribution
from tb_attribution_plugin.methods import HSIC, cells, contract, hsic
from tests.methods.joined import rows_of_two_targets

pytestmark = pytest.mark.once

# Columns of a table are cells by themselves, and at x = 1 from 0 a column is its mask.
X = tf.ones((1, 3))


def explained(function: Any, **fields: Any) -> Attribution:
    return HSIC(**{"grid": 3, "baseline": 0.0, **fields})(contract.from_function(function), X)


def both(x: tf.Tensor) -> tf.Tensor:
    return 3 * x[:, 0] + x[:, 1]


def by_definition(masks: np.ndarray, f: np.ndarray, cell: int) -> float:
    n = len(f)
    apart = np.abs(f[:, None] - f)
    gauss = np.exp(-(apart**2) / (2 * np.median(apart[np.triu_indices(n, 1)]) ** 2))
    kernel = 0.5 - (masks[:, None, cell] - masks[None, :, cell]) ** 2
    h = np.eye(n) - 1 / n
    return float(np.trace(kernel @ h @ gauss @ h) / (n - 1) ** 2)


@pytest.mark.parametrize("designs", [20, 21])
def test_scores_are_those_of_the_definition(designs: int) -> None:
    found = explained(both, designs=designs)
    masks = (cells.latin(designs, 3, 0) < 0.5).astype(float)
    expected = [by_definition(masks, 3 * masks[:, 0] + masks[:, 1], cell) for cell in range(3)]
    np.testing.assert_allclose(found.scores[0], np.maximum(expected, 0), rtol=1e-5)


def test_of_one_cell_alone_it_is_known() -> None:
    # f is 0 or 1, each in half of n = 100: more than half of the pairs differ, so s = 1 and L is 1 or e = exp(-1/2).
    # Centred, L is (1 - e) / 2 times the product of signs, K is 1/2 times it.
    found = explained(lambda x: x[:, 1], designs=100)
    expected = (1 - np.exp(-0.5)) / 4 * (100 / 99) ** 2
    np.testing.assert_allclose(found.scores[0, 1], expected, rtol=1e-6)


def test_a_cell_that_does_nothing_has_the_bias_alone() -> None:
    # f is 0, 1, 3 or 4 in about a quarter of the designs each: just under half of the pairs are 0 or 1 apart, s = 2.
    many = np.array([explained(both, designs=100, seed=seed).scores[0] for seed in range(80)])
    f = np.array([0, 1, 3, 4])
    bias = (1 - np.exp(-((f[:, None] - f) ** 2) / (2 * 2**2)).mean()) / 200
    error = many[:, 2].std() / np.sqrt(80)
    assert abs(many[:, 2].mean() - bias) < 3 * error
    assert error < bias / 6
    assert many[:, 0].mean() > many[:, 1].mean() > 2 * many[:, 2].mean()


def test_a_dependence_without_any_effect_on_the_mean_is_seen() -> None:
    # The second column turns the first one's sign: the mean of f is 0 whatever one of them alone is.
    found = explained(lambda x: (x[:, 0] - 0.5) * (1 + 5 * x[:, 1]), designs=500)
    assert found.scores[0, 1] > 20 * found.scores[0, 2]


def test_errors_are_the_spread_over_seeds() -> None:
    many = [explained(lambda x: both(x) * (1 + x[:, 2]), designs=200, seed=seed) for seed in range(60)]
    spread = np.std([one.scores[0] for one in many], axis=0, ddof=1)
    stated = np.mean([one.errors[0] for one in many], axis=0)
    assert (stated > 0.75 * spread).all()
    assert (stated < 2.5 * spread).all()


def test_a_constant_has_zero_and_equal_pairs_do_not_divide_by_zero() -> None:
    found = explained(lambda x: 0 * x[:, 0] + 0.1, designs=10)
    assert not np.any(found.scores)
    assert not np.any(found.errors)
    rare = explained(lambda x: x[:, 0] * x[:, 1] * x[:, 2], designs=40)  # 0 in most of them
    assert np.isfinite(rare.scores).all()
    assert np.min(rare.scores) > 0


def test_two_targets_cost_the_passes_of_one() -> None:
    assert rows_of_two_targets(HSIC(grid=3, designs=12, baseline=0.0)) == [12, 0]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"designs": 1}, "designs must be a whole number, at least 4, so that cells are on and off twice; got 1"),
        ({"designs": 8.0}, "designs must be a whole number"),
        ({"grid": []}, "grid must be a whole number above 0, or one for each axis"),
        ({"seed": -3}, "seed must be a whole number"),
    ],
)
def test_fields_that_make_no_sense_are_refused(fields: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        HSIC(**fields)


def test_a_grid_that_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match=r"grid \(4,\) has more cells than the input has places, \(3,\)"):
        explained(both, grid=(4,))


@pytest.mark.parametrize("count", [4, 5, 41])
def test_the_width_is_the_median_distance_and_the_mean_where_that_is_zero(count: int) -> None:
    random = np.random.default_rng(count)
    apart = random.normal(size=count)
    values = np.stack([apart, 1e-6 * apart, np.round(apart), np.eye(count)[0], np.full(count, 7.0)])
    distances = np.abs(values[:, :, None] - values[:, None])[(slice(None), *np.triu_indices(count, 1))]
    median = np.median(distances, 1)
    expected = np.where(median > 0, median, distances.mean(1))
    np.testing.assert_allclose(hsic._widths(tf.constant(values)), expected, rtol=1e-9, atol=1e-15)
    assert expected[-1] == 0
