"""Calls of a Keras model that leave it as it was, with a look at what its layers do."""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Iterable, Sequence
from typing import Any

import keras
import tensorflow as tf

from tb_attribution_plugin.methods.rows import Structure
from tb_attribution_plugin.training import taps
from tb_attribution_plugin.training.batchnorm import DebiasedStatistics
from tb_attribution_plugin.training.calls import Call, Key
from tb_attribution_plugin.training.inlined import inlined, unrolled
from tb_attribution_plugin.training.masks import mask_of, masking
from tb_attribution_plugin.training.outputs import tensors_of
from tb_attribution_plugin.training.precision import full_precision
from tb_attribution_plugin.training.untouched import untouched


class Inference:
    """Calls a model that is built with training=False, always from the same states."""

    def __init__(self, model: keras.Model) -> None:
        self._model = model
        self._layers = {id(layer): layer for layer in taps.named_layers(model).values()}
        self._masking = masking(self._layers.values())
        self._states = _states_at_rest(self._layers.values())
        self._statistics: DebiasedStatistics | None = None
        self._unrolled = False

    def using(self, statistics: DebiasedStatistics | None) -> Inference:
        """The same with other statistics of BatchNormalization; None: the moving ones, as inference does."""
        other = copy.copy(self)
        other._statistics = statistics
        return other

    def unrolled(self) -> Inference:
        """The same with the loops of recurrent layers written out."""
        other = copy.copy(self)
        other._unrolled = True
        return other

    def __call__(self, fed: list[tf.Tensor], structure: Structure, keys: set[Key], around: taps.Around) -> Any:
        """What the model returns.

        Args:
          fed: the inputs, flat.
          structure: they are packed like this.
          keys: calls of layers that go through `around`.
        """
        tapped = [layer for number, layer in self._layers.items() if any(key[0] == number for key in keys)]
        statistics = contextlib.nullcontext() if self._statistics is None else self._statistics.in_use()
        everything = [self._model, *self._layers.values()]
        # What a call writes (seeds, recurrent states, losses) stays in the scope: the model is as it was.
        scope = keras.StatelessScope(state_mapping=self._states)
        plain = inlined(everything)
        loops = unrolled(everything) if self._unrolled else contextlib.nullcontext()
        # Its tf.summary calls would speak of the probe in the logs of training.
        silent = tf.summary.record_if(False)
        with (
            untouched(everything),
            scope,
            statistics,
            full_precision(everything),
            plain,
            loops,
            silent,
            taps.tapped(tapped, around),
        ):
            return self._model(tf.nest.pack_sequence_as(structure, fed), training=False)

    def outputs(self, inputs: Structure) -> tuple[Any, ...]:
        """All that the model returns at the inputs themselves, flat."""

        def as_it_is(layer: keras.Operation, number: int, args: tuple[Any, ...], call: Any) -> Any:
            return call(*args)

        return tensors_of(self(tf.nest.flatten(inputs), inputs, set(), as_it_is))

    def masks(self, given: list[tf.Tensor], structure: Structure) -> dict[Key, tf.Tensor]:
        """Which steps the Masking layers leave out at the inputs themselves."""
        found: dict[Key, tf.Tensor] = {}

        def around(layer: keras.Operation, number: int, args: tuple[Any, ...], call: Any) -> Any:
            result = call(*args)
            if id(layer) in self._masking:
                found[id(layer), number] = mask_of(layer, args[0], result)
            return result

        if self._masking:
            self(given, structure, {(layer, 0) for layer in self._masking}, around)
        return found

    def until(self, wanted: set[Key], fed: list[tf.Tensor], structure: Structure) -> dict[Key, tf.Tensor]:
        """What these calls of layers give. Nothing behind them runs.

        It could refuse what it is given: on a GPU, recurrent layers of Keras stop at a baseline that is all padding.
        """
        found: dict[Key, tf.Tensor] = {}

        def around(layer: keras.Operation, number: int, args: tuple[Any, ...], call: Any) -> Any:
            result = call(*args)
            if (id(layer), number) in wanted:
                found[id(layer), number] = result
            if found.keys() == wanted:
                raise taps.SeenEnough
            return result

        with contextlib.suppress(taps.SeenEnough):
            self(fed, structure, wanted, around)
        return found

    def given(self, calls: Sequence[Call], fed: list[tf.Tensor], structure: Structure) -> list[tf.Tensor]:
        """What these calls of embeddings are given. They do not run: it need not be in their vocabulary."""
        found: dict[Key, tf.Tensor] = {}
        widths = {call.key: call.shape[-1] for call in calls}

        def around(layer: keras.Operation, number: int, args: tuple[Any, ...], call: Any) -> Any:
            key = id(layer), number
            if key not in widths:
                return call(*args)
            found[key] = args[0]
            if found.keys() == widths.keys():
                raise taps.SeenEnough
            return tf.zeros((*args[0].shape, widths[key]))

        with contextlib.suppress(taps.SeenEnough):
            self(fed, structure, set(widths), around)
        return [found[call.key] for call in calls]


def _states_at_rest(layers: Iterable[keras.Operation]) -> list[tuple[keras.Variable, tf.Tensor]]:
    """Seeds as they are now, so that every step gets the same noise; recurrent states at zero."""
    seeds = [generator.state for layer in layers for generator in getattr(layer, "_seed_generators", [])]
    states = [
        state
        for layer in layers
        for state in tf.nest.flatten(getattr(layer, "states", None) or [])
        if hasattr(state, "assign")  # keras.Variable is no class of theirs before Keras 3.6
    ]
    return [(seed, tf.constant(seed.numpy())) for seed in seeds] + [(one, tf.zeros(one.shape)) for one in states]
