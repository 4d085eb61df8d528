"""The limit of a method: its model evaluations in one compiled function, at the best batch size."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import keras
import numpy as np
import tensorflow as tf

from benchmarks import tables

BATCHES = (1, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 16384, 65536)


Evaluations = dict[int, Callable[[], Any]]  # by batch size, one call


class Limit(NamedTuple):
    """`evaluations` at `batch` rows a time take `milliseconds`."""

    batch: int
    milliseconds: float


class Search(NamedTuple):
    """One call, and what it takes in milliseconds, by batch size."""

    calls: Mapping[int, Callable[[], Any]]
    milliseconds: Mapping[int, float]

    def closest(self, evaluations: int) -> list[int]:
        """The batches, at most four, that seem the cheapest for so many: which one is, noise may hide."""
        fitting = [batch for batch in self.calls if batch <= evaluations]
        return sorted(fitting, key=lambda batch: self.milliseconds[batch] / batch)[:4]

    @property
    def fastest(self) -> int:
        return min(self.calls, key=lambda batch: self.milliseconds[batch] / batch)


def searched(title: str, calls: Mapping[int, Callable[[], Any]], runs: int) -> Search:
    """Prints what it finds."""
    times = tables.milliseconds({str(batch): call for batch, call in calls.items()}, runs)
    found = {batch: statistics.median(times[str(batch)]) for batch in calls}
    each = ", ".join(f"{batch}: {ms / batch:.3g}" for batch, ms in found.items())
    print(f"{title}, ms per evaluation by batch: {each}", flush=True)
    return Search(calls, found)


def best(evaluations: int, per_batch: Mapping[int, float]) -> Limit:
    """The cheapest way to make so many evaluations with batches not above their number.

    Args:
      per_batch: batch size -> milliseconds of one call at that size.
    """
    fitting = {batch: ms * evaluations / batch for batch, ms in per_batch.items() if batch <= evaluations}
    batch = min(fitting, key=fitting.__getitem__)
    return Limit(batch, fitting[batch])


def compiled_gradient(model: keras.Model) -> Callable[[tf.Tensor], tf.Tensor]:
    """The gradient of the first output column at rows [r, ...], in one compiled function."""

    @tf.function(autograph=False)
    def gradient(rows: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            tape.watch(rows)
            values = model(rows, training=False)[:, 0]
        return tape.gradient(values, rows)

    return gradient


def compiled_gradient_at(model: keras.Model, layer: str) -> Callable[[tf.Tensor], tuple[tf.Tensor, tf.Tensor]]:
    """What a layer gives, and the gradient there: nothing goes back further than that.

    Both, because a class activation map is made of both: the gradient alone of a linear head needs no forward pass.
    """
    both = keras.Model(model.inputs, [model.get_layer(layer).output, model.outputs[0]])

    @tf.function(autograph=False)
    def gradient(rows: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        with tf.GradientTape() as tape:
            activations, outputs = both(rows, training=False)
            values = outputs[:, 0]
        return activations, tape.gradient(values, activations)

    return gradient


def forwards(model: keras.Model, inputs: np.ndarray, largest: int) -> Evaluations:
    """Batch size -> one call, forward alone."""

    def at(batch: int) -> Callable[[], Any]:
        rows = tf.constant(np.resize(inputs, (batch, *inputs.shape[1:])))
        values = tf.function(lambda x: model(x, training=False)[:, 0], autograph=False)
        return lambda: values(rows).numpy()

    return {batch: at(batch) for batch in BATCHES if batch <= largest}


def gradients(model: keras.Model, inputs: np.ndarray, largest: int, layer: str = "") -> Evaluations:
    """Batch size -> one call, forward and backward, down to the layer or else to the input."""

    def at(batch: int) -> Callable[[], Any]:
        rows = tf.constant(np.resize(inputs, (batch, *inputs.shape[1:])))
        gradient = compiled_gradient_at(model, layer) if layer else compiled_gradient(model)
        return lambda: tf.nest.map_structure(lambda tensor: tensor.numpy(), gradient(rows))

    return {batch: at(batch) for batch in BATCHES if batch <= largest}
