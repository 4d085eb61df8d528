"""Shapley values by regression: games whose interactions grow rarer with their order.

A game v of n players is a sum of products of signs, s_k = 1 for a member of the coalition and -1 for all others:

    v(S) = sum over sets T of c_T product over k in T of s_k

Turning all signs around keeps the products of even order, so that (v(S) - v(not S)) / 2 is the sum of those of odd
order, and they alone make Shapley values: a product of odd order gives each of its players 2 / |T|. What is regressed
is therefore the half difference of pairs of complements, or, where there are too few of them to tell players apart, the
values of single coalitions with products of all orders. Coefficients are independent, normal, and have one variance per
order l: the game is a Gaussian process whose covariance depends on the number h of players that two coalitions differ
in,

    k(h) = sum over l of w_l K_l(h; n) / K_l(0; n),    w_l proportional to binomial(n, l) (m / n)^l

with K_l the Krawtchouk polynomials and m the *mixing*: with m near 0 nothing but single players counts and the
posterior mean is the least squares solution of Kernel SHAP; the larger m, the more do interactions.
"""

from __future__ import annotations

import dataclasses
import math
from typing import NamedTuple

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Signs = NDArray[np.float64]  # [coalitions, players], 1 or -1

# Above, products are so many and so alike that they are noise to each other.
HIGHEST_ORDER = 15
# Of the variance of what is regressed: what the model's float32 loses.
NOISE = 1e-9
# Of the product of order 0, in that variance: of the level of a game nothing is known.
LEVEL = 1e4


class Posterior(NamedTuple):
    """What observed y [coalitions], half differences or values, of games of variance 1 tell of Shapley values."""

    weights: Floats  # [players, coalitions]; their product with y are the posterior means
    variances: Floats  # [players]
    rows: Floats  # [asked, coalitions], of the inverse of the covariance of y
    factor: Floats  # [coalitions, coalitions], lower triangle, of that covariance
    log_determinant: float  # of it


@dataclasses.dataclass(frozen=True)
class RandomGames:
    """Of n players.

    Attributes:
      players: n.
      mixing: m.
      paired: half differences of pairs are observed, else values.
    """

    players: int
    mixing: float
    paired: bool = True

    def by_distance(self) -> Floats:
        """Covariance of what is observed, by the number of players that two coalitions differ in, [n + 1]."""
        found: Floats = self._shares @ krawtchouk(self.players, self._orders[-1])[self._orders]
        return found if self.paired else found + LEVEL

    def covariance(self, distances: NDArray[np.integer]) -> Floats:
        """Of what is observed at coalitions, by the number of players that two differ in; any shape."""
        return np.take(self.by_distance(), distances)

    def cross(self, signs: Signs) -> Floats:
        """Covariance of Shapley values with what is observed at coalitions, [players, coalitions]."""
        absent = signs < 0
        others = absent.sum(1)[:, None] - absent  # of the other players
        # binomial(n - 1, l - 1) / binomial(n, l) = l / n
        shares, orders = self._odd
        table = shares * 2 / self.players @ krawtchouk(self.players - 1, orders[-1] - 1)[orders - 1]
        return (signs * table[others]).T

    def variance(self) -> float:
        """Of a Shapley value, before anything is known."""
        shares, orders = self._odd
        return float(np.sum(shares * 4 / (orders * self.players)))

    def covariance_of_values(self) -> Floats:
        """Of Shapley values, before anything is known, [players, players]."""
        # Their sum is twice the half difference of everybody and nobody, whose covariance with each is 2 / n of the
        # variance of a half difference.
        apart = (4 * self._odd[0].sum() / self.players - self.variance()) / max(self.players - 1, 1)
        return np.where(np.eye(self.players, dtype=bool), self.variance(), apart)

    def posterior(self, signs: Signs, apart: NDArray[np.integer], asked: NDArray[np.integer]) -> Posterior:
        """Args:
        signs: coalitions, of pairs one of each, [coalitions, players].
        apart: their distances to each other.
        asked: for which of them the rows of the inverse are.
        """
        covariance = self.covariance(apart)
        covariance.flat[:: len(signs) + 1] += NOISE
        cross = self.cross(signs)
        wanted = np.concatenate([cross, np.eye(len(signs))[asked]]).T
        # NumPy's threads wait for each other where cores are shared: a second each for what takes a hundredth.
        with tf.init_scope(), tf.device("CPU"):
            factor = tf.linalg.cholesky(tf.constant(covariance))
            solved = tf.linalg.cholesky_solve(factor, tf.constant(wanted)).numpy().T
        weights, rows = np.split(solved, [self.players])
        variances = np.maximum(self.variance() - np.sum(weights * cross, 1), 0)
        factor = factor.numpy()
        return Posterior(weights, variances, rows, factor, 2 * float(np.sum(np.log(np.diag(factor)))))

    @property
    def _orders(self) -> NDArray[np.int64]:
        return np.arange(1, min(self.players, HIGHEST_ORDER) + 1, 2 if self.paired else 1)

    @property
    def _odd(self) -> tuple[Floats, NDArray[np.int64]]:
        """Shares and orders of the products that make Shapley values."""
        odd = self._orders % 2 == 1
        return self._shares[odd], self._orders[odd]

    @property
    def _shares(self) -> Floats:
        """Of each order in the variance of what is observed, the level apart."""
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


def distances(signs: Signs, others: Signs) -> NDArray[np.intp]:
    """Players that two coalitions differ in, [coalitions, others]."""
    with tf.init_scope(), tf.device("CPU"):
        alike = tf.linalg.matmul(tf.constant(signs, tf.float32), tf.constant(others, tf.float32), transpose_b=True)
    found: NDArray[np.intp] = np.rint((signs.shape[1] - alike.numpy()) / 2).astype(np.intp)
    return found
