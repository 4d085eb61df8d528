"""Maps on a layer's grid, laid over the input."""

from __future__ import annotations

import tensorflow as tf

from tb_attribution_plugin.methods.rows import Structure


def covered(features: Structure, grid: tf.TensorShape, layer: str) -> list[int]:
    """Places of the inputs that a grid can be laid over: those with its axes and channels, else those with its axes.

    Raises:
      ValueError: there is none.
    """
    ranks = [one.shape.rank - 1 for one in tf.nest.flatten(features)]
    for rank in (grid.rank + 1, grid.rank):
        if rank in ranks:
            return [place for place, one in enumerate(ranks) if one == rank]
    shapes = ", ".join(str(one.shape[1:]) for one in tf.nest.flatten(features))
    raise ValueError(
        f"layer {layer!r} has the grid {grid}, which cannot be laid over the inputs, {shapes}: none has its axes, with "
        "channels or without; name another layer, or use GradCAM"
    )


def laid_over(feature: tf.Tensor, maps: tf.Tensor, nearest: bool = False) -> tf.Tensor:
    """Maps [B, *grid] enlarged to the first axes of a feature [B, *sides, ...], shaped to multiply it."""
    sides = [tf.shape(feature)[axis] for axis in range(1, maps.shape.rank)]
    found = _repeated(maps, sides) if nearest else enlarged(maps, sides)
    return found if feature.shape.rank == found.shape.rank else found[..., None]


def _repeated(maps: tf.Tensor, sides: list[tf.Tensor]) -> tf.Tensor:
    for axis, side in enumerate(sides, 1):
        maps = tf.gather(maps, tf.range(side) * tf.shape(maps)[axis] // side, axis=axis)
    return maps


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
