"""Small models with their inputs: one of every kind that all methods must explain."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

import keras
import numpy as np

EXAMPLES = 5
CLASSES = 3
# Methods that refuse everything but images.
OF_IMAGES = ("BlurIG", "XRAI")
# Methods that refuse models without attention.
OF_ATTENTION = ("AttentionRollout", "AttnLRP", "TransformerRelevance")
# Methods that are the plain gradient, and say so, where there is no ReLU.
OF_RECTIFIERS = ("Deconvolution", "GuidedBackprop", "GuidedGradCAM")
WITH_RECTIFIER = ("functional_cnn", "sequential_cnn", "batchnorm_depthwise")


class Case(NamedTuple):
    """A compiled model, inputs [EXAMPLES, ...] and labels [EXAMPLES]."""

    model: Any
    inputs: Any
    labels: np.ndarray


def images(side: int = 8, examples: int = EXAMPLES, channels: int = 3) -> np.ndarray:
    return np.random.default_rng(1).normal(size=(examples, side, side, channels)).astype(np.float32)


def numbers(features: int = 6, examples: int = EXAMPLES) -> np.ndarray:
    return np.random.default_rng(2).normal(size=(examples, features)).astype(np.float32)


def token_ids() -> np.ndarray:
    """[EXAMPLES, 7]; rows end in padding (id 0) of different lengths."""
    ids = np.random.default_rng(3).integers(1, 20, (EXAMPLES, 7))
    for example in range(EXAMPLES):
        ids[example, 7 - example :] = 0
    return ids


def functional_cnn() -> Any:
    inputs = keras.Input((8, 8, 3))
    x = keras.layers.Conv2D(4, 3, activation="relu", name="conv1")(inputs)
    x = keras.layers.MaxPooling2D(2)(x)
    x = keras.layers.Conv2D(5, 2, activation="relu", name="conv2")(x)
    x = keras.layers.Dropout(0.5)(x)
    x = keras.layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, keras.layers.Dense(CLASSES, activation="softmax")(x))


def sequential_cnn() -> Any:
    return keras.Sequential(
        [
            keras.layers.Conv2D(4, 3, name="conv1"),
            keras.layers.ReLU(name="relu1"),
            keras.layers.Flatten(),
            keras.layers.Dense(CLASSES),
        ]
    )


def nested() -> Any:
    inputs = keras.Input((8, 8, 3))
    x = keras.layers.Conv2D(4, 3, activation="tanh", name="conv4")(inputs)
    x = keras.layers.Conv2D(4, 3, activation="tanh", name="conv5")(x)
    backbone = keras.Model(inputs, x, name="backbone")
    return keras.Sequential(
        [backbone, keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(CLASSES, activation="softmax")]
    )


def batchnorm_depthwise() -> Any:
    model = keras.Sequential(
        [
            keras.layers.Input((8, 8, 3)),
            keras.layers.Conv2D(6, 3),
            keras.layers.BatchNormalization(),
            keras.layers.ReLU(6.0),
            keras.layers.DepthwiseConv2D(3),
            keras.layers.BatchNormalization(),
            keras.layers.ReLU(6.0, name="last"),
            keras.layers.GlobalAveragePooling2D(),
            keras.layers.Dense(CLASSES, activation="softmax"),
        ]
    )
    random = np.random.default_rng(4)
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):  # statistics as after some training
            layer.moving_mean.assign(random.normal(0, 0.3, layer.moving_mean.shape))
            layer.moving_variance.assign(random.uniform(0.5, 2, layer.moving_variance.shape))
    return model


def tabular_mlp() -> Any:
    return keras.Sequential(
        [
            keras.layers.Input((6,)),
            keras.layers.Dense(8, activation="gelu", name="hidden"),
            keras.layers.Dense(CLASSES, activation="softmax"),
        ]
    )


def tokens() -> Any:
    return keras.Sequential(
        [
            keras.layers.Input((7,), dtype="int32"),
            keras.layers.Embedding(20, 4, mask_zero=True, embeddings_initializer="normal"),
            keras.layers.GlobalAveragePooling1D(),
            keras.layers.Dense(8, activation="tanh"),
            keras.layers.Dense(CLASSES, activation="softmax"),
        ]
    )


def attention() -> Any:
    inputs = keras.Input((7,), dtype="int32")
    x = keras.layers.Embedding(20, 4, name="embedding")(inputs)
    x = keras.layers.LayerNormalization()(x + keras.layers.MultiHeadAttention(2, 3)(x, x))
    x = keras.layers.GlobalAveragePooling1D()(x)
    return keras.Model(inputs, keras.layers.Dense(CLASSES, activation="softmax")(x))


BUILDERS: dict[str, tuple[Callable[[], Any], Callable[[], np.ndarray]]] = {
    "functional_cnn": (functional_cnn, images),
    "sequential_cnn": (sequential_cnn, images),
    "nested": (nested, images),
    "batchnorm_depthwise": (batchnorm_depthwise, images),
    "tabular_mlp": (tabular_mlp, numbers),
    "tokens": (tokens, token_ids),
    "attention": (attention, token_ids),
}


@functools.cache
def case(name: str) -> Case:
    """One shared instance; tests that change it build their own with `fresh`."""
    return fresh(name)


def fresh(name: str) -> Case:
    build, inputs = BUILDERS[name]
    keras.utils.set_random_seed(7)
    model = build()
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=name == "sequential_cnn")
    model.compile(keras.optimizers.Adam(0.01), loss, jit_compile=False)
    x = inputs()
    model(x)  # builds what has no Input, for this batch size
    return Case(model, x, np.arange(EXAMPLES) % CLASSES)
