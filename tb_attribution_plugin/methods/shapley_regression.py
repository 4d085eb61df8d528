"""Shapley values from the values of some coalitions."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import tensorflow as tf

from tb_attribution_plugin.methods import many_pairs, paired, unpaired
from tb_attribution_plugin.methods.coalitions import Found
from tb_attribution_plugin.methods.random_games import Floats, RandomGames, Signs, distances

# Mixings of the games to average over: of values that are regressed in pairs, and of single ones, which are too few to
# tell small ones apart.
_MIXINGS = (1e-4, 0.04, 0.36, 1.2, 2.4, 4.8)
_OF_FEW = (0.1, 0.36, 1.2)
# How much rarer games are whose mixing is larger by 1, in units of e: few values hardly tell.
_RARER = 4
# At most so many pairs decide, and so many are predicted from all others: what is kept of each game is the square of
# the one and a row for each of the other, 1 MiB instead of 8, and errors do not change.
_DECIDING, _LEFT_OUT = 256, 64
# Bytes of designs that are kept: images have one for each number of superpixels.
_KEPT = 2**26


class _Told(NamedTuple):
    """What games of variance 1 tell, each [games, ...]."""

    weights: Floats  # [players, first], of what is observed first, in Shapley values
    gains: Floats  # [players, players], of what the other pairs tell
    variances: Floats  # [players]
    rows: Floats  # [left out, first], of the inverse of the covariance of the first
    inverses: Floats  # [deciding, deciding], of their covariance
    logs: Floats  # [1], log of how likely a game is, less what depends on values


class Regression:
    """Coalitions, and the posterior mean of `random_games` given their values.

    They are pairs of complements (of very many pairs, the mean is that of `many_pairs`). No more pairs than players
    leave open who is worth what, and the prior would decide: then they are single coalitions, of which as many as
    players tell it, but for interactions of two, which pairs cancel.

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
        pairs = (samples - 2) // 2
        # Of more values, what is known of each other would fill the memory.
        self._paired = pairs > min(players, paired.CHOSEN)
        nobody, everybody = np.zeros((1, players), bool), np.ones((1, players), bool)
        if self._paired:
            some = paired.chosen(players, pairs, seed)
            self._coalitions = np.concatenate([nobody, some, ~some])
            observed = np.concatenate([everybody, some])
        else:
            some = unpaired.chosen(players, samples - 2, seed)
            self._coalitions = np.concatenate([nobody, some])
            observed = np.concatenate([everybody, self._coalitions])
        self.count = len(self._coalitions)
        drawn = np.random.default_rng(seed).permutation(min(len(observed) - 1, paired.CHOSEN)) + 1
        self._deciding = np.append(0, drawn[: _DECIDING - 1])
        self._left_out = drawn[:_LEFT_OUT]
        signs: Signs = np.where(observed, 1.0, -1.0)
        first, rest = np.split(signs, [paired.CHOSEN + 1]) if self._paired else (signs, signs[:0])
        self._rest = many_pairs.rest(first, rest) if len(rest) else None
        self._told = self._of_games(players, first)

    def _of_games(self, players: int, first: Signs) -> _Told:
        mixings = _MIXINGS if self._paired else _OF_FEW
        games = [RandomGames(players, mixing, self._paired) for mixing in mixings]
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
            logs=np.array(
                [[-one.log_determinant / 2 - _RARER * game.mixing] for one, game in zip(decide, games, strict=True)]
            ),
        )

    @property
    def bytes(self) -> int:
        rest = self._rest.toward.nbytes if self._rest else 0
        return self._coalitions.nbytes + sum(one.nbytes for one in self._told) + rest

    def switches(self, mask: tf.Tensor) -> tf.Tensor:
        return tf.gather(tf.constant(self._coalitions), mask)

    def scores(self, values: tf.Tensor, whole: tf.Tensor) -> Found:
        observed = self._observed(values, whole)
        first = observed[: self._told.weights.shape[2]]
        means = tf.einsum("mkp,pb->mbk", tf.constant(self._told.weights), first)
        if self._rest:
            seen = tf.linalg.matmul(observed[first.shape[0] :], tf.constant(self._rest.toward), transpose_a=True)
            means += tf.einsum("mkl,bl->mbk", tf.constant(self._told.gains), seen)
        means += (whole - values[0] - tf.reduce_sum(means, 2))[..., None] / means.shape[2]
        likely, scales = self._fit(first)
        found = tf.einsum("mb,mbk->bk", likely, means)
        variances = tf.einsum("mb,mk->bk", likely * scales, tf.constant(self._told.variances))
        variances += tf.einsum("mb,mbk->bk", likely, (means - found) ** 2)
        rounded = tf.reduce_max(tf.abs(values), 0) * np.finfo(np.float32).epsneg
        errors = tf.sqrt(variances + rounded[:, None] ** 2)
        return Found(found, errors, tf.reduce_sum(errors, 1))

    def _observed(self, values: tf.Tensor, whole: tf.Tensor) -> tf.Tensor:
        """Half differences of pairs, or values less their mean, [observed, b]; the first one is of everybody."""
        if not self._paired:
            every = tf.concat([whole[None], values], 0)
            return every - tf.reduce_mean(every, 0)
        half = (self.count - 1) // 2
        ones = tf.concat([whole[None], values[1 : half + 1]], 0)
        others = tf.concat([values[:1], values[half + 1 :]], 0)
        return (ones - others) / 2

    def _fit(self, first: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """How likely each game is, summing to 1, and its variance, each [games, b]."""
        few = tf.gather(first, self._deciding)
        squares = tf.einsum("pb,mpq,qb->mb", few, tf.constant(self._told.inverses), few)
        squares = tf.maximum(squares, np.finfo(np.float64).tiny)
        free = len(self._deciding) - (not self._paired)  # values tell the level too
        likely = tf.nn.softmax(tf.constant(self._told.logs) - free / 2 * tf.math.log(squares), 0)
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
