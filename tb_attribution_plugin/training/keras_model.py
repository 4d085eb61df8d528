"""A Keras model behind the seam of `methods.contract`."""

from __future__ import annotations

import copy
import dataclasses
from collections import Counter
from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf

from tb_attribution_plugin.methods import targets
from tb_attribution_plugin.methods.network import Layers, Run
from tb_attribution_plugin.methods.rows import Structure
from tb_attribution_plugin.training import id_vectors, survey, token_ids
from tb_attribution_plugin.training.acceptance import (
    check_integers,
    check_places,
    check_rows,
    check_shapes,
    fixed_batch_size,
    may_count,
)
from tb_attribution_plugin.training.batch_size import best_batch_size
from tb_attribution_plugin.training.batchnorm import DebiasedStatistics
from tb_attribution_plugin.training.building import build
from tb_attribution_plugin.training.calls import Key
from tb_attribution_plugin.training.environment import check_model
from tb_attribution_plugin.training.id_vectors import as_given
from tb_attribution_plugin.training.inference import Inference
from tb_attribution_plugin.training.layer_names import layer_named
from tb_attribution_plugin.training.layer_outputs import gives_vectors_of_ids, grid_of, handed_on
from tb_attribution_plugin.training.masks import masked
from tb_attribution_plugin.training.outputs import logits_of, tensors_of, told_by_values
from tb_attribution_plugin.training.patches import grid_of_tokens
from tb_attribution_plugin.training.taps import named_layers
from tb_attribution_plugin.training.traced import Halving


