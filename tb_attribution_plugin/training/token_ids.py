"""The ids that a model makes of raw strings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from tb_attribution_plugin.methods.rows import Structure
from tb_attribution_plugin.training.calls import Key
from tb_attribution_plugin.training.inference import Inference
from tb_attribution_plugin.training.score_points import ScorePoint
from tb_attribution_plugin.training.traced import Traced


def read(inference: Inference, points: Sequence[ScorePoint], inputs: Structure) -> Structure:
    """In the structure of the inputs: [B, T] for strings, of all examples at once; None for other inputs.

    They are what the embedding is given; where a layer makes vectors of the strings by itself, 1 at each place.
    """
    flat = tf.nest.flatten(inputs)
    first = {
        place: point.embeddings[0].key
        for place, (point, tensor) in enumerate(zip(points, flat, strict=True))
        if tensor.dtype == tf.string and point.embeddings
    }
    found: list[Any] = [None] * len(flat)
    if first:
        given = Traced(lambda tensors: _given(inference, set(first.values()), tensors), inputs)()
        for place, key in first.items():
            found[place] = given[key].numpy()
    return tf.nest.pack_sequence_as(inputs, found)


def _given(inference: Inference, wanted: set[Key], inputs: Structure) -> dict[Key, tf.Tensor]:
    found: dict[Key, tf.Tensor] = {}

    def around(layer: keras.Operation, number: int, args: tuple[Any, ...], call: Any) -> Any:
        result = call(*args)
        if (id(layer), number) in wanted:
            vectors = tf.ones(tf.shape(result)[:2], tf.int32)
            found[id(layer), number] = vectors if args[0].dtype == tf.string else args[0]
        return result

    inference(tf.nest.flatten(inputs), inputs, wanted, around)
    return found
