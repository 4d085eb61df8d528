"""Explanations leave variables alone that Keras knows nothing of."""

from __future__ import annotations

import random
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

import tb_attribution_plugin as tba
from tb_attribution_plugin.training.traced import Traced
from tests.training import fits


class Counting(keras.layers.Layer):
    """Counts its calls in a variable of its own, and draws noise of weight 0 from a generator of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.called = tf.Variable(0, trainable=False)
        self.generator = tf.random.Generator.from_seed(1)

    def call(self, x: tf.Tensor) -> tf.Tensor:
        self.called.assign_add(1)
        return x + 0.0 * self.generator.normal(tf.shape(x))

    def state(self) -> list[int]:
        return [int(self.called), *self.generator.state.numpy().tolist()]


class Hidden(Counting):
    """The same behind a tf.function."""

    @tf.function
    def call(self, x: tf.Tensor) -> tf.Tensor:
        return super().call(x)


@pytest.mark.parametrize("kind", [Counting, Hidden])
@pytest.mark.parametrize("method", ["saliency", "integrated_gradients"])
def test_what_a_layer_keeps_by_itself_is_as_it_was(kind: type[Counting], method: str) -> None:
    layer = kind()
    model = keras.Sequential([keras.Input((4,)), layer, keras.layers.Dense(2, activation="softmax")])
    model(np.ones((1, 4), np.float32))
    before = layer.state()
    tba.explain(model, np.eye(3, 4, dtype=np.float32), method, [0, 1, 0])
    assert layer.state() == before
    model(np.ones((1, 4), np.float32))
    assert layer.state()[0] == before[0] + 1


@pytest.mark.parametrize("kind", [Counting, Hidden])
def test_a_fit_leaves_them_as_it_does_without_the_callback(kind: type[Counting], tmp_path: Path) -> None:
    found = []
    for callbacks in ([], [fits.callback(tmp_path, update_freq=1, on_error="raise")]):
        keras.utils.set_random_seed(1)
        layer = kind()
        norm, head = keras.layers.BatchNormalization(), keras.layers.Dense(3, activation="softmax")
        model = keras.Sequential([keras.Input((fits.FEATURES,)), layer, norm, head])
        model.compile("sgd", "sparse_categorical_crossentropy", jit_compile=False)
        fits.fit(model, *callbacks)
        found.append([layer.state(), [np.asarray(variable).tobytes() for variable in model.variables]])
    assert found[0] == found[1]
    assert found[0][0][0] >= 10


class Drawing(keras.layers.Layer):
    """Draws from Python's and NumPy's streams, counts its calls and keeps what it was given, all in Python."""

    count = 0

    def call(self, x: tf.Tensor) -> tf.Tensor:
        self.count += 1
        self.last = x
        noise = np.random.uniform(1, 2, x.shape[1:])  # noqa: NPY002 - the stream of all of NumPy
        return x * noise.astype(np.float32) + random.random()


def test_what_a_layer_does_in_python_is_as_it_was(tmp_path: Path) -> None:
    found = []
    for callbacks in ([], [fits.callback(tmp_path, update_freq=1, on_error="raise")]):
        keras.utils.set_random_seed(1)
        layer = Drawing()
        model = keras.Sequential([keras.Input((fits.FEATURES,)), layer, keras.layers.Dense(3, activation="softmax")])
        model.compile("sgd", "sparse_categorical_crossentropy", run_eagerly=True)
        fits.fit(model, *callbacks)
        streams = random.getstate(), np.random.get_state()[1].tobytes()  # noqa: NPY002
        found.append(
            [layer.count, layer.last.numpy().tobytes(), *map(np.ndarray.tobytes, model.get_weights()), streams]
        )
    assert found[0] == found[1]


class Vocabulary(keras.layers.Layer):
    """Counts its calls in a table."""

    def __init__(self) -> None:
        super().__init__()
        self.table = tf.lookup.experimental.MutableHashTable(tf.int64, tf.int64, 0)

    def call(self, x: tf.Tensor) -> tf.Tensor:
        key = tf.constant([1], tf.int64)
        self.table.insert(key, self.table.lookup(key) + 1)
        return x


class HiddenVocabulary(Vocabulary):
    """The same in a loop, which is a function of its own."""

    def call(self, x: tf.Tensor) -> tf.Tensor:
        call = super().call
        return tf.while_loop(lambda step, x: step < 2, lambda step, x: (step + 1, call(x)), [0, x])[1]


@pytest.mark.parametrize("kind", [Vocabulary, HiddenVocabulary])
def test_a_table_that_grows_when_it_is_read_is_refused(kind: type[Vocabulary]) -> None:
    layer = kind()
    model = keras.Sequential([keras.Input((4,)), layer, keras.layers.Dense(2)])
    with pytest.raises(ValueError, match=r"changes a tf\.lookup table whenever it is called.* fill the table before"):
        tba.explain(model, np.ones((1, 4), np.float32), "saliency", 0)
    assert int(layer.table.size()) == 0


def test_only_what_is_written_is_kept_and_put_back() -> None:
    weights, count = tf.Variable(tf.zeros((100, 100))), tf.Variable(0)

    @tf.function
    def counted(x: tf.Tensor) -> tf.Tensor:
        count.assign_add(1)
        return x

    traced = Traced(lambda x: counted(x) + tf.reduce_sum(weights), tf.constant([1.0]))
    assigned: list[float] = []
    weights.assign = assigned.append
    assert [float(traced()[0]), int(count), assigned] == [1.0, 0, []]


def test_a_write_within_a_nested_function_is_taken_back() -> None:
    count = tf.Variable(0)

    @tf.function
    def inner() -> tf.Tensor:
        return count.assign_add(1)

    traced = Traced(lambda x: x + tf.cast(inner(), tf.float32), tf.constant([1.0]))
    assert [float(traced()[0]), float(traced()[0]), int(count)] == [2.0, 2.0, 0]


def test_later_values_are_seen_without_another_trace() -> None:
    scale, traces = tf.Variable(1.0), []

    def scaled(x: tf.Tensor) -> tf.Tensor:
        traces.append(1)
        return scale * x

    traced = Traced(scaled, tf.constant([2.0]))
    assert float(traced()[0]) == 2.0
    scale.assign(3.0)
    assert float(traced()[0]) == 6.0
    assert len(traces) == 1
