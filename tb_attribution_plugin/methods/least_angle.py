"""Shapley values of which only some are not 0, chosen by least angle regression."""

from __future__ import annotations

import dataclasses
import math

import tensorflow as tf

from tb_attribution_plugin.methods.coalitions import Design, Found


@dataclasses.dataclass(frozen=True)
class Few:
    """Of a design's Shapley values the `kept` that enter first; what the others had is shared equally by these.

    All coalitions with the weights of Kernel SHAP, in both forms of the package shap (counted from nobody, and from
    everybody), have the squared error

        (b - phi)' (1 + g J) (b - phi),  g = (n - 2) / n,  J all ones,

    so that the path (Efron, Hastie, Johnstone and Tibshirani, 2004, arXiv:math/0406456) follows from the n Shapley
    values phi alone, and least squares of those kept, under the sum of all, leaves phi but for one shift.
    """

    design: Design
    players: int
    kept: int

    @property
    def count(self) -> int:
        return self.design.count

    def switches(self, mask: tf.Tensor) -> tf.Tensor:
        return self.design.switches(mask)

    def scores(self, values: tf.Tensor, whole: tf.Tensor) -> Found:
        found = self.design.scores(values, whole)
        kept = entered(found.scores, self.kept)
        left = tf.reduce_sum(tf.where(kept, tf.zeros_like(found.scores), found.scores), 1)
        scores = tf.where(kept, found.scores + left[:, None] / self.kept, tf.zeros_like(found.scores))
        if found.errors is None:
            return found._replace(scores=scores)
        # Errors of all sum to 0. Where they are alike, this is what the shift leaves of them.
        shrunk = found.errors * math.sqrt((1 - 1 / self.kept) / (1 - 1 / self.players))
        errors = tf.where(kept, shrunk, tf.zeros_like(shrunk))
        return Found(scores, errors, tf.reduce_sum(errors, 1))


def entered(values: tf.Tensor, count: int) -> tf.Tensor:
    """Which of Shapley values [b, n] are the first `count` on the path, bool [b, n]."""
    players = values.shape[1]
    g = (players - 2) / players

    def step(number: tf.Tensor, kept: tf.Tensor, correlations: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        sizes = tf.where(kept, -tf.ones_like(correlations), tf.abs(correlations))
        kept |= tf.one_hot(tf.argmax(sizes, 1), players, True, False, dtype=tf.bool)
        largest = tf.reduce_max(sizes, 1, keepdims=True)
        signs = tf.where(kept, tf.sign(correlations), tf.zeros_like(correlations))
        # While the correlations of those kept fall by 1, all others fall by this.
        fall = g * tf.reduce_sum(signs, 1, keepdims=True) / (1 + g * tf.cast(number + 1, values.dtype))
        until = tf.minimum((largest - correlations) / (1 - fall), (largest + correlations) / (1 + fall))
        until = tf.reduce_min(tf.where(kept, largest, until), 1, keepdims=True)
        return number + 1, kept, correlations - until * tf.where(kept, signs, fall)

    start = (tf.constant(0), tf.zeros_like(values, tf.bool), values + g * tf.reduce_sum(values, 1, keepdims=True))
    _, kept, _ = tf.while_loop(lambda number, *_: number < count, step, start)
    return kept
