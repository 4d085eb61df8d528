"""Owen values over halves, against their definition by brute force."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from tb_attribution_plugin.methods import ExactShapley, PartitionSHAP, contract, segmentation
from tb_attribution_plugin.methods.halves import Halves
from tb_attribution_plugin.methods.rows_of_players import in_a_row
from tests.methods.joined import rows_of_two_targets

ALL = 10**6


def game(players: int) -> np.ndarray:
    """Values of all coalitions, by the bits of their number."""
    return np.random.default_rng(players).normal(size=2**players)


def scores(values: np.ndarray, players: int, samples: int = ALL) -> np.ndarray:
    design = Halves(players, samples)
    masks = design.switches(tf.range(design.count)).numpy()
    of_masks = tf.constant(values[masks @ 2 ** np.arange(players)])[:, None]
    return design.scores(of_masks, tf.constant(values[-1:])).scores[0].numpy()


def orders(row: list[int]) -> Iterator[list[int]]:
    """Those in which no half, no half of a half and so on is broken up."""
    if len(row) == 1:
        yield row
        return
    for left in orders(row[: len(row) // 2]):
        for right in orders(row[len(row) // 2 :]):
            yield left + right
            yield right + left


@pytest.mark.parametrize("players", [2, 3, 4, 5, 7])
def test_scores_are_means_over_the_orders_that_keep_the_hierarchy(players: int) -> None:
    values, found = game(players), []
    for order in orders(list(range(players))):
        before = np.concatenate([[0], np.cumsum([2**one for one in order])])
        steps = np.zeros(players)
        steps[order] = np.diff(values[before])
        found.append(steps)
    assert len(found) == 2 ** (players - 1)
    np.testing.assert_allclose(scores(values, players), np.mean(found, 0), rtol=1e-12)


def test_pairs_have_the_values_of_owens_formula() -> None:
    # Unions {0, 1} and {2, 3}: sum over the other union there or not, and over the partner there or not, each 1/2.
    values, found = game(4), scores(game(4), 4)
    for player in range(4):
        partner, other = player ^ 1, [2, 3] if player < 2 else [0, 1]
        expected = 0.0
        for union, beside in itertools.product([0, sum(2**one for one in other)], [0, 2**partner]):
            expected += (values[union + beside + 2**player] - values[union + beside]) / 4
        assert math.isclose(found[player], expected, rel_tol=1e-12)


@pytest.mark.parametrize("samples", [4, 11, 12, 40, ALL])
def test_scores_add_up_at_any_budget(samples: int) -> None:
    values = game(6)
    design = Halves(6, samples)
    assert design.count + 1 <= samples
    np.testing.assert_allclose(scores(values, 6, samples).sum(), values[-1] - values[0], rtol=1e-12)


def test_parts_that_are_left_whole_share_their_score() -> None:
    whole, halves = scores(game(4), 4), scores(game(4), 4, samples=7)
    np.testing.assert_allclose(halves[:2], [whole[:2].mean()] * 2, rtol=1e-12)
    np.testing.assert_allclose(halves[2:], [whole[2:].mean()] * 2, rtol=1e-12)
    # Nothing, all, two halves, and in two contexts two players of each half.
    assert [Halves(4, samples).count + 1 for samples in (4, 7, 8, 11, 12, ALL)] == [4, 4, 8, 8, 12, 12]
    assert Halves(8, ALL).count + 1 == 2 / 3 * (8**2 - 1) + 2


def test_two_players_have_their_shapley_values() -> None:
    model = contract.from_function(lambda x: x[:, 0] * x[:, 1] + x[:, 1])
    x = tf.constant([[2.0, 3.0], [1.0, -1.0]])
    found = PartitionSHAP(background=0.0)(model, x)
    np.testing.assert_allclose(found.scores, [[3, 6], [-0.5, -1.5]], rtol=1e-6)
    np.testing.assert_allclose(found.scores, ExactShapley(background=0.0)(model, x).scores, rtol=1e-6)
    assert found.evaluations.numpy().tolist() == [4, 4]
    assert np.isnan(found.residual).all()


def resolved(ids: list[Any]) -> segmentation.Segments:
    array = np.array(ids)
    feature = tf.zeros(array.shape)
    return in_a_row(segmentation.resolve(array, feature, None))


def test_images_are_halved_along_their_longer_side_first() -> None:
    # 2 x 4 cells, one channel: the left four are the first half, of them the upper two or the left two come first.
    ids = np.arange(8).reshape(1, 2, 4, 1)
    row = resolved(ids.tolist()).ids[0]
    assert set(row[:4]) == {0, 1, 4, 5}
    assert {frozenset(row[:2]), frozenset(row[2:4])} == {frozenset({0, 1}), frozenset({4, 5})}


def test_each_example_has_its_own_row_and_features_without_a_segment_have_none() -> None:
    found = resolved([[0, 1, 2, 3, -1], [3, 1, 0, 2, 5]])
    assert found.ids[0].tolist() == [0, 1, 2, 3]
    assert found.ids[1].tolist() == [3, 1, 0, 2, 5]
    assert found.players.numpy().tolist() == [[0, 1, 2, 3, -1], [0, 1, 2, 3, 4]]


def test_scores_go_to_the_segments_whatever_their_numbers_are() -> None:
    model = contract.from_function(lambda x: x[:, 0] * x[:, 1] * x[:, 2] + x[:, 3])
    x = tf.constant([[2.0, 3.0, 1.0, 5.0]] * 2)
    found = PartitionSHAP(segments=np.array([[0, 1, 2, 3], [3, 0, 2, 1]]), background=0.0)(model, x)
    np.testing.assert_allclose(found.scores[0], found.scores[1], rtol=1e-6)
    np.testing.assert_allclose(found.segment_scores[0], found.scores[0], rtol=1e-6)
    np.testing.assert_allclose(tf.gather(found.segment_scores[1], [3, 0, 2, 1]), found.scores[1], rtol=1e-6)
    np.testing.assert_allclose(found.scores[0], [1.5, 1.5, 3, 5], rtol=1e-6)


def test_two_targets_cost_the_passes_of_one() -> None:
    # 6 columns: nothing and two halves, and of those in two contexts the first player and the pair behind it, ...
    count = Halves(6, 40).count
    assert rows_of_two_targets(PartitionSHAP(samples=40, background=0.0)) == [count, 0]


@pytest.mark.parametrize("samples", [3, True, 8.0])
def test_a_budget_that_halves_nothing_is_refused(samples: Any) -> None:
    with pytest.raises(ValueError, match="samples must be a whole number, at least 4: nothing, either half and all"):
        PartitionSHAP(samples=samples)
