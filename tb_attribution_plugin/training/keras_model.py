"""A Keras model behind the seam of `methods.contract`."""

from __future__ import annotations

import contextlib
import copy
import difflib
from typing import Any

import keras
import tensorflow as tf

from tb_attribution_plugin.methods import targets
from tb_attribution_plugin.methods.contract import Run
from tb_attribution_plugin.methods.rows import Structure
from tb_attribution_plugin.training import graph, survey, taps
from tb_attribution_plugin.training.batchnorm import DebiasedStatistics
from tb_attribution_plugin.training.precision import full_precision

_Key = tuple[int, int]  # a layer's id, and the number of its call


class KerasModel:
    """Calls a Keras model in inference mode; writes no state.

    Attributes:
      heads: structure of `targets.Head`, like the model's outputs.
      batch_size: rows per evaluation.
    """

    # Logits are found in the traced ops.
    needs_graph = True

    def __init__(
        self,
        model: keras.Model,
        inputs: Structure,
        batch_size: int | None = None,
    ) -> None:
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
        self._statistics: DebiasedStatistics | None = None
        self._layers = {id(layer): layer for layer in taps.named_layers(model).values()}
        self.heads = self._survey.heads
        self.batch_size = batch_size or _batch_size(self._survey.elements)

    def using(self, statistics: DebiasedStatistics | None) -> KerasModel:
        """The same network with other statistics of BatchNormalization; None: the moving ones, as inference does."""
        other = copy.copy(self)
        other._statistics = statistics
        return other

    def features(self, inputs: Structure) -> Structure:
        flat = tf.nest.flatten(inputs)
        ids = any(
            e.embedding is not None and t.dtype.is_integer for e, t in zip(self._survey.entries, flat, strict=True)
        )
        embedded = self._embedded(inputs) if ids else {}
        features = [
            tf.cast(tensor if entry.embedding is None or not ids else embedded[_key(entry.embedding)], tf.float32)
            for entry, tensor in zip(self._survey.entries, flat, strict=True)
        ]
        return tf.nest.pack_sequence_as(inputs, features)

    def onto_inputs(self, scores: Structure) -> Structure:
        found = [
            score if entry.embedding is None else tf.reduce_sum(score, -1)
            for entry, score in zip(self._survey.entries, tf.nest.flatten(scores), strict=True)
        ]
        return tf.nest.pack_sequence_as(scores, found)

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
        entries, given = self._survey.entries, tf.nest.flatten(inputs)
        fed = list(given)
        results: dict[_Key, tf.Tensor] = {}
        arguments: dict[_Key, tf.Tensor] = {}
        for position, (entry, feature) in enumerate(zip(entries, tf.nest.flatten(features), strict=True)):
            if entry.embedding is not None:
                results[_key(entry.embedding)] = feature
            elif entry.readers:
                arguments |= {_key(reader): feature for reader in entry.readers}
            else:
                fed[position] = feature
        watched = {_key(self._survey.calls[name]): name for name in taps_at}
        activations: dict[str, tf.Tensor] = {}

        def around(layer: keras.Layer, number: int, args: tuple[Any, ...], call: Any) -> Any:
            key = id(layer), number
            result = call(arguments[key], *args[1:]) if key in arguments else call(*args)
            if key in results:
                result = tf.cast(results[key], result.dtype)
            if key in watched:
                activations[watched[key]] = result[0] if isinstance(result, list | tuple) else result
            return result

        outputs = self._called(fed, inputs, {*results, *arguments, *watched}, around)
        logits = [
            graph.look_through(output)[0] if assumed is None else graph.logits_of(output, assumed)
            for output, assumed in zip(tf.nest.flatten(outputs), self._survey.assumed, strict=True)
        ]
        return Run(targets.Outputs(outputs, tf.nest.pack_sequence_as(outputs, logits)), activations)

    def _embedded(self, inputs: Structure) -> dict[_Key, tf.Tensor]:
        """What the embeddings give for token ids; in a graph, only what leads there is executed."""
        wanted = {_key(entry.embedding) for entry in self._survey.entries if entry.embedding is not None}
        found: dict[_Key, tf.Tensor] = {}

        def around(layer: keras.Layer, number: int, args: tuple[Any, ...], call: Any) -> Any:
            result = call(*args)
            if (id(layer), number) in wanted:
                found[id(layer), number] = result
            return result

        if wanted:
            self._called(tf.nest.flatten(inputs), inputs, wanted, around)
        return found

    def _called(self, fed: list[tf.Tensor], structure: Structure, keys: set[_Key], around: taps.Around) -> Any:
        layers = {number: layer for number, layer in self._layers.items() if any(key[0] == number for key in keys)}
        statistics = contextlib.nullcontext() if self._statistics is None else self._statistics.in_use()
        precision = full_precision([self._model, *self._layers.values()])
        with statistics, precision, taps.tapped(list(layers.values()), around):
            return self._model(tf.nest.pack_sequence_as(structure, fed), training=False)


def _key(call: survey.Call) -> _Key:
    return id(call.layer), call.number


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
