"""What chooses among values, by the rules of differences and by those of relevance."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

import tb_attribution_plugin as tba
from tb_attribution_plugin.methods import LRP, AttnLRP, DeepLIFT
from tb_attribution_plugin.methods.contract import from_function

X = np.array([[1.5, -0.5, 2.0], [-1.0, 0.25, 0.5], [0.1, 3.0, -2.0]], np.float32)
X0 = np.array([-0.5, 0.75, 1.0], np.float32)
CHOICES: dict[str, Callable[[tf.Tensor], tf.Tensor]] = {
    "leaky relu": lambda x: tf.where(x > 0, x, 0.1 * x),
    "mask": lambda x: 2 * x * tf.cast(x > 0.2, tf.float32),
    "both": lambda x: tf.where(tf.logical_and(x > 0, x < 1), x, -x),
    "either": lambda x: tf.where(tf.logical_or(x > 1, tf.logical_not(x > 0)), 3 * x, x),
    "finite": lambda x: tf.where(tf.math.is_finite(1 / tf.nn.relu(x)), x, -x),
}


def relevance(function: Callable[[tf.Tensor], tf.Tensor]) -> np.ndarray:
    model = from_function(lambda x: tf.reduce_sum(function(x), 1))
    return LRP(rule="epsilon")(model, tf.constant(X)).scores.numpy()


@pytest.mark.parametrize("name", CHOICES)
def test_what_was_chosen_takes_the_relevance_and_the_condition_none(name: str) -> None:
    np.testing.assert_allclose(relevance(CHOICES[name]), CHOICES[name](X), atol=1e-6)


# Infinity is no distance that a difference can be divided by: that one does not close, and its gap says so.
@pytest.mark.parametrize("name", [name for name in CHOICES if name != "finite"])
def test_a_choice_gets_its_whole_difference(name: str) -> None:
    model = from_function(lambda x: tf.reduce_sum(CHOICES[name](x), 1))
    found = DeepLIFT(baseline=X0)(model, tf.constant(X)).scores.numpy()
    np.testing.assert_allclose(found, CHOICES[name](X) - CHOICES[name](X0[None]), atol=1e-5)


def test_a_logarithm_of_a_sum_of_exponentials_closes() -> None:
    found = DeepLIFT(baseline=X0)(from_function(lambda x: x[:, 0] - tf.reduce_logsumexp(x, 1)), tf.constant(X))
    np.testing.assert_allclose(found.residual, 0, atol=1e-5)
    assert np.abs(found.scores).min() > 0


def test_the_place_of_the_largest_is_no_relevance() -> None:
    found = relevance(lambda x: x * tf.one_hot(tf.argmax(x, 1), 3))
    np.testing.assert_allclose(found, np.where(X.max(1, keepdims=True) == X, X, 0), atol=1e-6)
    in_order = relevance(lambda x: tf.gather(x, tf.argsort(x, 1), batch_dims=1) * [1.0, 0.0, 0.0])
    np.testing.assert_allclose(in_order, np.where(X.min(1, keepdims=True) == X, X, 0), atol=1e-6)


def test_a_bound_is_a_function_of_one_number_however_it_is_written() -> None:
    np.testing.assert_allclose(relevance(lambda x: tf.minimum(x, 1.0)), np.minimum(X, 1), atol=1e-6)
    np.testing.assert_allclose(relevance(lambda x: tf.clip_by_value(x, -1, 1)), np.clip(X, -1, 1), atol=1e-6)
    np.testing.assert_allclose(relevance(lambda x: tf.maximum(x, 0.25)), np.maximum(X, 0.25) - 0.25, atol=1e-6)


def test_what_is_broadcast_beside_bounds_gets_the_relevance_where_it_is_larger() -> None:
    bounds = tf.constant([[-1.5, 0.25, 1.0]])
    found = relevance(lambda x: tf.maximum(x[:, :1], bounds))
    first = X[:, :1]
    expected = np.where(first > bounds.numpy(), first, 0).sum(1)
    np.testing.assert_allclose(found, np.stack([expected, *[0 * expected] * (X.shape[1] - 1)], 1), atol=1e-6)


def test_a_hard_gate_hands_nothing_on_and_another_relu6_does() -> None:
    np.testing.assert_allclose(relevance(keras.ops.hard_silu), keras.ops.hard_silu(X), atol=1e-6)
    gated = relevance(lambda x: x[:, :1] * tf.nn.relu6(x[:, 1:2] + 1))
    assert np.all((gated[:, 1] != 0) == (X[:, 0] * (X[:, 1] + 1) != 0))


class Choosing(keras.layers.Layer):
    """A bound, a logarithm and a condition beside attention."""

    def call(self, x: Any) -> Any:
        bounded = tf.minimum(tf.nn.relu(x), 0.5)
        return tf.where(x > 0, bounded, 0.1 * x) + tf.math.log(tf.math.reciprocal(tf.square(x)))


def test_attn_lrp_follows_what_chooses_and_what_has_no_value_at_zero() -> None:
    keras.utils.set_random_seed(0)
    inputs = keras.Input((4, 6))
    mixed = keras.layers.MultiHeadAttention(2, 3, use_bias=False)(inputs, inputs)
    pooled = keras.layers.GlobalAveragePooling1D()(Choosing()(mixed))
    model = keras.Model(inputs, keras.layers.Dense(3, use_bias=False)(pooled))
    x = np.random.default_rng(0).normal(size=(3, 4, 6)).astype(np.float32)
    found = tba.explain(model, x, AttnLRP(), 1, output="as_is")
    size = np.abs(found.scores).sum((1, 2)).max()
    np.testing.assert_allclose(found.scores.sum((1, 2)), found.outputs, rtol=0, atol=1e-5 * size)


class Whole(keras.layers.Layer):
    def call(self, x: Any) -> Any:
        return tf.cast(tf.cast(10 * x, tf.int32) * 2 + 1, tf.float32)


class OfBatch(keras.layers.Layer):
    def call(self, x: Any) -> Any:
        moved = tf.compat.v1.nn.fused_batch_norm(x[:, None, None], tf.ones(3), tf.zeros(3), is_training=True)[0]
        return moved[:, 0, 0]


@pytest.mark.parametrize("method", ["deep_lift", "lrp"])
def test_arithmetic_of_whole_numbers_has_no_rule(method: str) -> None:
    model = keras.Sequential([keras.Input((3,)), Whole(name="whole"), keras.layers.Dense(2)])
    with pytest.raises(ValueError, match=r"operation AddV2 \(.*whole.*\) has no rule"):
        tba.explain(model, X, method, 0)


@pytest.mark.parametrize("method", ["deep_lift", "lrp", "guided_backprop", "deconvolution"])
def test_statistics_of_the_batch_are_refused_by_every_rule(method: str) -> None:
    model = keras.Sequential([keras.Input((3,)), keras.layers.ReLU(), OfBatch(name="batch"), keras.layers.Dense(2)])
    with pytest.raises(ValueError, match=r"FusedBatchNormV3 \(.*batch.*\) normalizes by statistics of the batch"):
        tba.explain(model, X, method, 0, batch_size=1)  # with more, rows that are mixed are found by trial


def test_only_z_plus_says_that_it_hardly_sees_the_weights_of_upper_layers() -> None:
    assert {rule for rule in ("composite", "epsilon", "z_plus", "flat") if not LRP(rule=rule).weight_sensitive} == {
        "z_plus"
    }


class Branching(keras.layers.Layer):
    """One branch for the whole batch."""

    def call(self, x: tf.Tensor) -> tf.Tensor:
        return tf.cond(tf.reduce_sum(x) > 0, lambda: 2 * x, lambda: x * x)

    def compute_output_shape(self, shape: Any) -> Any:
        return shape


@pytest.mark.parametrize("method", ["deep_lift", "lrp", "guided_backprop", "deconvolution"])
def test_a_branch_of_the_whole_batch_is_refused_by_every_rule(method: str) -> None:
    model = keras.Sequential([keras.Input((3,)), keras.layers.ReLU(), Branching(name="two"), keras.layers.Dense(2)])
    with pytest.raises(ValueError, match=r"two.*/cond.* is a branch that is chosen by the inputs for all examples"):
        tba.explain(model, X, method, 0)
