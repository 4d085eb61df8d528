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
      largest: the largest batch of gradients that is worth trying.
      layer: where its class activation map is drawn; "" where it has no grid.
      forward: the largest batch of forward evaluations that is worth trying.
      perturbed: how many of the examples perturbation methods explain.
    """

    model: keras.Model
    inputs: np.ndarray
    largest: int
    layer: str
    forward: int
    perturbed: int


def noise(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).random(shape, np.float32)


def mlp(examples: int) -> Case:
    inner = [keras.layers.Dense(64, activation="relu") for _ in range(3)]
    model = keras.Sequential([keras.Input((30,)), *inner, keras.layers.Dense(2)])
    return Case(model, noise(examples, 30), 4096, "", 65536, examples)


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
    return Case(model, noise(examples, 32, 32, 3), 512, "last", 2048, examples)


def mobilenet(examples: int, side: int = 224) -> Case:
    model = keras.applications.MobileNetV2((side, side, 3), weights=None, classifier_activation=None, classes=1000)
    return Case(model, noise(examples, side, side, 3), 32, "out_relu", 128, 1)


def mobilenet96(examples: int) -> Case:
    return mobilenet(examples, 96)


def photographs(examples: int, side: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Crops [examples, side, side, 3] of photographs that come with the libraries, and from which each is."""
    from skimage import data
    from sklearn.datasets import load_sample_images

    sources = [*load_sample_images().images, data.astronaut(), data.chelsea(), data.coffee()]
    random = np.random.default_rng(seed)
    labels = random.integers(len(sources), size=examples)
    crops = []
    for label in labels:
        height, width = sources[label].shape[:2]
        top, left = random.integers(height - side), random.integers(width - side)
        crops.append(sources[label][top : top + side, left : left + side])
    return np.stack(crops).astype(np.float32) / 255, labels


def trained_on_photographs(side: int) -> keras.Model:
    """A small network that tells the photographs apart: its maps are those of a model that has learned something."""
    keras.utils.set_random_seed(0)
    widths = (16, 32, 32, 64) if side < 200 else (16, 32, 32, 64, 64)
    body = [keras.layers.Conv2D(width, 3, strides=2, padding="same", activation="relu") for width in widths]
    end = [keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(5)]
    model = keras.Sequential([keras.Input((side, side, 3)), *body, *end])
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True), jit_compile=False)
    model.fit(*photographs(320, side), epochs=4, verbose=0)
    return model


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
