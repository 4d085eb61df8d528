"""Layers whose call is a `tf.function`: whether the model reads the weights that maps are made of."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

import tb_attribution_plugin as tba

X = np.random.default_rng(0).normal(size=(4, 6)).astype(np.float32)


class Lazy(keras.layers.Layer):
    """Its sublayers are built when they are called, inside the trace."""

    def __init__(self, units: int, **fields: Any) -> None:
        super().__init__(**fields)
        self.dense = keras.layers.Dense(units, name="inner")
        self.spare = keras.layers.Dense(units, name="spare")

    @tf.function
    def call(self, x: Any) -> Any:
        return tf.nn.silu(self.dense(x))


class Built(Lazy):
    def build(self, shape: Any) -> None:
        self.dense.build(shape)
        self.spare.build(shape)  # no trace reads it, and no map either


class Whole(keras.Model):
    def __init__(self) -> None:
        super().__init__(name="whole")
        self.dense = keras.layers.Dense(3)

    @tf.function
    def call(self, x: Any) -> Any:
        return self.dense(x)


def model(layer: keras.layers.Layer) -> keras.Model:
    keras.utils.set_random_seed(1)
    return keras.Sequential([keras.Input((6,)), layer, keras.layers.Dense(3, activation="softmax")])


def doubled(network: keras.Model) -> bool:
    """Whether the outputs follow the weights of the layers up to the last one."""
    before = network(X).numpy()
    network.layers[0].set_weights([2 * one + 1 for one in network.layers[0].get_weights()])
    return not np.allclose(network(X).numpy(), before)


def test_a_layer_that_goes_on_with_its_initial_weights_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    network = model(Lazy(5, name="stale"))
    assert not doubled(network)  # the layer's own doing
    tba.explain(network, X, "saliency", [0, 1, 2, 0])
    said = capsys.readouterr().out
    assert "'stale': call is a tf.function that was traced before" in said
    assert "inner/kernel" in said
    assert "build()" in said


def test_a_layer_that_reads_its_weights_is_not(capsys: pytest.CaptureFixture[str]) -> None:
    network = model(Built(5))
    assert doubled(network)
    traces = network.layers[0].call.experimental_get_tracing_count()
    tba.explain(network, X, "saliency", [0, 1, 2, 0])
    assert "tf.function" not in capsys.readouterr().out
    assert network.layers[0].call.experimental_get_tracing_count() == traces


def test_only_traces_for_as_many_rows_count(capsys: pytest.CaptureFixture[str]) -> None:
    network = Whole()
    network(X[:1])  # what it leaves serves one row at a time
    tba.explain(network, X, "saliency", [0, 1, 2, 0])
    assert "tf.function" not in capsys.readouterr().out
    tba.explain(network, X[:1], "saliency", [0])
    assert "'whole': call is a tf.function" in capsys.readouterr().out


def test_the_callback_says_it_at_the_start(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    network = model(Lazy(5, name="stale"))
    network.compile("sgd", "sparse_categorical_crossentropy")
    y = np.array([0, 1, 2, 0])
    network.fit(X, y, verbose=0, callbacks=[tba.AttributionCallback(tmp_path, (X, y))])
    assert "'stale': call is a tf.function" in capsys.readouterr().out
