"""Scores of players as scores of features, and by the id of the segment."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from tb_attribution_plugin.methods.rows import Structure
from tb_attribution_plugin.methods.segmentation import Segments


def spread(segments: Segments, features: Structure, scores: tf.Tensor) -> Structure:
    """Scores of players [B, players] shared equally by the features of each; 0 where a feature has no player.

    Returns:
      In the structure of the features, float32, of their full shapes.
    """
    flat = tf.nest.flatten(features)
    examples, count = flat[0].shape[0], scores.shape[1]
    sizes = tf.zeros((examples, count + 1))
    places = []
    for players, feature in zip(tf.nest.flatten(segments.players), flat, strict=True):
        shape = [1] * (feature.shape.rank - players.shape.rank)
        full = tf.reshape(players, tf.concat([tf.shape(players), shape], 0))
        full = tf.broadcast_to(tf.where(full < 0, count, full), tf.shape(feature))
        places.append(full)
        rows = tf.reshape(full, (examples, -1))
        sizes += tf.math.bincount(rows, minlength=count + 1, maxlength=count + 1, dtype=tf.float32, axis=-1)
    shares = tf.pad(tf.math.divide_no_nan(scores, sizes[:, :count]), [[0, 0], [0, 1]])
    found = [tf.gather(shares, place, axis=1, batch_dims=1) for place in places]
    return tf.nest.pack_sequence_as(features, found)


def by_id(segments: Segments, scores: tf.Tensor) -> tf.Tensor:
    """Scores of players [B, players] as [B, K] by segment id, NaN where an example lacks the id."""
    examples, highest = scores.shape[0], max(int(ids.max()) for ids in segments.ids)
    columns = np.full((examples, highest + 1), -1)
    for row, ids in zip(columns, segments.of_examples(examples).ids, strict=True):
        row[ids] = np.arange(len(ids))
    found = tf.gather(scores, tf.constant(np.maximum(columns, 0)), axis=1, batch_dims=1)
    return tf.where(tf.constant(columns < 0), tf.constant(float("nan"), found.dtype), found)
