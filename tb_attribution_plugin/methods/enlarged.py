"""Maps on a layer's grid, laid over the input."""

from __future__ import annotations

import tensorflow as tf


def enlarged(maps: tf.Tensor, sides: list[tf.Tensor]) -> tf.Tensor:
    """[B, *grid] as [B, *sides], linear between cells, corner on corner; any number of axes."""
    for axis, side in enumerate(sides, 1):
        cells = tf.shape(maps)[axis]
        places = tf.linspace(0.0, tf.cast(cells - 1, tf.float32), side)
        away = tf.abs(places[:, None] - tf.range(tf.cast(cells, tf.float32)))
        weights = tf.nn.relu(1 - away)  # [side, cells]
        last = maps.shape.rank - 1
        moved = tf.tensordot(maps, weights, [[axis], [1]])  # the axis is last now
        maps = tf.transpose(moved, [*range(axis), last, *range(axis, last)])
    return maps
