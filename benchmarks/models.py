"""The models that the benchmarks measure: a table, a small picture, a large one; untrained, inputs of noise."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import keras
import numpy as np


class Case(NamedTuple):
    """A model that returns logits [r, classes].

    Attributes:
      inputs: [examples, ...] float32.
      largest: the largest batch that is worth trying.
      layer: where its class activation map is drawn; "" where it has no grid.
    """

    model: keras.Model
    inputs: np.ndarray
    largest: int
    layer: str


def noise(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).random(shape, np.float32)


def mlp(examples: int) -> Case:
    inner = [keras.layers.Dense(64, activation="relu") for _ in range(3)]
    model = keras.Sequential([keras.Input((30,)), *inner, keras.layers.Dense(2)])
    return Case(model, noise(examples, 30), 4096, "")


def cnn(examples: int) -> Case:
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((32, 32, 3)),
            layers.Conv2D(16, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(32, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(32, 3, activation="relu", name="last"),
            layers.Flatten(),
            layers.Dense(10),
        ]
    )
    return Case(model, noise(examples, 32, 32, 3), 512, "last")


def mobilenet(examples: int, side: int = 224) -> Case:
    model = keras.applications.MobileNetV2((side, side, 3), weights=None, classifier_activation=None, classes=1000)
    return Case(model, noise(examples, side, side, 3), 32, "out_relu")


def mobilenet96(examples: int) -> Case:
    return mobilenet(examples, 96)


CASES: dict[str, Callable[[int], Case]] = {
    "mlp": mlp,
    "cnn": cnn,
    "mobilenet96": mobilenet96,
    "mobilenet": mobilenet,
}
TITLES = {
    "mlp": "MLP 30",
    "cnn": "CNN 32x32",
    "mobilenet96": "MobileNetV2 96",
    "mobilenet": "MobileNetV2 224",
}
