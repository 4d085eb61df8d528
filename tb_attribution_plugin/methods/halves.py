"""Owen values of players in a row that is halved, and halved again."""

from __future__ import annotations

import functools
import heapq
import math

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from tb_attribution_plugin.methods.coalitions import Found, weighted


class Halves:
    """Halves the largest part until the next one would need more than `samples` coalitions.

    A part is explained in 2^depth contexts, one for each choice of which of the parts that were split off above it are
    there. Halving it takes its two halves alone in each of them. Players of a part that is left whole share its value.
    """

    def __init__(self, players: int, samples: int) -> None:
        self._masks, self._weights = _coalitions(players, samples)

    @property
    def count(self) -> int:
        return len(self._masks)

    def switches(self, mask: tf.Tensor) -> tf.Tensor:
        return tf.gather(tf.constant(self._masks), mask)

    def scores(self, values: tf.Tensor, whole: tf.Tensor) -> Found:
        return Found(weighted(values, whole, self._weights), None, whole * math.nan)


@functools.lru_cache(maxsize=8)
def _coalitions(players: int, samples: int) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Masks [count, players], and what the values of them and of all players count in scores, [count + 1, players]."""
    masks = [np.zeros(players, bool)]
    # The size below 0, so that the largest comes first, the first player, and in each context the places of the
    # coalitions without the part and with it; -1, the last place, is of all players.
    parts: list[tuple[int, int, list[tuple[int, int]]]] = [(-players, 0, [(0, -1)])]
    done = []
    while parts:
        size, start, contexts = heapq.heappop(parts)
        if size == -1 or len(masks) + 1 + 2 * len(contexts) > samples:
            done.append((-size, start, contexts))
            continue
        middle, end = start + -size // 2, start - size
        left: list[tuple[int, int]] = []
        right: list[tuple[int, int]] = []
        for without, whole in contexts:
            first, second = len(masks), len(masks) + 1
            for begin, stop in ((start, middle), (middle, end)):
                mask = masks[without].copy()
                mask[begin:stop] = True
                masks.append(mask)
            left += [(without, first), (second, whole)]
            right += [(without, second), (first, whole)]
        heapq.heappush(parts, (start - middle, start, left))
        heapq.heappush(parts, (middle - end, middle, right))
    weights = np.zeros((len(masks) + 1, players))
    for size, start, contexts in done:
        for without, whole in contexts:
            weights[whole, start : start + size] += 1 / (size * len(contexts))
            weights[without, start : start + size] -= 1 / (size * len(contexts))
    return np.stack(masks), weights
