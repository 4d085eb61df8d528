"""Where a final softmax or sigmoid is computed is none of what is explained."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

import tb_attribution_plugin as tba
from tb_attribution_plugin.methods import LRP, DeepLIFT, InputXGradient

X = np.random.default_rng(0).normal(size=(4, 5)).astype(np.float32)
METHODS = (LRP(rule="epsilon"), LRP(), DeepLIFT(baseline=0.0), InputXGradient())


class Applied(keras.Model):
    """A function of the outputs of one small network, whose weights are the same each time."""

    def __init__(self, function: Callable[[Any], Any], around: Callable[[Any], Any] = lambda whole: whole) -> None:
        super().__init__(name="applied")
        keras.utils.set_random_seed(1)
        self.hidden, self.last = keras.layers.Dense(6, activation="relu"), keras.layers.Dense(3)
        self.last(self.hidden(X))
        self.whole = around(lambda x: function(self.last(self.hidden(x))))

    def call(self, x: Any) -> Any:
        return self.whole(x)


@tf.custom_gradient
def own_softmax(z: tf.Tensor) -> tuple[tf.Tensor, Callable[[tf.Tensor], tf.Tensor]]:
    p = tf.nn.softmax(z)
    return p, lambda g: p * (g - tf.reduce_sum(g * p, -1, keepdims=True))


def clipped(z: tf.Tensor) -> tf.Tensor:
    return tf.clip_by_value(tf.nn.softmax(z), 1e-7, 1.0)


def by_hand(z: tf.Tensor) -> tf.Tensor:
    return tf.exp(z) / tf.reduce_sum(tf.exp(z), -1, keepdims=True)


@tf.function
def in_a_loop(z: tf.Tensor) -> tf.Tensor:
    for _ in tf.range(tf.shape(z)[0] // 4):
        z = 2.0 * z
    return tf.nn.softmax(z)


FORMS = {
    "log": Applied(tf.nn.log_softmax),
    "function": Applied(tf.function(tf.nn.softmax)),
    "compiled": Applied(tf.function(tf.nn.softmax, jit_compile=True)),
    "function in a function": Applied(tf.function(lambda z: tf.function(tf.nn.softmax)(1.0 * z))),
    "recomputed": Applied(tf.recompute_grad(tf.nn.softmax)),
    "own gradient": Applied(own_softmax),
    "own gradient in a function": Applied(tf.function(own_softmax)),
    "all in a function": Applied(tf.nn.softmax, tf.function),
    "all recomputed": Applied(tf.nn.softmax, tf.recompute_grad),
    "all recomputed in a function": Applied(tf.nn.softmax, lambda f: tf.function(tf.recompute_grad(f))),
}


@pytest.mark.parametrize("output", ["margin", "logits"])
@pytest.mark.parametrize("form", FORMS)
def test_the_same_weights_give_the_same_map(form: str, output: str) -> None:
    for method in METHODS:
        expected = tba.explain(Applied(tf.nn.softmax), X, method, 1, output=output)
        found = tba.explain(FORMS[form], X, method, 1, output=output)
        np.testing.assert_allclose(found.outputs, expected.outputs, atol=1e-6)
        np.testing.assert_allclose(found.scores, expected.scores, atol=1e-6)


def test_a_sigmoid_in_a_function_is_looked_through() -> None:
    expected = tba.explain(Applied(tf.sigmoid), X, LRP(rule="epsilon"), 1)
    found = tba.explain(Applied(tf.function(tf.sigmoid)), X, LRP(rule="epsilon"), 1)
    np.testing.assert_allclose(found.scores, expected.scores, atol=1e-6)


@pytest.mark.parametrize("end", [clipped, by_hand])
def test_logits_that_are_not_seen_are_named_with_what_hides_them(end: Callable[[Any], Any]) -> None:
    model = Applied(end)
    expected = tba.explain(Applied(tf.nn.softmax), X, "saliency", 1)
    np.testing.assert_allclose(tba.explain(model, X, "saliency", 1).scores, expected.scores, atol=1e-5)
    with pytest.raises(ValueError, match=r"needs logits.* not seen behind \w+ \(applied.*/.*\).* tf.nn"):
        tba.explain(model, X, "saliency", 1, output="logits")
    for method in ("lrp", "deep_lift"):
        with pytest.raises(ValueError, match=r"made of logits, .* not seen behind \w+ \(applied.*/.*output='as_is'"):
            tba.explain(model, X, method, 1)
    found = tba.explain(model, X, "deep_lift", 1, output="as_is")
    np.testing.assert_allclose(found.residual, 0, atol=1e-6)


def test_logits_in_a_function_with_a_loop_are_not_made_once_more() -> None:
    expected = tba.explain(Applied(lambda z: tf.nn.softmax(2.0 * z)), X, "saliency", 1)
    model = Applied(in_a_loop)
    np.testing.assert_allclose(tba.explain(model, X, "saliency", 1).scores, expected.scores, atol=1e-5)
    with pytest.raises(ValueError, match=r"not seen behind .*PartitionedCall"):
        tba.explain(model, X, "lrp", 1)


def test_what_a_straight_through_gradient_hands_on_before_a_softmax_in_a_function_is_kept() -> None:
    @tf.custom_gradient
    def sign(x: tf.Tensor) -> tuple[tf.Tensor, Callable[[tf.Tensor], tf.Tensor]]:
        return tf.sign(x), lambda g: g

    expected = tba.explain(Applied(lambda z: tf.nn.softmax(sign(z))), X, "saliency", 1)
    found = tba.explain(Applied(tf.function(lambda z: tf.nn.softmax(sign(z)))), X, "saliency", 1)
    assert np.abs(expected.scores).min() > 0
    np.testing.assert_allclose(found.scores, expected.scores, atol=1e-6)
