"""One kind of model that people train, with what a test needs to explain it and to know the answer by other means."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf

CLASSES = 3
LABELS = np.array([0, 1, 2, 1, 0])
EXAMPLES = len(LABELS)
Structure = Any


def _itself(outputs: Any) -> Any:
    return outputs


def _as_numbers(model: keras.Model, inputs: Structure) -> Structure:
    return tf.nest.map_structure(lambda array: tf.cast(array, tf.float64), inputs)


def _called(model: keras.Model, inputs: Structure, features: Structure) -> Any:
    return model(features, training=False)


@dataclasses.dataclass(frozen=True, eq=False)
class Specimen:
    """A model, its probe of `EXAMPLES` inputs, and the way to compute it without our seam.

    Attributes:
      build: layers only; `made` draws the weights.
      inputs: structure of arrays [EXAMPLES, ...].
      grid_layer: where a class activation map is drawn by default; None where nothing has a grid.
      layer: what methods at any layer explain, where nothing has a grid.
      head: what the explained output is: "softmax", "sigmoid", "logits" or "value"; "function" where `target` is one.
      target: as in `tba.explain`.
      labels: the output columns that `target` means.
      picked: the explained output among all outputs.
      policy: dtype policy that the model is built under.
      features: model, inputs -> where scores live, [B, ...] of any float.
      forward: model, inputs, features -> outputs.
      split: model, inputs -> output of `grid_layer` and the outputs that are computed from it; None takes a functional
        graph apart.
    """

    build: Callable[[], keras.Model]
    inputs: Callable[[], Structure]
    grid_layer: str | None = None
    layer: str | None = None
    head: str = "softmax"
    target: Any = dataclasses.field(default_factory=lambda: LABELS)
    labels: np.ndarray = dataclasses.field(default_factory=lambda: LABELS)
    picked: Callable[[Any], Any] = _itself
    policy: str = "float32"
    features: Callable[[keras.Model, Structure], Structure] = _as_numbers
    forward: Callable[[keras.Model, Structure, Structure], Any] = _called
    split: Callable[[keras.Model, Structure], tuple[tf.Tensor, Any]] | None = None

    @property
    def any_layer(self) -> str | None:
        return self.grid_layer or self.layer

    def made(self, seed: int = 1, policy: str | None = None) -> keras.Model:
        """The model with the weights of a seed, the same under every policy."""
        before = keras.config.dtype_policy()
        keras.config.set_dtype_policy(policy or self.policy)
        try:
            model = self.build()
            model(tf.nest.map_structure(tf.constant, self.inputs()))
        finally:
            keras.config.set_dtype_policy(before)
        draw_weights(model, seed)
        return model


def draw_weights(model: keras.Model, seed: int) -> None:
    """Weights as after some training: biases, moving statistics and scales are not what they start from."""
    random = np.random.default_rng(seed)
    for variable in model.weights:
        if not keras.backend.is_float_dtype(variable.dtype):
            continue  # the state of a random generator, a count
        shape = tuple(variable.shape)
        if "variance" in variable.name or "gamma" in variable.name:
            values = random.uniform(0.5, 1.5, shape)
        else:
            values = random.normal(0, 0.3 if len(shape) < 2 else 1 / math.sqrt(math.prod(shape[:-1])), shape)
        variable.assign(values.astype(np.float32))


def images(side: int = 8, channels: int = 3, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).random((EXAMPLES, side, side, channels), np.float32)


def rows(features: int = 6, seed: int = 2) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(EXAMPLES, features)).astype(np.float32)


def series(steps: int = 7, channels: int = 3, seed: int = 3) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(EXAMPLES, steps, channels)).astype(np.float32)


def token_ids() -> np.ndarray:
    """[EXAMPLES, 7] int32; rows end in padding (id 0) of different lengths."""
    ids = np.random.default_rng(4).integers(1, 20, (EXAMPLES, 7)).astype(np.int32)
    for example in range(EXAMPLES):
        ids[example, 7 - example :] = 0
    return ids
