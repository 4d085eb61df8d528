"""All features of an example, of all inputs, as one vector."""

from __future__ import annotations

import tensorflow as tf

from tb_attribution_plugin.methods.rows import Structure


class Flat:
    """To and fro between tensors [r, ...] of the structure of `like` and one tensor [r, N]."""

    def __init__(self, like: Structure) -> None:
        self._like = like

    def of(self, structure: Structure) -> tf.Tensor:
        return tf.concat([_vectors(tensor) for tensor in tf.nest.flatten(structure)], 1)

    def structure(self, vectors: tf.Tensor) -> Structure:
        flat = tf.nest.flatten(self._like)
        parts = tf.split(vectors, [tf.shape(_vectors(one))[1] for one in flat], 1)
        shaped = [
            tf.ensure_shape(tf.reshape(part, tf.shape(one)), one.shape) for part, one in zip(parts, flat, strict=True)
        ]
        return tf.nest.pack_sequence_as(self._like, shaped)


def _vectors(tensor: tf.Tensor) -> tf.Tensor:
    return tf.reshape(tensor, (tensor.shape[0], -1))
