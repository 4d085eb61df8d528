"""What drawn pairs of coalitions add to Shapley values that chosen ones have told, at a cost linear in their number.

The posterior of `random_games` needs the cube of the pairs. Of many pairs it is therefore that of the first, and the
rest tells how far off it is: with r what the values of the rest differ from their prediction,

    z_k = n * sum over the rest of w (s_k - mean of s) r

estimates the errors of the posterior means. It is the regression of Kernel SHAP with its Gram matrix over all
coalitions (Covert and Lee, 2021, eq. 7, arXiv:2012.01536), in strata of equal size (w: the kernel's share of a size,
equally to its drawn pairs). The errors' estimate has z weighed against the posterior's own variance, as in a Kalman
filter.
"""

from __future__ import annotations

import dataclasses
import math
from typing import NamedTuple

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from tb_attribution_plugin.methods.random_games import Floats, Posterior, RandomGames, Signs, distances

# Pairs whose prediction from the first ones is worked out at a time, 8 MiB.
_AT_ONCE = 1024
# Pairs of the rest that tell how uncertain such predictions are.
_SOME = 256


class Update(NamedTuple):
    """Means are `weights` y of the first + `gain` (toward' y of the rest)."""

    weights: Floats  # [players, first]
    gain: Floats  # [players, players]
    variances: Floats  # [players]


@dataclasses.dataclass(frozen=True)
class Rest:
    """The pairs beyond the first.

    Attributes:
      toward: what a difference from its prediction counts in z, [rest, players].
      left: share of a stratum that was not drawn, [rest]: so much of the drawn ones' variance is noise.
      first: the pairs that are known.
      some: those whose predictions' variance is worked out, the others have that of the ones of their size.
      sizes: players of the smaller one of each pair, [rest].
    """

    signs: Signs
    toward: Floats
    left: Floats
    first: Signs
    some: NDArray[np.intp]
    sizes: NDArray[np.int64]

    def updated(self, games: list[RandomGames], posteriors: list[Posterior]) -> list[Update]:
        """Args:
        posteriors: of these games, given the first.
        """
        tables = [game.by_distance().astype(np.float32) for game in games]
        seen = np.zeros((len(games), self.toward.shape[1], len(self.first)))  # of the rest, through the covariance
        for start in range(0, len(self.signs), _AT_ONCE):
            apart = distances(self.signs[start : start + _AT_ONCE], self.first)
            toward = tf.constant(self.toward[start : start + _AT_ONCE], tf.float32)
            for number, table in enumerate(tables):
                with tf.init_scope(), tf.device("CPU"):
                    seen[number] += tf.linalg.matmul(toward, tf.constant(np.take(table, apart)), transpose_a=True)
        apart = distances(self.first, self.signs[self.some])
        return [self._update(*one, apart) for one in zip(games, posteriors, seen, strict=True)]

    def _update(self, game: RandomGames, posterior: Posterior, seen: Floats, apart: NDArray[np.intp]) -> Update:
        with tf.init_scope(), tf.device("CPU"):
            factor = tf.constant(posterior.factor)
            predicted = tf.linalg.cholesky_solve(factor, tf.constant(seen.T)).numpy().T
            told = tf.linalg.triangular_solve(factor, tf.constant(game.covariance(apart))).numpy()
        unknown = self._by_size(np.maximum(1 - np.sum(told**2, 0), 0))
        noise = np.einsum("rk,rl->kl", self.toward * (unknown * self.left)[:, None], self.toward, optimize=True)
        prior = game.covariance_of_values() - posterior.weights @ game.cross(self.first).T
        least = np.finfo(np.float64).eps * game.variance() * np.eye(game.players)
        gain = np.linalg.solve(prior + noise + least, prior).T
        variances = np.maximum(np.diag(prior - gain @ prior), 0)
        return Update(posterior.weights - gain @ predicted, gain, variances)

    def _by_size(self, values: Floats) -> Floats:
        """Means over `some` of each size, to all of it, [rest]."""
        most = int(self.sizes.max()) + 1
        own = self.sizes[self.some]
        count = np.bincount(own, minlength=most)
        means = np.bincount(own, values, most) / np.maximum(count, 1)
        return np.where(count, means, values.mean())[self.sizes]


def rest(first: Signs, signs: Signs) -> Rest:
    """Args:
    signs: of the rest, [rest, players].
    """
    players = first.shape[1]
    of_first, of_rest = (_sizes(one) for one in (first, signs))
    weights, left, missing, covered = np.zeros(len(signs)), np.zeros(len(signs)), 0.0, 0.0
    for size in range(1, players // 2 + 1):
        halved = 1 + (2 * size == players)  # a pair has its size twice
        every, known, drawn = math.comb(players, size) // halved, np.sum(of_first == size), np.sum(of_rest == size)
        kernel = (every - int(known)) / every / (size * (players - size) * halved)
        missing += kernel
        if drawn:
            covered += kernel
            here = of_rest == size
            weights[here] = kernel / drawn
            left[here] = 1 - int(drawn) / (every - int(known))
    weights *= players * missing / covered
    toward = weights[:, None] * (signs - signs.mean(1, keepdims=True))
    some = np.unique(np.linspace(0, len(signs) - 1, min(len(signs), _SOME)).round().astype(np.intp))
    return Rest(signs, toward, left, first, some, of_rest)


def _sizes(signs: Signs) -> NDArray[np.int64]:
    """Players of the smaller one of each pair."""
    members = np.sum(signs > 0, 1)
    return np.minimum(members, signs.shape[1] - members)
