"""The ids that a model makes of raw strings, and whether the strings that the probe has of them fit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from tb_attribution_plugin.methods.rows import Structure
from tb_attribution_plugin.probe import Probe
from tb_attribution_plugin.probe.inputs import in_order
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


def notes(probe: Probe, ids: Structure, layers: Iterable[keras.Operation]) -> list[str]:
    """Where the strings that the probe has for raw texts are others than the tokens that a TextVectorization cuts.

    Args:
      ids: see `read`.
      layers: of the model.
    """
    of_shown = in_order(ids, probe.input_names)[probe.shown]
    is_named = any(len(row) > 1 for row in probe.tokens) and probe.arrays[probe.shown][0].size == 1
    if of_shown is None or not is_named or not any(isinstance(one, keras.layers.TextVectorization) for one in layers):
        return []
    positions = of_shown.shape[1]
    for name, row, count in zip(probe.names, probe.tokens, np.count_nonzero(of_shown, 1).tolist(), strict=True):
        if count != min(len(row), positions):
            return [
                f"the model cuts the text of example {name!r} into {count} tokens, but the probe has "
                f"{len(row)} strings for them: words stand at wrong scores; give Probe(tokens=...) one for each token"
            ]
    return []


def _given(inference: Inference, wanted: set[Key], inputs: Structure) -> dict[Key, tf.Tensor]:
    found: dict[Key, tf.Tensor] = {}

    def around(layer: keras.Operation, number: int, args: tuple[Any, ...], call: Any) -> Any:
        result = call(*args)
        if (id(layer), number) in wanted:
            places = result[..., 0] if result.shape.rank > 2 else result[:, :1]  # one vector is of one place
            found[id(layer), number] = tf.ones_like(places, tf.int32) if args[0].dtype == tf.string else args[0]
        return result

    inference(tf.nest.flatten(inputs), inputs, wanted, around)
    return found
