"""A Keras model behind the seam of `methods.contract`."""

from __future__ import annotations

import difflib
from typing import Any

import keras
import tensorflow as tf

from tb_attribution_plugin.methods import targets
from tb_attribution_plugin.methods.contract import Run
from tb_attribution_plugin.methods.rows import Structure
from tb_attribution_plugin.training import graph, survey, taps


class KerasModel:
    """Calls a Keras model in inference mode; writes no state.

    Attributes:
      heads: structure of `targets.Head`, like the model's outputs.
      batch_size: rows per evaluation.
    """

    def __init__(self, model: keras.Model, inputs: Structure, batch_size: int | None = None) -> None:
        """Args:
          inputs: the probe's inputs, for their shapes and dtypes.
          batch_size: at most this many rows at a time; None chooses by the size of the activations.

        Raises:
          TypeError: not a Keras model on the TensorFlow backend.
          ValueError: the model rejects the inputs.
        """
        _check(model)
        self._model = model
        self._survey = survey.survey(model, inputs)
        self.heads = self._survey.heads
        self.batch_size = batch_size or _batch_size(self._survey.elements)

    def features(self, inputs: Structure) -> Structure:
        return self._map(self._feature, inputs)

    def onto_inputs(self, scores: Structure) -> Structure:
        return self._map(lambda embedding, score: tf.reduce_sum(score, -1) if embedding else score, scores)

    def layer(self, name: str | None) -> str:
        if name is None:
            return self._survey.default_layer()
        if name in self._survey.calls:
            return name
        ends = [full for full in self._survey.calls if full.rpartition("/")[2] == name]
        if len(ends) == 1:
            return ends[0]
        if len(ends) > 1:
            raise ValueError(f"layer {name!r} is ambiguous; name one of {ends}")
        spatial = [call.name for call in self._survey.drawable()]
        near = difflib.get_close_matches(name, list(self._survey.calls), n=1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        raise ValueError(
            f"layer {name!r} is not in model {self._model.name!r};{hint} layers with spatial output: "
            f"{', '.join(spatial[-12:]) or 'none'}"
        )

    def run(self, inputs: Structure, features: Structure, taps_at: tuple[str, ...]) -> Run:
        replaced = {}
        fed = []
        for embedding, given, feature in zip(
            self._survey.embeddings, tf.nest.flatten(inputs), tf.nest.flatten(features), strict=True
        ):
            if embedding is None:
                fed.append(feature)
            else:
                fed.append(given)
                replaced[id(embedding.layer), embedding.number] = feature
        watched = {}
        for name in taps_at:
            call = self._survey.calls[name]
            watched[id(call.layer), call.number] = name
        activations: dict[str, tf.Tensor] = {}

        def on_call(layer: keras.Layer, number: int, args: tuple[Any, ...], result: Any) -> Any:
            key = id(layer), number
            if key in replaced:
                result = tf.cast(replaced[key], result.dtype)
            if key in watched:
                first = result[0] if isinstance(result, list | tuple) else result
                activations[watched[key]] = first
            return result

        layers = [self._survey.calls[name].layer for name in taps_at]
        layers += [call.layer for call in self._survey.embeddings if call is not None]
        with taps.tapped(list({id(layer): layer for layer in layers}.values()), on_call):
            outputs = self._model(tf.nest.pack_sequence_as(inputs, fed), training=False)
        logits = tf.nest.map_structure(lambda output: graph.look_through(output)[0], outputs)
        return Run(targets.Outputs(outputs, logits), activations)

    def _feature(self, embedding: survey.Call | None, tensor: tf.Tensor) -> tf.Tensor:
        if embedding is None or tensor.dtype.is_floating:
            return tf.cast(tensor, tf.float32)
        return tf.cast(embedding.layer(tensor), tf.float32)

    def _map(self, function: Any, structure: Structure) -> Structure:
        flat = tf.nest.flatten(structure)
        mapped = [function(embedding, one) for embedding, one in zip(self._survey.embeddings, flat, strict=True)]
        return tf.nest.pack_sequence_as(structure, mapped)


def _check(model: Any) -> None:
    if isinstance(model, keras.Model):
        if keras.backend.backend() != "tensorflow":
            raise TypeError(
                f"attribution needs Keras on the TensorFlow backend; this process runs {keras.backend.backend()!r}. "
                "Set KERAS_BACKEND=tensorflow before importing keras"
            )
        return
    if type(model).__module__.startswith("tf_keras"):
        raise TypeError("this is a legacy tf_keras (Keras 2) model; attribution needs Keras 3: build it with `keras`")
    raise TypeError(f"model must be a keras.Model; got {type(model).__module__}.{type(model).__name__}")


def _batch_size(elements: int) -> int:
    """Rows that keep one evaluation busy but bounded: measured in benchmarks/methods.py.

    Args:
      elements: activations per example.
    """
    # About 2 GiB of float32 activations at most, forward and backward.
    fits = max(1, 2**28 // max(1, elements))
    best = 32 if elements > 2**20 else 128 if elements > 2**13 else 4096
    return min(fits, best)
