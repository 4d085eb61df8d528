"""Shapley values from the values of some coalitions."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import tensorflow as tf

from tb_attribution_plugin.methods import many_pairs, paired
from tb_attribution_plugin.methods.coalitions import Found
from tb_attribution_plugin.methods.odd_games import Floats, OddGames, Signs

# Mixings to choose from, by what the values of an example look like.
_MIXINGS = (1e-4, 0.04, 0.36, 1.2, 2.4, 4.8)
# At most so many pairs decide, and so many are predicted from all others: what is kept of each mixing is the square of
# the one and a row for each of the other, 2 MiB instead of 8, and errors do not change.
_DECIDING, _LEFT_OUT = 256, 128
# Bytes of designs that are kept: images have one for each number of superpixels.
_KEPT = 2**26


class _Told(NamedTuple):
    """What games of one mixing and variance 1 tell."""

    weights: Floats  # [players, pairs], of half differences in Shapley values
    variances: Floats  # [players]
    rows: Floats  # [left out, first pairs], of the inverse of the covariance of the first pairs
    inverse: Floats  # [deciding, deciding], of their covariance
    log_determinant: float  # of it


class Regression:
    """Pairs of complementary coalitions, and the posterior mean of `odd_games` given their values (of very many pairs,
    that of `many_pairs`).

    The mixing is the one of the largest likelihood, and the games' variance the mean squared error of each value as
    predicted from all others, over its variance: so standard errors are those that games which behave like this one
    have. Means are linear in the values; what they lack of v(all) - v(none) is shared
    equally, so that it is kept exactly.
    """

    def __init__(self, players: int, samples: int, seed: int) -> None:
        """Args:
        samples: coalitions, those of nobody and of all among them.
        """
        some = paired.chosen(players, (samples - 2) // 2, seed)
        self.count = 2 * len(some) + 1
        self._coalitions = np.concatenate([np.zeros((1, players), bool), some, ~some])
        signs = np.where(np.concatenate([np.ones((1, players), bool), some]), 1.0, -1.0)
        drawn = np.random.default_rng(seed).permutation(min(len(some), paired.CHOSEN)) + 1
        self._deciding = np.append(0, drawn[: _DECIDING - 1])
        self._left_out = drawn[:_LEFT_OUT]
        told = [self._told(OddGames(players, mixing), signs) for mixing in _MIXINGS]
        self._weights, self._variances, self._rows, self._inverses, self._logs = (
            np.stack(each) for each in zip(*told, strict=True)
        )

    def _told(self, game: OddGames, signs: Signs) -> _Told:
        first, rest = np.split(signs, [paired.CHOSEN + 1])
        posterior = game.posterior(first)
        weights, variances = posterior.weights, posterior.variances
        if len(rest):
            weights, variances = many_pairs.updated(game, first, posterior, rest)
        few = game.posterior(signs[self._deciding])
        return _Told(weights, variances, posterior.inverse[self._left_out], few.inverse, few.log_determinant)

    @property
    def bytes(self) -> int:
        return self._coalitions.nbytes + self._weights.nbytes + self._rows.nbytes + self._inverses.nbytes

    def switches(self, mask: tf.Tensor) -> tf.Tensor:
        return tf.gather(tf.constant(self._coalitions), mask)

    def scores(self, values: tf.Tensor, whole: tf.Tensor) -> Found:
        half = (self.count - 1) // 2
        ones = tf.concat([whole[None], values[1 : half + 1]], 0)
        others = tf.concat([values[:1], values[half + 1 :]], 0)
        halves = (ones - others) / 2  # [pairs, b]
        mixing, scale = self._fit(halves)
        means = tf.einsum("mkp,pb->bmk", tf.constant(self._weights), halves)
        found = tf.gather(means, mixing, axis=1, batch_dims=1)
        found += (2 * halves[0] - tf.reduce_sum(found, 1))[:, None] / found.shape[1]
        errors = tf.sqrt(tf.gather(tf.constant(self._variances), mixing) * scale[:, None])
        return Found(found, errors, tf.reduce_sum(errors, 1))

    def _fit(self, halves: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Number of the mixing, and the variance of the games, each [b]."""
        few = tf.gather(halves, self._deciding)
        squares = tf.einsum("pb,mpq,qb->mb", few, tf.constant(self._inverses), few)
        squares = tf.maximum(squares, np.finfo(np.float64).tiny)
        likelihoods = -len(self._deciding) / 2 * tf.math.log(squares) - tf.constant(self._logs)[:, None] / 2
        best = tf.argmax(likelihoods, 0, output_type=tf.int32)
        # The error of a value predicted from all others is solved / diagonal, its variance 1 / diagonal.
        solved = tf.einsum("mrp,pb->mrb", tf.constant(self._rows), halves[: self._rows.shape[2]])
        diagonal = self._rows[:, np.arange(len(self._left_out)), self._left_out]
        scales = tf.reduce_mean(solved**2 / diagonal[..., None], 1)
        return best, tf.gather(tf.transpose(scales), best, batch_dims=1)


def regression(players: int, samples: int, seed: int) -> Regression:
    """The latest ones are kept, as far as `_KEPT` goes."""
    key = players, samples, seed
    found = _latest.pop(key, None) or Regression(*key)
    _latest[key] = found  # the last one is the latest
    while len(_latest) > 1 and sum(one.bytes for one in _latest.values()) > _KEPT:
        del _latest[next(iter(_latest))]
    return found


_latest: dict[tuple[int, int, int], Regression] = {}
