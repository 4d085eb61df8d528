"""Shapley values of trees small enough to check on paper, and of the games that the two modes play."""

from __future__ import annotations

import tracemalloc
from typing import Any

import numpy as np
import pytest

from tb_attribution_plugin.integrations import tree_shap
from tb_attribution_plugin.integrations.tree import Tree
from tests.integrations.shapley import shapley

RANDOM = np.random.default_rng(0)


def tree(nodes: list[Any]) -> Tree:
    """From (column, limit, left, right, cover) or (value, cover)."""
    limits = np.array([node[1] if len(node) == 5 else 0.0 for node in nodes])
    return Tree(
        left=np.array([node[2] if len(node) == 5 else -1 for node in nodes]),
        right=np.array([node[3] if len(node) == 5 else -1 for node in nodes]),
        feature=np.array([node[0] if len(node) == 5 else 0 for node in nodes]),
        value=np.array([[node[0] if len(node) == 2 else 0.0] for node in nodes]),
        cover=np.array([node[-1] for node in nodes], float),
        decide=lambda values: values <= limits,
    )


AND = tree([(0, 0, 1, 2, 4), (0.0, 2), (1, 0, 3, 4, 2), (0.0, 1), (8.0, 1)])  # 8 where both are above 0


def grown(columns: int, depth: int, left: np.ndarray) -> Tree:
    """A full tree whose nodes ask for random columns, those of the same way again among them."""
    inner, count = 2**depth - 1, 2 ** (depth + 1) - 1
    limits, cover = RANDOM.normal(size=count), np.zeros(count)
    cover[0] = 1000
    for node in range(inner):
        cover[2 * node + 1] = cover[node] * left[node]
        cover[2 * node + 2] = cover[node] * (1 - left[node])
    nodes = np.arange(count)
    return Tree(
        left=np.where(nodes < inner, 2 * nodes + 1, -1),
        right=np.where(nodes < inner, 2 * nodes + 2, -1),
        feature=RANDOM.integers(0, columns, count),
        value=np.where(nodes < inner, 0, RANDOM.normal(size=count))[:, None] * [1, -2],
        cover=cover,
        decide=lambda values: values <= limits,
    )


def value(one: Tree, row: np.ndarray, present: Any, node: int = 0) -> Any:
    """What a row gives where an absent column goes both ways, by cover."""
    if one.left[node] < 0:
        return one.value[node]
    children = one.left[node], one.right[node]
    if present(one.feature[node]):
        goes_left = one.decide(np.tile(row[one.feature], (1, 1)))[0, node]
        return value(one, row, present, children[0] if goes_left else children[1])
    if one.cover[node] == 0:
        return 0 * one.value[node]
    return sum(one.cover[child] / one.cover[node] * value(one, row, present, child) for child in children)


def test_two_columns_that_only_matter_together_share_evenly():
    found = tree_shap.path_dependent(AND, np.array([[1.0, 1.0], [1.0, -1.0]]))
    assert found.base.tolist() == [2.0]
    # v(both) = 8, v(one) = 4, v(none) = 2; and of the second row v(first) = 4, v(second) = v(both) = 0
    np.testing.assert_allclose(found.scores[:, :, 0], [[3, 3], [1, -3]])


def test_to_a_background_row_only_columns_that_differ_have_a_part():
    rows, background = np.array([[1.0, 1.0]]), np.array([[-1.0, 1.0], [-1.0, -1.0]])
    found = tree_shap.interventional(AND, rows, background)
    assert found.base.tolist() == [0.0]
    np.testing.assert_allclose(found.scores[0, :, 0], [(8 + 4) / 2, (0 + 4) / 2])


@pytest.mark.parametrize("depth", [1, 3, 6])
@pytest.mark.parametrize("empty", [False, True])
def test_absent_columns_go_both_ways_by_cover(depth: int, empty: bool, monkeypatch: pytest.MonkeyPatch):
    shares = RANDOM.random(2**depth)
    if empty:
        shares[RANDOM.random(len(shares)) < 0.3] = 0  # ways that no row of training went
    one, rows = grown(5, depth, shares), RANDOM.normal(size=(3, 5))
    found = tree_shap.path_dependent(one, rows)
    marks = np.array([[0.0] * 5])

    def game(row: np.ndarray) -> Any:
        return lambda masks: np.array([value(one, row, lambda column: mask[column] == 1) for mask in masks])  # noqa: B023

    expected = [shapley(game(row), marks + 1, marks)[0] for row in rows]
    np.testing.assert_allclose(found.scores, expected, atol=1e-12)
    np.testing.assert_allclose(found.base, value(one, rows[0], lambda column: False), atol=1e-12)
    monkeypatch.setattr(tree_shap, "_HELD", 50)  # leaves in chunks
    chunked = tree_shap.path_dependent(one, rows)
    np.testing.assert_allclose(chunked.scores, expected, atol=1e-12)
    np.testing.assert_allclose(chunked.base, found.base, atol=1e-12)


@pytest.mark.parametrize("depth", [1, 4, 6])
def test_absent_columns_have_the_values_of_each_background_row(depth: int, monkeypatch: pytest.MonkeyPatch):
    one, rows, background = (
        grown(5, depth, np.full(2**depth, 0.5)),
        RANDOM.normal(size=(3, 5)),
        RANDOM.normal(size=(7, 5)),
    )

    def f(table: np.ndarray) -> np.ndarray:
        return np.array([value(one, row, lambda column: True) for row in table])

    expected = shapley(f, rows, background)
    np.testing.assert_allclose(tree_shap.interventional(one, rows, background).scores, expected, atol=1e-12)
    monkeypatch.setattr(tree_shap, "_HELD", 50)  # leaves in chunks
    np.testing.assert_allclose(tree_shap.interventional(one, rows, background).scores, expected, atol=1e-12)


def test_memory_does_not_grow_with_leaves_times_rows():
    one, rows = grown(20, 12, np.full(2**12, 0.5)), RANDOM.normal(size=(64, 20))
    tracemalloc.start()
    tree_shap.path_dependent(one, rows)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    # 4,096 leaves x 64 rows x some 10 players would be 20 MB of float64, several times over.
    assert peak < 32e6


def test_a_tree_that_asks_nothing_gives_its_value_to_the_base():
    one, rows = tree([(3.0, 10)]), np.zeros((2, 4))
    for found in (tree_shap.path_dependent(one, rows), tree_shap.interventional(one, rows, rows)):
        assert found.base.tolist() == [3.0]
        assert found.scores.shape == (2, 4, 1)
        assert not found.scores.any()


def test_forty_columns_on_one_way_are_exact():
    # Each splits a half off: a chain whose last leaf, all columns above 0, has the value 2^40.
    chain = [(at, 0, 2 * at + 1, 2 * at + 2, 2.0**-at) if at < 40 else (2.0**40, 2.0**-40) for at in range(41)]
    nodes: list[Any] = []
    for at, node in enumerate(chain):
        nodes += [node] if at == 40 else [node, (0.0, 2.0 ** -(at + 1))]
    found = tree_shap.path_dependent(tree(nodes), np.ones((1, 40)))
    np.testing.assert_allclose(found.scores[0, :, 0], (2.0**40 - 1) / 40)  # by symmetry
