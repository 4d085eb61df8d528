"""Where straight paths begin, and how their points are made."""

from __future__ import annotations

import tensorflow as tf

from tb_attribution_plugin.methods import baselines, rows
from tb_attribution_plugin.methods.contract import Model
from tb_attribution_plugin.methods.rows import Structure


def along(factor: tf.Tensor, like: tf.Tensor) -> tf.Tensor:
    """[r] shaped to multiply [r, ...]."""
    return tf.reshape(factor, (-1, *[1] * (like.shape.rank - 1)))


def starts_of(model: Model, baseline: baselines.Points, ends: Structure) -> Structure:
    """The baselines as features, each [K, B or 1, ...]."""
    flat = tf.nest.map_structure(lambda t: tf.reshape(t, (-1, *t.shape[2:])), baseline.arrays)
    # A constant of an embedding does not know its width. Shapes are read in the graph: texts may have any length.
    features = tf.nest.map_structure(
        lambda found, end: tf.broadcast_to(found, _shape(found.shape[:1], end)), model.features(flat), ends
    )
    return tf.nest.map_structure(lambda f, t: tf.reshape(f, _shape(t.shape[:2], f)), features, baseline.arrays)


def start_of(starts: Structure, example: tf.Tensor, path: tf.Tensor) -> Structure:
    """Rows [r] of what `starts_of` gives."""
    return tf.nest.map_structure(
        lambda t: tf.gather_nd(t, tf.stack([path, tf.minimum(example, t.shape[1] - 1)], 1)), starts
    )


def values_at(model: Model, inputs: Structure, starts: Structure, paths: int) -> tf.Tensor:
    """[B], the means over the paths of the explained scalar where they begin."""
    examples = tf.nest.flatten(inputs)[0].shape[0]

    def value(row: tf.Tensor) -> tf.Tensor:
        row_model, row_inputs = model.take(inputs, row % examples)
        return row_model.values(row_inputs, start_of(starts, row % examples, row // examples))

    return tf.reduce_mean(tf.reshape(rows.mapped(value, paths * examples, model.batch_size), (paths, examples)), 0)


def total(maps: Structure) -> tf.Tensor:
    """[B], sums over all features of all inputs."""
    return tf.add_n([tf.reduce_sum(tf.reshape(t, (tf.shape(t)[0], -1)), 1) for t in tf.nest.flatten(maps)])


def _shape(first: tf.TensorShape, rest: tf.Tensor) -> tf.Tensor:
    """`first`, then the axes of `rest` behind its first."""
    return tf.concat([first, tf.shape(rest)[1:]], 0)
