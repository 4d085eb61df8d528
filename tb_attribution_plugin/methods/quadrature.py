"""Nodes and weights on [0, 1]; every rule's weights sum to 1."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tb_attribution_plugin.methods.arguments import is_whole

RULES = ("gauss_legendre", "trapezoid", "midpoint")


def rule(name: str, points: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Nodes [points] in [0, 1], ascending, and their weights [points].

    Gauss-Legendre is exact for polynomials of degree 2 points - 1; the trapezoid includes both ends.

    Raises:
      ValueError: unknown rule, or too few points for it.
    """
    least = 2 if name == "trapezoid" else 1
    if not is_whole(points, least):
        raise ValueError(f"steps must be a whole number, at least {least} for rule {name!r}; got {points!r}")
    if name == "gauss_legendre":
        nodes, weights = np.polynomial.legendre.leggauss(points)
        return (nodes + 1) / 2, weights / 2
    if name == "midpoint":
        return (np.arange(points) + 0.5) / points, np.full(points, 1 / points)
    if name == "trapezoid":
        weights = np.full(points, 1 / (points - 1))
        weights[[0, -1]] /= 2
        return np.linspace(0, 1, points), weights
    raise ValueError(f"rule must be one of {', '.join(RULES)}; got {name!r}")
