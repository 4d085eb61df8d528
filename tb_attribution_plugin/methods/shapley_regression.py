"""Shapley values from the values of some coalitions."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import tensorflow as tf

from tb_attribution_plugin.methods import many_pairs, paired
from tb_attribution_plugin.methods.coalitions import Found
from tb_attribution_plugin.methods.odd_games import Floats, OddGames, Signs, distances

# Mixings of the games to average over.
_MIXINGS = (1e-4, 0.04, 0.36, 1.2, 2.4, 4.8)
# At most so many pairs decide, and so many are predicted from all others: what is kept of each game is the square of
# the one and a row for each of the other, 1 MiB instead of 8, and errors do not change.
_DECIDING, _LEFT_OUT = 256, 64
# Bytes of designs that are kept: images have one for each number of superpixels.
_KEPT = 2**26


class _Told(NamedTuple):
    """What games of variance 1 tell, each [games, ...]."""

    weights: Floats  # [players, first pairs], of half differences in Shapley values
    gains: Floats  # [players, players], of what the other pairs tell
    variances: Floats  # [players]
    rows: Floats  # [left out, first pairs], of the inverse of the covariance of the first pairs
    inverses: Floats  # [deciding, deciding], of their covariance
    logs: Floats  # [1], log of how likely a game is, less what depends on values


class Regression:
    """Pairs of complementary coalitions, and the posterior mean of `odd_games` given their values (of very many pairs,
    that of `many_pairs`).

    Several games are averaged over, each by its likelihood: a variance is the mean of theirs and what their means
    differ. So few pairs leave open which game it is, and no two values that happen to agree make an error of 0. A
    game's variance is the mean squared error of each value as predicted from all others, over its variance: standard
    errors are those that games which behave like this one have, and at least what float32 rounds. Means are linear in
    the values but for the averaging; what they lack of v(all) - v(none) is shared equally, so that it is kept exactly.
    """

    def __init__(self, players: int, samples: int, seed: int) -> None:
        """Args:
        samples: coalitions, those of nobody and of all among them.
        """
        some = paired.chosen(players, (samples - 2) // 2, seed)
        self.count = 2 * len(some) + 1
        self._coalitions = np.concatenate([np.zeros((1, players), bool), some, ~some])
        drawn = np.random.default_rng(seed).permutation(min(len(some), paired.CHOSEN)) + 1
        self._deciding = np.append(0, drawn[: _DECIDING - 1])
        self._left_out = drawn[:_LEFT_OUT]
        signs: Signs = np.where(np.concatenate([np.ones((1, players), bool), some]), 1.0, -1.0)
        first, rest = np.split(signs, [paired.CHOSEN + 1])
        self._rest = many_pairs.rest(first, rest) if len(rest) else None
        self._told = self._of_games(players, first)

    def _of_games(self, players: int, first: Signs) -> _Told:
        games = [OddGames(players, mixing) for mixing in _MIXINGS]
        apart, few = distances(first, first), self._deciding
        posteriors = [game.posterior(first, apart, self._left_out) for game in games]
        every = np.arange(len(few))
        decide = [game.posterior(first[few], apart[np.ix_(few, few)], every) for game in games]
        updates = self._rest.updated(games, posteriors) if self._rest else None
        return _Told(
            weights=np.stack([one.weights for one in updates or posteriors]),
            gains=np.stack([one.gain for one in updates]) if updates else np.zeros((len(games), players, 0)),
            variances=np.stack([one.variances for one in updates or posteriors]),
            rows=np.stack([one.rows for one in posteriors]),
            inverses=np.stack([one.rows for one in decide]),
            logs=np.array([[-one.log_determinant / 2] for one in decide]),
        )

    @property
    def bytes(self) -> int:
        rest = self._rest.toward.nbytes if self._rest else 0
        return self._coalitions.nbytes + sum(one.nbytes for one in self._told) + rest

    def switches(self, mask: tf.Tensor) -> tf.Tensor:
        return tf.gather(tf.constant(self._coalitions), mask)

    def scores(self, values: tf.Tensor, whole: tf.Tensor) -> Found:
        half = (self.count - 1) // 2
        ones = tf.concat([whole[None], values[1 : half + 1]], 0)
        others = tf.concat([values[:1], values[half + 1 :]], 0)
        halves = (ones - others) / 2  # [pairs, b]
        first = halves[: self._told.weights.shape[2]]
        means = tf.einsum("mkp,pb->mbk", tf.constant(self._told.weights), first)
        if self._rest:
            seen = tf.linalg.matmul(halves[first.shape[0] :], tf.constant(self._rest.toward), transpose_a=True)
            means += tf.einsum("mkl,bl->mbk", tf.constant(self._told.gains), seen)
        means += (2 * halves[0] - tf.reduce_sum(means, 2))[..., None] / means.shape[2]
        likely, scales = self._fit(first)
        found = tf.einsum("mb,mbk->bk", likely, means)
        variances = tf.einsum("mb,mk->bk", likely * scales, tf.constant(self._told.variances))
        variances += tf.einsum("mb,mbk->bk", likely, (means - found) ** 2)
        rounded = tf.reduce_max(tf.abs(values), 0) * np.finfo(np.float32).epsneg
        errors = tf.sqrt(variances + rounded[:, None] ** 2)
        return Found(found, errors, tf.reduce_sum(errors, 1))

    def _fit(self, first: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """How likely each game is, summing to 1, and its variance, each [games, b]."""
        few = tf.gather(first, self._deciding)
        squares = tf.einsum("pb,mpq,qb->mb", few, tf.constant(self._told.inverses), few)
        squares = tf.maximum(squares, np.finfo(np.float64).tiny)
        likely = tf.nn.softmax(tf.constant(self._told.logs) - len(self._deciding) / 2 * tf.math.log(squares), 0)
        # The error of a value predicted from all others is solved / diagonal, its variance 1 / diagonal.
        solved = tf.einsum("mrp,pb->mrb", tf.constant(self._told.rows), first)
        diagonal = self._told.rows[:, np.arange(len(self._left_out)), self._left_out]
        return likely, tf.reduce_mean(solved**2 / diagonal[..., None], 1)


def regression(players: int, samples: int, seed: int) -> Regression:
    """The latest ones are kept, as far as `_KEPT` goes."""
    key = players, samples, seed
    found = _latest.pop(key, None) or Regression(*key)
    _latest[key] = found  # the last one is the latest
    while len(_latest) > 1 and sum(one.bytes for one in _latest.values()) > _KEPT:
        del _latest[next(iter(_latest))]
    return found


_latest: dict[tuple[int, int, int], Regression] = {}
