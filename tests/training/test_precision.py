"""Products of float32 are not rounded to TF32 in an explanation, and training keeps the switch that it had."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

import tb_attribution_plugin as tba
from tests.training import fits

enabled = tf.config.experimental.tensor_float_32_execution_enabled
enable = tf.config.experimental.enable_tensor_float_32_execution


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    before = enabled()
    yield
    enable(before)


class Asking(keras.layers.Layer):
    """The identity; notes whether it runs with TF32, in training and in explanations."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: set[tuple[bool, bool]] = set()

    def call(self, x: tf.Tensor, training: bool = False) -> tf.Tensor:
        def ask() -> np.int32:
            self.seen.add((bool(training), enabled()))
            return np.int32(0)

        with tf.control_dependencies([tf.numpy_function(ask, [], tf.int32)]):
            return tf.identity(x)


@pytest.mark.parametrize("wanted", [True, False])
def test_explanations_do_without_tf32_and_training_has_what_it_was_given(wanted: bool, tmp_path: Path) -> None:
    keras.utils.set_random_seed(1)
    asking = Asking()
    head = keras.layers.Dense(fits.CLASSES, activation="softmax")
    model = keras.Sequential([keras.Input((fits.FEATURES,)), asking, head])
    model.compile("sgd", "sparse_categorical_crossentropy", jit_compile=False)
    enable(wanted)
    fits.fit(model, fits.callback(tmp_path, update_freq=1, on_error="raise"))
    assert asking.seen == {(True, wanted), (False, False)}
    assert enabled() == wanted


def test_a_failing_explanation_gives_the_switch_back() -> None:
    class Failing(keras.layers.Layer):
        def call(self, x: tf.Tensor) -> tf.Tensor:
            with tf.control_dependencies([tf.debugging.assert_less(x, 0.0)]):
                return tf.identity(x)

    model = keras.Sequential([keras.Input((2,)), Failing()])
    enable(True)
    with pytest.raises(tf.errors.InvalidArgumentError):
        tba.explain(model, np.ones((1, 2), np.float32), "saliency", 0)
    assert enabled()
