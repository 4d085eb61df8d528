"""LRP: what is conserved, and its rules against NumPy on networks that can be worked out by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

import tb_attribution_plugin as tba
from tb_attribution_plugin.methods import LRP
from tb_attribution_plugin.methods.contract import from_function

L = keras.layers
RULES = ("composite", "epsilon", "gamma", "alpha_beta", "z_plus", "flat")
X = np.array([[1.5, -0.5, 2.0], [-1.0, 0.25, 0.5], [0.1, 3.0, -2.0]], np.float32)


def images(low: float = 0.0) -> np.ndarray:
    return np.random.default_rng(0).uniform(low, 1, (3, 8, 8, 2)).astype(np.float32)


def network(*, bias: bool, activation: str = "relu") -> keras.Model:
    keras.utils.set_random_seed(1)
    fields = {"use_bias": bias, "bias_initializer": keras.initializers.RandomNormal(stddev=0.2)}
    layers = [L.Conv2D(5, 3, activation=activation, **fields), L.MaxPooling2D(), L.Conv2D(6, 2, **fields), L.ReLU()]
    return keras.Sequential([keras.Input((8, 8, 2)), *layers, L.Flatten(), L.Dense(3, **fields)])


def scores(model: Any, x: np.ndarray, rule: str, **fields: Any) -> tba.Attribution:
    return tba.explain(model, x, LRP(rule=rule, **fields), 1, output="as_is")


@pytest.mark.parametrize("rule", RULES)
def test_without_biases_everything_arrives(rule: str) -> None:
    """With no stabiliser to speak of."""
    found = scores(network(bias=False), images(), rule, epsilon=1e-9)
    np.testing.assert_allclose(
        found.scores.sum((1, 2, 3)), found.outputs, rtol=0, atol=1e-5 * np.abs(found.outputs).max()
    )


@pytest.mark.parametrize("rule", RULES)
def test_the_residual_is_what_did_not_arrive(rule: str) -> None:
    found = scores(network(bias=True), images(), rule)
    np.testing.assert_allclose(found.residual, found.outputs - found.scores.sum((1, 2, 3)), atol=1e-6)
    assert np.all((np.abs(found.residual) > 1e-3) == (rule != "flat"))


def test_epsilon_without_a_size_is_input_x_gradient_on_relus() -> None:
    model = network(bias=True)
    expected = tba.explain(model, images(-1), "input_x_gradient", 1, output="as_is").scores
    np.testing.assert_allclose(
        scores(model, images(-1), "epsilon").scores, expected, atol=1e-5 * np.abs(expected).max()
    )


def test_z_plus_has_no_sign_but_that_of_the_output() -> None:
    found = scores(network(bias=True), images(), "z_plus")
    assert (found.scores * np.sign(found.outputs)[:, None, None, None]).min() >= 0
    assert np.abs(found.scores).max() > 0


def halves(a: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return np.maximum(a, 0), np.minimum(a, 0)


def gamma(x: np.ndarray, w: np.ndarray, b: np.ndarray, r: np.ndarray) -> np.ndarray:
    terms = x[:, :, None] * (w + 0.5 * np.maximum(w, 0))
    return (terms / (terms.sum(1) + b)[:, None] * r[:, None]).sum(2)


def signed_gamma(x: np.ndarray, w: np.ndarray, b: np.ndarray, r: np.ndarray) -> np.ndarray:
    z = x @ w + b
    terms = x[:, :, None] * w
    boosted = terms * np.where(terms * np.sign(z)[:, None] > 0, 1.5, 1)
    return (boosted / (boosted.sum(1) + b)[:, None] * r[:, None]).sum(2)


def alpha_beta(x: np.ndarray, w: np.ndarray, b: np.ndarray, r: np.ndarray) -> np.ndarray:
    (up, down), (for_it, against) = halves(x[:, :, None] * w), halves(b)
    z_up, z_down = up.sum(1) + for_it, down.sum(1) + against
    alpha, beta = np.where(z_down < 0, 2, 1), np.where(z_up > 0, 1, -1)
    alpha, beta = (f * np.divide(r, z, out=0 * z, where=z != 0) for f, z in ((alpha, z_up), (beta, z_down)))
    return (up * alpha[:, None] - down * beta[:, None]).sum(2)


def flat(x: np.ndarray, w: np.ndarray, b: np.ndarray, r: np.ndarray) -> np.ndarray:
    return np.repeat(r.sum(1, keepdims=True) / len(w), len(w), 1)


def epsilon(x: np.ndarray, w: np.ndarray, b: np.ndarray, r: np.ndarray) -> np.ndarray:
    z = x @ w + b
    z = z + np.sign(z) * 0.25 * np.sqrt((z**2).mean(1, keepdims=True))
    return (x[:, :, None] * w / z[:, None] * r[:, None]).sum(2)


def weights() -> list[np.ndarray]:
    random = np.random.default_rng(2)
    return [random.normal(size=shape) for shape in ((6, 5), (5,), (5, 4), (4,))]


def by_hand(rules: list[Callable[..., np.ndarray]], x: np.ndarray, column: int) -> np.ndarray:
    """Of two layers with a ReLU between, through the first by the first rule."""
    w1, b1, w2, b2 = weights()
    hidden = np.maximum(x @ w1 + b1, 0)
    r = np.zeros((len(x), 4))
    r[:, column] = (hidden @ w2 + b2)[:, column]
    return rules[0](x, w1, b1, rules[1](hidden, w2, b2, r))


VECTORS = np.random.default_rng(3).normal(size=(4, 6))


@pytest.mark.parametrize(
    ("rule", "rules"),
    [
        ("gamma", [gamma, gamma]),
        ("alpha_beta", [alpha_beta, alpha_beta]),
        ("flat", [flat, flat]),
        ("composite", [epsilon, epsilon]),
    ],
)
def test_dense_layers_are_those_of_the_formula(rule: str, rules: list[Callable[..., np.ndarray]]) -> None:
    w1, b1, w2, b2 = (tf.constant(one, tf.float32) for one in weights())
    model = from_function(lambda x: (tf.nn.relu(x @ w1 + b1) @ w2 + b2)[:, 2])
    found = LRP(rule=rule, gamma=0.5)(model, tf.constant(VECTORS, tf.float32)).scores
    expected = by_hand(rules, VECTORS, 2)
    np.testing.assert_allclose(found, expected, atol=1e-5 * np.abs(expected).max())


def test_a_convolution_of_one_pixel_is_a_dense_layer_and_composite_is_flat_at_the_input() -> None:
    w1, b1, w2, b2 = (tf.constant(one, tf.float32) for one in weights())

    def function(x: tf.Tensor) -> tf.Tensor:
        hidden = tf.nn.relu(tf.nn.conv2d(x[:, None, None], w1[None, None], 1, "VALID") + b1)
        return (tf.nn.conv2d(hidden, w2[None, None], 1, "VALID") + b2)[:, 0, 0, 2]

    model, x = from_function(function), tf.constant(VECTORS, tf.float32)
    for rule, rules in (("alpha_beta", [alpha_beta, alpha_beta]), ("composite", [flat, signed_gamma])):
        expected = by_hand(rules, VECTORS, 2)
        np.testing.assert_allclose(
            LRP(rule=rule, gamma=0.5)(model, x).scores, expected, atol=1e-5 * np.abs(expected).max()
        )


def test_composite_shares_evenly_over_the_window_of_a_first_convolution() -> None:
    keras.utils.set_random_seed(4)
    model = keras.Sequential(
        [keras.Input((4, 4, 3)), L.Rescaling(1 / 255, -0.5), L.Conv2D(2, 2, 2), L.Flatten(), L.Dense(3)]
    )
    x = np.random.default_rng(4).uniform(0, 255, (2, 4, 4, 3)).astype(np.float32)
    found = scores(model, x, "composite").scores
    patches = found.reshape(2, 2, 2, 2, 2, 3)
    np.testing.assert_allclose(
        patches, np.broadcast_to(patches.mean((2, 4, 5), keepdims=True), patches.shape), rtol=1e-5
    )
    assert np.ptp(patches.mean((2, 4, 5))) > 0


@pytest.mark.parametrize("rule", ["composite", "gamma", "alpha_beta", "z_plus"])
def test_batch_normalization_is_folded(rule: str) -> None:
    random = np.random.default_rng(5)
    keras.utils.set_random_seed(5)
    first, second = L.Conv2D(5, 3), L.Conv2D(4, 3, use_bias=False)
    norms = [L.BatchNormalization(), L.BatchNormalization()]
    head = [L.ReLU(), L.Flatten(), L.Dense(3)]
    model = keras.Sequential([keras.Input((8, 8, 2)), first, norms[0], L.ReLU(), second, norms[1], *head])
    for norm in norms:
        size = norm.gamma.shape[0]
        scale = random.choice([-1, 1], size) * random.uniform(0.5, 2, size)
        norm.set_weights([scale, *random.uniform(0.2, 0.5, (2, size)), random.uniform(0.5, 2, size)])
    folded = keras.Sequential(
        [keras.Input((8, 8, 2)), L.Conv2D(5, 3), L.ReLU(), L.Conv2D(4, 3), L.ReLU(), L.Flatten(), L.Dense(3)]
    )
    for layer, norm, conv in ((first, norms[0], folded.layers[0]), (second, norms[1], folded.layers[2])):
        scale, shift, mean, variance = norm.get_weights()
        scale = scale / np.sqrt(variance + norm.epsilon)
        bias = layer.get_weights()[1] if layer.use_bias else 0.0
        conv.set_weights([layer.get_weights()[0] * scale, (bias - mean) * scale + shift])
    folded.layers[-1].set_weights(head[-1].get_weights())
    found, expected = (scores(one, images(-1), rule) for one in (model, folded))
    np.testing.assert_allclose(found.outputs, expected.outputs, rtol=0, atol=1e-5 * np.abs(expected.outputs).max())
    np.testing.assert_allclose(found.scores, expected.scores, atol=2e-4 * np.abs(expected.scores).max())


@pytest.mark.parametrize(
    ("activation", "absorbed"),
    [(one, 0.0) for one in ("relu6", "elu", "tanh", "gelu", "silu", "mish", "leaky_relu")]
    + [("sigmoid", 0.5), ("exponential", 1.0), ("softplus", np.log(2))],
)
def test_a_function_of_one_number_hands_on_but_what_it_gives_at_zero(activation: str, absorbed: float) -> None:
    function = keras.activations.get(activation)
    found = LRP(rule="epsilon")(from_function(lambda x: tf.reduce_sum(function(x), 1)), tf.constant(X)).scores
    np.testing.assert_allclose(found, function(X).numpy() - absorbed, atol=1e-5)


def test_gates_and_attention_weights_hand_nothing_on_and_factors_alike_share() -> None:
    a, b, c = (tf.constant(X[:, k]) for k in range(3))

    def relevance(function: Callable[..., tf.Tensor]) -> np.ndarray:
        model = from_function(lambda x: function(*tf.unstack(x, axis=1)))
        return LRP(rule="epsilon")(model, tf.constant(X)).scores.numpy()

    gated = tf.sigmoid(a) * tf.tanh(b)
    np.testing.assert_allclose(relevance(lambda a, b, c: tf.sigmoid(a) * tf.tanh(b))[:, 1], gated, atol=1e-6)
    halves = relevance(lambda a, b, c: a * b + c)
    np.testing.assert_allclose(halves, np.stack([a * b / 2, a * b / 2, c], 1), atol=1e-6)
    divided = relevance(lambda a, b, c: a / (b * b + c * c))
    np.testing.assert_allclose(divided, np.stack([a / (b * b + c * c), 0 * b, 0 * c], 1), atol=1e-6)


def test_a_maximum_goes_to_the_largest() -> None:
    found = LRP(rule="epsilon")(from_function(lambda x: tf.reduce_max(x, 1)), tf.constant(X)).scores
    np.testing.assert_allclose(found, np.where(X.max(1, keepdims=True) == X, X, 0), atol=1e-6)


class Sorted(L.Layer):
    def call(self, x: Any) -> Any:
        return tf.sort(x)


@pytest.mark.parametrize("rule", ["composite", "flat"])
def test_an_operation_without_a_rule_is_an_error_that_names_it_and_its_layer(rule: str) -> None:
    model = keras.Sequential([keras.Input((3,)), Sorted(name="in_order"), L.Dense(2)])
    with pytest.raises(ValueError, match=r"LRP: operation TopKV2 \(.*in_order.*\) has no rule for .*; write it in "):
        tba.explain(model, X, LRP(rule=rule), 0)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"rule": "zplus"}, "rule must be one of composite, epsilon, gamma, alpha_beta, z_plus, flat; got 'zplus'"),
        ({"epsilon": -0.1}, "epsilon must be a number above 0, or None for the rule's own; got -0.1"),
        ({"epsilon": 0.0}, "epsilon must be a number above 0"),
        ({"epsilon": "a"}, "epsilon must be a number above 0, or None for the rule's own; got 'a'"),
        ({"gamma": -1}, "gamma must be a number from 0 on: 0 is the rule epsilon, and for infinity .* z_plus; got -1"),
        ({"gamma": float("nan")}, "gamma must be a number from 0 on"),
        ({"gamma": float("inf")}, "gamma must be a number from 0 on.* got inf"),
        ({"gamma": "a"}, "gamma must be a number from 0 on.* got 'a'"),
    ],
)
def test_bad_fields_are_refused(fields: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        LRP(**fields)


def relevance(function: Callable[[tf.Tensor], tf.Tensor]) -> np.ndarray:
    return LRP(rule="epsilon")(from_function(function), tf.constant(X)).scores.numpy()


def test_relevance_of_a_function_of_one_number_is_its_value_however_it_is_written() -> None:
    """But for what a constant takes: x / (x - c) of (x - c)^2."""
    for function in (lambda x: 1 / x, tf.math.reciprocal, lambda x: x**-1.0):
        np.testing.assert_allclose(relevance(lambda x, f=function: tf.reduce_sum(f(x), 1)), 1 / X, rtol=1e-5)
    whole = relevance(lambda x: tf.reduce_sum(tf.cast(tf.cast(2 * x, tf.int32), tf.float32), 1))
    np.testing.assert_allclose(whole, np.trunc(2 * X), atol=1e-6)
    squares = [lambda x: tf.math.squared_difference(x, 0.3), lambda x: tf.square(x - 0.3)]
    for function in squares:
        found = relevance(lambda x, f=function: tf.reduce_sum(f(x), 1))
        np.testing.assert_allclose(found, X * (X - 0.3), rtol=1e-4)


def test_a_power_of_two_tensors_has_no_rule_and_an_einsum_of_one_only_moves() -> None:
    with pytest.raises(ValueError, match=r"operation Pow \(.*\) of two tensors that depend on the inputs has no rule"):
        relevance(lambda x: tf.abs(x[:, 0]) ** x[:, 1])
    turned = relevance(lambda x: tf.reduce_sum(tf.einsum("btd->bdt", x[:, None] * [[1.0], [2.0]]), (1, 2)))
    np.testing.assert_allclose(turned, 3 * X, rtol=1e-5)
