from __future__ import annotations

import numpy as np
import pytest

from tb_attribution_plugin.methods import quadrature


@pytest.mark.parametrize("name", quadrature.RULES)
@pytest.mark.parametrize("points", [2, 3, 8])
def test_weights_sum_to_one_and_nodes_ascend_within_the_path(name: str, points: int) -> None:
    nodes, weights = quadrature.rule(name, points)
    assert len(nodes) == len(weights) == points
    np.testing.assert_allclose(weights.sum(), 1, rtol=1e-12)
    assert np.all(np.diff(nodes) > 0)
    assert nodes[0] >= 0
    assert nodes[-1] <= 1


def test_the_trapezoid_counts_both_ends_by_half() -> None:
    nodes, weights = quadrature.rule("trapezoid", 5)
    np.testing.assert_allclose(nodes, [0, 0.25, 0.5, 0.75, 1])
    np.testing.assert_allclose(weights, [0.125, 0.25, 0.25, 0.25, 0.125])


def test_the_midpoint_of_one_point_is_the_middle() -> None:
    nodes, weights = quadrature.rule("midpoint", 1)
    assert (nodes.tolist(), weights.tolist()) == ([0.5], [1.0])


@pytest.mark.parametrize("points", [1, 2, 4])
def test_gauss_legendre_is_exact_to_degree_2n_minus_1_and_not_beyond(points: int) -> None:
    nodes, weights = quadrature.rule("gauss_legendre", points)
    for degree in range(2 * points):
        np.testing.assert_allclose(weights @ nodes**degree, 1 / (degree + 1), rtol=1e-12)
    assert abs(weights @ nodes ** (2 * points) - 1 / (2 * points + 1)) > 1e-6
