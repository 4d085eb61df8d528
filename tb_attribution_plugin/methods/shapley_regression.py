"""Shapley values from the values of some coalitions."""

from __future__ import annotations

import functools

import numpy as np
import tensorflow as tf

from tb_attribution_plugin.methods import paired
from tb_attribution_plugin.methods.coalitions import Found
from tb_attribution_plugin.methods.odd_games import OddGames

# Mixings to choose from, by what the values of an example look like; at most so many pairs decide.
_MIXINGS = (1e-4, 0.04, 0.36, 1.2, 2.4, 4.8)
_DECIDING = 1024


class Regression:
    """Pairs of complementary coalitions, and the posterior mean of `odd_games` given their values.

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
        games = [OddGames(players, mixing) for mixing in _MIXINGS]
        posteriors = [game.posterior(signs) for game in games]
        self._weights = np.stack([posterior.weights for posterior in posteriors])  # [mixings, players, pairs]
        self._variances = np.stack([posterior.variances for posterior in posteriors])  # [mixings, players]
        drawn = np.random.default_rng(seed).permutation(len(some))[: _DECIDING - 1] + 1
        self._deciding = np.concatenate([[0], np.sort(drawn)])
        few = signs[self._deciding]
        deciding = posteriors if len(few) == len(signs) else [game.posterior(few) for game in games]
        self._inverses = np.stack([posterior.inverse for posterior in deciding])
        self._logs = np.array([posterior.log_determinant for posterior in deciding])

    def switches(self, mask: tf.Tensor) -> tf.Tensor:
        return tf.gather(tf.constant(self._coalitions), mask)

    def scores(self, values: tf.Tensor, whole: tf.Tensor) -> Found:
        half = (self.count - 1) // 2
        ones = tf.concat([whole[None], values[1 : half + 1]], 0)
        others = tf.concat([values[:1], values[half + 1 :]], 0)
        halves = (ones - others) / 2  # [pairs, b]
        mixing, scale = self._fit(tf.gather(halves, self._deciding))
        means = tf.einsum("mkp,pb->bmk", tf.constant(self._weights), halves)
        found = tf.gather(means, mixing, axis=1, batch_dims=1)
        found += (2 * halves[0] - tf.reduce_sum(found, 1))[:, None] / found.shape[1]
        errors = tf.sqrt(tf.gather(tf.constant(self._variances), mixing) * scale[:, None])
        return Found(found, errors, tf.reduce_sum(errors, 1))

    def _fit(self, halves: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Number of the mixing, and the variance of the games, each [b]."""
        count, inverses = len(self._deciding), tf.constant(self._inverses)
        solved = tf.einsum("mpq,qb->mpb", inverses, halves)
        squares = tf.maximum(tf.einsum("pb,mpb->mb", halves, solved), np.finfo(np.float64).tiny)
        likelihoods = -count / 2 * tf.math.log(squares) - tf.constant(self._logs)[:, None] / 2
        best = tf.argmax(likelihoods, 0, output_type=tf.int32)
        # The error of a value predicted from all others is solved / diagonal, its variance 1 / diagonal.
        precisions = tf.linalg.diag_part(inverses)[:, 1:, None]
        scales = tf.reduce_mean(solved[:, 1:] ** 2 / precisions, 1)
        return best, tf.gather(tf.transpose(scales), best, batch_dims=1)


@functools.lru_cache(maxsize=16)
def regression(players: int, samples: int, seed: int) -> Regression:
    return Regression(players, samples, seed)