class KerasModel:
    """Calls a Keras model in inference mode; writes no state.

    Attributes:
      heads: of all that the model returns.
      batch_size: rows per evaluation.
    """

    # Logits are found in the traced ops.
    needs_graph = True

    def __init__(self, model: keras.Model, inputs: Structure, batch_size: int | None = None) -> None:
        """Args:
          inputs: the probe's inputs, for their shapes and dtypes.
          batch_size: at most this many rows at a time; None chooses by the size of the activations.

        Raises:
          TypeError: not a Keras model on the TensorFlow backend.
          ValueError: the model rejects the inputs.
        """
        check_model(model)
        check_shapes(model, inputs)
        self._model = model
        build(model, inputs)
        self._survey = survey.survey(model, inputs)
        self._specs = [tf.TensorSpec(tensor.shape, tensor.dtype) for tensor in tf.nest.flatten(inputs)]
        self.heads = self._survey.heads
        self._inference = Inference(model)
        self._vectors = id_vectors.of_points(self._survey.score_points, self._specs, self._inference, inputs)
        self.batch_size = (
            batch_size or fixed_batch_size(model) or best_batch_size(self._survey.elements, self._survey.largest)
        )
        if any(map(may_count, self._survey.score_points, self._specs)):
            self._check_integers(inputs)
        if "softmax" in self._survey.assumed:
            self.heads, assumed = told_by_values(self.heads, self._survey.assumed, self._outputs(inputs))
            self._survey = dataclasses.replace(self._survey, assumed=assumed)

    def using(self, statistics: DebiasedStatistics | None) -> KerasModel:
        """The same network with other statistics of BatchNormalization; None: the moving ones, as inference does."""
        other = copy.copy(self)
        other._inference = self._inference.using(statistics)
        return other

    def unrolled(self) -> KerasModel:
        other = copy.copy(self)
        other._inference = self._inference.unrolled()
        return other

    def takes_ids(self, inputs: Structure) -> Structure:
        return tf.nest.pack_sequence_as(inputs, [bool(point.embeddings) for point in self._survey.score_points])

    def token_ids(self, inputs: Structure) -> Structure:
        """In the structure of the inputs: the ids [B, T] that raw strings become; None for other inputs."""
        return token_ids.read(self._inference, self._survey.score_points, inputs)

    def features(self, inputs: Structure) -> Structure:
        flat = tf.nest.flatten(inputs)
        # Ids have the rank of the input; what has one axis more stands in the embedding already.
        ids = [
            bool(point.embeddings) and tensor.shape.rank == spec.shape.rank
            for point, tensor, spec in zip(self._survey.score_points, flat, self._specs, strict=True)
        ]
        check_places(self._survey.score_points, self._vectors)
        embedded = self._embedded(inputs, ids) if any(ids) else {}
        features = [
            vectors.joined([embedded[call.key] for call in point.embeddings], tensor)
            if is_ids and vectors is not None
            else tf.cast(tensor, tf.float32)
            for point, vectors, tensor, is_ids in zip(self._survey.score_points, self._vectors, flat, ids, strict=True)
        ]
        return tf.nest.pack_sequence_as(inputs, features)

    def onto_inputs(self, scores: Structure) -> Structure:
        found = [
            tf.reduce_sum(score, -1) if point.embeddings else score
            for point, score in zip(self._survey.score_points, tf.nest.flatten(scores), strict=True)
        ]
        return tf.nest.pack_sequence_as(scores, found)

    @property
    def calls(self) -> Counter[keras.Operation]:
        """How often one forward pass calls each layer."""
        return Counter(call.layer for call in self._survey.calls.values())

    @property
    def draw(self) -> tuple[str, bool] | None:
        """An operation that draws random numbers in inference, and whether it draws anew each time."""
        return self._survey.draw

    @property
    def parts(self) -> tuple[keras.Operation, ...]:
        """The model and all that it is made of."""
        return (self._model, *named_layers(self._model).values())

    def outputs(self, inputs: Structure) -> tuple[Any, ...]:
        """All that the model returns, by head."""
        return self._inference.outputs(inputs)

    @property
    def has_grid(self) -> bool:
        """True where a class activation map can be drawn on a layer that nobody named."""
        try:
            return bool(self._survey.default_layer())
        except ValueError:
            return False

    def layer(self, name: str | None) -> str:
        if name is None:
            return self._survey.default_layer()
        return layer_named(self._survey.calls, name, self._model.name, self._specs[0].shape[0])

    def grid(self, layer: str) -> Callable[[tf.Tensor], tf.Tensor]:
        return grid_of(self._survey, layer)

    def shape(self, layer: str) -> tuple[int | None, ...]:
        return self._survey.calls[layer].shape

    def patches(self, tokens: int) -> Callable[[tf.Tensor], tf.Tensor] | None:
        found = grid_of_tokens(tokens, list(self._survey.calls.values()))
        return None if found is None else found.of

    def onto_places(self, layer: str, scores: tf.Tensor) -> tf.Tensor:
        return tf.reduce_sum(scores, -1) if gives_vectors_of_ids(self._survey, layer) else scores

    def run(self, inputs: Structure, features: Structure, taps_at: tuple[str, ...], replaced: Layers) -> Run:
        check_rows(self._model, features)
        score_points, given = self._survey.score_points, tf.nest.flatten(inputs)
        fed = list(given)
        results: dict[Key, tf.Tensor] = {}
        arguments: dict[Key, tf.Tensor] = {}
        for position, (point, feature) in enumerate(zip(score_points, tf.nest.flatten(features), strict=True)):
            vectors = self._vectors[position]
            if vectors is not None:
                results |= zip((call.key for call in point.embeddings), vectors.parted(feature), strict=True)
            elif point.readers:
                arguments |= {reader.key: feature for reader in point.readers}
            else:
                fed[position] = feature
        watched = {self._survey.calls[name].key: name for name in taps_at}
        elsewhere = any(one is not other for one, other in zip(tf.nest.flatten(features), given, strict=True))
        masks = self._inference.masks(given, inputs) if elsewhere else {}
        activations: Layers = {}

        def around(layer: keras.Operation, number: int, args: tuple[Any, ...], call: Any) -> Any:
            key = id(layer), number
            args = (arguments[key], *args[1:]) if key in arguments else args
            result = masked(layer, args[0], masks[key]) if key in masks else call(*args)
            if key in results:
                result = as_given(results[key], result)
            if key in watched:
                result, activations[watched[key]] = handed_on(result, replaced.get(watched[key]))
            return result

        returned = self._inference(fed, inputs, {*results, *arguments, *watched, *masks}, around)
        tensors = tensors_of(returned)
        logits = tuple(map(logits_of, tensors, self._survey.assumed))
        return Run(targets.Outputs(returned, tensors, logits), activations)

    def _check_integers(self, inputs: Structure) -> None:
        def both(inputs: Structure, rows: int) -> tuple[Any, Any]:
            some = tf.nest.map_structure(lambda tensor: tensor[:rows], inputs)
            return self._inference.outputs(some), self.run(some, self.features(some), (), {}).outputs.tensors

        check_integers(self._model, inputs, *Halving(both, inputs, self.batch_size, len(tf.nest.flatten(inputs)[0]))())

    def _outputs(self, inputs: Structure) -> tuple[Any, ...]:
        """What the model gives for as many inputs as fit, NumPy, by head."""

        def outputs(inputs: Structure, rows: int) -> tuple[Any, ...]:
            return self._inference.outputs(tf.nest.map_structure(lambda tensor: tensor[:rows], inputs))

        found: tuple[Any, ...] = Halving(outputs, inputs, self.batch_size, len(tf.nest.flatten(inputs)[0]))()
        return found

    def _embedded(self, inputs: Structure, ids: list[bool]) -> dict[Key, tf.Tensor]:
        """What the embeddings give for token ids."""
        # An input that is not given as ids is not looked at here; the model still wants one of its shape.
        fed = [
            tensor if is_ids or not point.embeddings else tf.zeros((tensor.shape[0], *spec.shape[1:]), spec.dtype)
            for point, tensor, spec, is_ids in zip(
                self._survey.score_points, tf.nest.flatten(inputs), self._specs, ids, strict=True
            )
        ]
        wanted = {call.key for point in self._survey.score_points for call in point.embeddings}
        return self._inference.until(wanted, fed, inputs)
