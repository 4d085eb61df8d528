"""Guided backpropagation and deconvolution: a ReLU is what it computes, whatever it is called."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

import tb_attribution_plugin as tba
from tb_attribution_plugin.methods import LRP

L = keras.layers
X = np.random.default_rng(0).normal(size=(4, 6)).astype(np.float32)
WRITTEN: dict[str, Callable[[Any], Any]] = {
    "tf.maximum": lambda x: tf.maximum(x, 0.0),
    "the other way round": lambda x: tf.maximum(0.0, x),
    "keras.ops": lambda x: keras.ops.maximum(x, 0),
    "in a function": tf.function(lambda x: tf.maximum(x, tf.zeros(5))),
}


class Applied(L.Layer):
    def __init__(self, function: Callable[[Any], Any], **fields: Any) -> None:
        super().__init__(**fields)
        self.function = function

    def call(self, x: Any) -> Any:
        return self.function(x)


def network(function: Callable[[Any], Any]) -> keras.Model:
    keras.utils.set_random_seed(1)
    fields = {"bias_initializer": keras.initializers.RandomNormal(stddev=0.2)}
    hidden = [L.Dense(5, **fields), Applied(function), L.Dense(5, **fields), Applied(function)]
    return keras.Sequential([keras.Input((6,)), *hidden, L.Dense(3, **fields)])


@pytest.mark.parametrize("method", ["guided_backprop", "deconvolution", LRP(rule="flat"), LRP(rule="epsilon")])
@pytest.mark.parametrize("written", WRITTEN)
def test_a_maximum_with_zero_is_a_relu(method: Any, written: str) -> None:
    expected = tba.explain(network(tf.nn.relu), X, method, 1).scores
    np.testing.assert_allclose(tba.explain(network(WRITTEN[written]), X, method, 1).scores, expected, atol=1e-6)


@pytest.mark.parametrize("method", ["guided_backprop", "deconvolution"])
def test_a_maximum_with_another_number_is_no_relu(method: str) -> None:
    with pytest.raises(ValueError, match="there is no Relu or Relu6 between"):
        tba.explain(network(lambda x: tf.maximum(x, 0.1)), X, method, 1)
