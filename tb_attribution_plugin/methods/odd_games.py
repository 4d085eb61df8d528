"""Shapley values by regression: games whose interactions grow rarer with their order.

A game v of n players is a sum of products of signs, s_k = 1 for a member of the coalition and -1 for all others:

    v(S) = sum over sets T of c_T product over k in T of s_k

Turning all signs around keeps the products of even order, so that (v(S) - v(not S)) / 2 is the sum of those of odd
order, and they alone make Shapley values: a product of odd order gives each of its players 2 / |T|. What is regressed
is therefore the half difference of pairs of complements, with coefficients that are independent, normal, and have one
variance per order l: the game is a Gaussian process whose covariance depends on the number h of players that two
coalitions differ in,

    k(h) = sum over odd l of w_l K_l(h; n) / K_l(0; n),    w_l proportional to binomial(n, l) (m / n)^l

with K_l the Krawtchouk polynomials and m the *mixing*: with m near 0 nothing but single players counts and the
posterior mean is the least squares solution of Kernel SHAP; the larger m, the more do interactions.
"""

from __future__ import annotations

import dataclasses
import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Signs = NDArray[np.float64]  # [coalitions, players], 1 or -1

# Above, products are so many and so alike that they are noise to each other.
HIGHEST_ORDER = 15
# Of the variance of a half difference: what the model's float32 loses.
NOISE = 1e-9


class Posterior(NamedTuple):
    """What half differences y [pairs] of games of variance 1 tell of Shapley values."""

    weights: Floats  # [players, pairs]; their product with y are the posterior means
    variances: Floats  # [players]
    inverse: Floats  # [pairs, pairs], of the covariance of y
    log_determinant: float  # of the covariance of y


@dataclasses.dataclass(frozen=True)
class OddGames:
    """Games of n players with interactions of odd orders.

    Attributes:
      players: n.
      mixing: m.
    """

    players: int
    mixing: float

    def covariance(self, distances: NDArray[np.int64]) -> Floats:
        """Of half differences at coalitions, by the number of players that two differ in; any shape."""
        found: Floats = (self._shares @ krawtchouk(self.players, self._orders[-1])[self._orders])[distances]
        return found

    def cross(self, signs: Signs) -> Floats:
        """Covariance of Shapley values with the half differences at coalitions, [players, coalitions]."""
        absent = signs < 0
        others = absent.sum(1)[:, None] - absent  # of the other players
        table = krawtchouk(self.players - 1, self._orders[-1] - 1)
        found = np.zeros(signs.shape)
        for order, share in zip(self._orders, self._shares, strict=True):
            # binomial(n - 1, l - 1) / binomial(n, l) = l / n
            found += share * (2 / order) * (order / self.players) * table[order - 1][others]
        return (signs * found).T

    def variance(self) -> float:
        """Of a Shapley value, before anything is known."""
        return float(np.sum(self._shares * (2 / self._orders) ** 2 * self._orders / self.players))

    def covariance_of_values(self) -> Floats:
        """Of Shapley values, before anything is known, [players, players]."""
        of_two = (self._orders - 1) / (self.players - 1)  # how likely a set with one player has another one
        apart = np.sum(self._shares * (2 / self._orders) ** 2 * self._orders / self.players * of_two)
        return np.where(np.eye(self.players, dtype=bool), self.variance(), float(apart))

    def posterior(self, signs: Signs) -> Posterior:
        """Args:
        signs: one coalition of each pair, [pairs, players].
        """
        factor = np.linalg.cholesky(self.covariance(distances(signs, signs)) + NOISE * np.eye(len(signs)))
        root = np.linalg.inv(factor)
        inverse, cross = root.T @ root, self.cross(signs)
        weights = cross @ inverse
        variances = np.maximum(self.variance() - np.sum(weights * cross, 1), 0)
        return Posterior(weights, variances, inverse, 2 * float(np.sum(np.log(np.diag(factor)))))

    @property
    def _orders(self) -> NDArray[np.int64]:
        return np.arange(1, min(self.players, HIGHEST_ORDER) + 1, 2)

    @property
    def _shares(self) -> Floats:
        """Of each order in the variance of a half difference."""
        ratio = math.log(self.mixing / self.players)
        logs = np.array([math.log(math.comb(self.players, order)) + order * ratio for order in self._orders])
        shares = np.exp(logs - logs.max())
        return shares / shares.sum()


def krawtchouk(players: int, highest: int) -> Floats:
    """K_l(h; n) / K_l(0; n) for orders l up to `highest` and h from 0 to n, [highest + 1, n + 1].

    The mean over all sets of l of n signs of their product, where h of the signs are -1. Recurrence in l: MacWilliams
    and Sloane, 1977, chapter 5, section 7.
    """
    h = np.arange(players + 1)
    table = np.ones((highest + 1, players + 1))
    if highest > 0:
        table[1] = 1 - 2 * h / players
    for order in range(1, highest):
        table[order + 1] = ((players - 2 * h) * table[order] - order * table[order - 1]) / (players - order)
    return table


def distances(signs: Signs, others: Signs) -> NDArray[np.int64]:
    """Players that two coalitions differ in, [coalitions, others]."""
    found: NDArray[np.int64] = np.rint((signs.shape[1] - signs @ others.T) / 2).astype(np.int64)
    return found
