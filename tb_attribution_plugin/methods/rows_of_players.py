"""Segments put in a row by position, so that the halves of the row, and theirs, are parts of the input."""

from __future__ import annotations

import dataclasses

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from tb_attribution_plugin.methods.segmentation import Segments


def in_a_row(segments: Segments) -> Segments:
    """The same segments, their players in another order.

    Players are halved along the axis on which their centres lie farthest apart, and so are the halves; inputs are
    farther apart than anything in one of them.
    """
    flat = [one.numpy().copy() for one in tf.nest.flatten(segments.players)]
    ids = []
    for example, own in enumerate(segments.ids):
        order = _halved(np.arange(len(own)), _centres([one[example] for one in flat], len(own)))
        place = np.append(np.argsort(order), -1)  # -1, the last one, is of no player and stays
        for one in flat:
            one[example] = place[one[example]]
        ids.append(own[order])
    players = tf.nest.pack_sequence_as(segments.players, [tf.constant(one) for one in flat])
    return dataclasses.replace(segments, players=players, ids=tuple(ids))


def _centres(of_inputs: list[NDArray[np.int32]], count: int) -> NDArray[np.float64]:
    """Mean position of each of `count` players, [players, axes]; the first axis is the input."""
    axes = max(one.ndim for one in of_inputs)
    apart = 1 + max(max(one.shape) for one in of_inputs)
    sums, sizes = np.zeros((count, 1 + axes)), np.zeros(count)
    for number, one in enumerate(of_inputs):
        places = np.argwhere(one >= 0)
        player = one[one >= 0]
        where = np.zeros((len(places), 1 + axes))
        where[:, 0], where[:, 1 : 1 + one.ndim] = number * apart, places
        np.add.at(sums, player, where)
        np.add.at(sizes, player, 1)
    return sums / sizes[:, None]


def _halved(players: NDArray[np.intp], centres: NDArray[np.float64]) -> NDArray[np.intp]:
    if len(players) < 3:
        return players
    own = centres[players]
    ordered = players[np.argsort(own[:, np.argmax(np.ptp(own, 0))], kind="stable")]
    middle = len(players) // 2
    return np.concatenate([_halved(ordered[:middle], centres), _halved(ordered[middle:], centres)])
