"""Shapley values from the values of all coalitions."""

from __future__ import annotations

import dataclasses
import functools
import math

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from tb_attribution_plugin.methods import coalitions
from tb_attribution_plugin.methods.coalitions import Found


@dataclasses.dataclass(frozen=True)
class Enumerated:
    """All coalitions of `players`.

        score of k = sum over S without k of |S|! (n - |S| - 1)! / n! (v(S + k) - v(S))

    Shapley, 1953 (doi:10.1515/9781400881970-018).
    """

    players: int

    @property
    def count(self) -> int:
        return 2**self.players - 1

    def switches(self, mask: tf.Tensor) -> tf.Tensor:
        return tf.bitwise.right_shift(mask[:, None], tf.range(self.players)) % 2 == 1

    def scores(self, values: tf.Tensor, whole: tf.Tensor) -> Found:
        found = coalitions.weighted(values, whole, weights(self.players))
        return Found(found, tf.zeros_like(found), tf.zeros_like(whole))


@functools.lru_cache(maxsize=4)
def weights(players: int) -> NDArray[np.float64]:
    """What the value of each coalition counts in the score of each player, [2^players, players]."""
    members = coalitions.numbered(np.arange(2**players), players)
    size = members.sum(1)
    of_size = np.array([1 / (players * math.comb(players - 1, k)) for k in range(players)])
    joined = of_size[np.maximum(size - 1, 0)]  # as S + k
    left = of_size[np.minimum(size, players - 1)]  # as S
    return np.where(members, joined[:, None], -left[:, None])
