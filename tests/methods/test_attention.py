"""Attention rollout, transformer relevance and AttnLRP against what they are defined to be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

import tb_attribution_plugin as tba
from tb_attribution_plugin.methods import AttentionRollout, AttnLRP, TransformerRelevance
from tb_attribution_plugin.methods.contract import from_function

L = keras.layers
TOKENS, WIDTH = 4, 6
X = np.random.default_rng(1).normal(size=(3, TOKENS, WIDTH)).astype(np.float32)
METHODS = (AttentionRollout(), TransformerRelevance(), AttnLRP())
FIRST = np.array([[1, 0], [0.5, 0.5]])
SECOND = np.array([[0.5, 0.5], [0, 1]])


def weighing(weights: Any, x: tf.Tensor) -> tf.Tensor:
    """Attention with these weights, which the graph cannot know to be the same for all inputs."""
    logits = tf.math.log(tf.constant(weights, tf.float32) + 1e-30)
    return tf.nn.softmax(logits + 0 * tf.reduce_sum(x, (1, 2), keepdims=True)) @ x


def attended(x: tf.Tensor) -> tf.Tensor:
    return tf.nn.softmax(x @ tf.linalg.matrix_transpose(x)) @ x


@pytest.mark.parametrize(
    ("read", "expected"),
    [(lambda x: x[:, 0], [0.8125, 0.1875]), (lambda x: x[:, 1], [0.25, 0.75]), (lambda x: x, [0.53125, 0.46875])],
    ids=["first", "last", "mean"],
)
def test_rollout_is_the_product_of_the_layers_in_the_rows_that_are_read(read: Any, expected: list[float]) -> None:
    def function(x: tf.Tensor) -> tf.Tensor:
        out = read(weighing(SECOND, weighing(FIRST, x)))
        return tf.reduce_sum(out, list(range(1, out.shape.rank)))

    x = tf.constant(X[:, :2])
    scores = AttentionRollout()(from_function(function), x).scores
    assert scores.shape == x.shape
    np.testing.assert_allclose(tf.reduce_sum(scores, -1), np.tile(expected, (3, 1)), rtol=1e-6)


def test_relevance_is_what_speaks_for_the_target() -> None:
    """f = the sum over the first row of A2 A1 x, whose gradients at A2 and A1 can be written down."""
    x = X[:, :2]
    sums = x.sum(-1)
    function = from_function(lambda x: tf.reduce_sum(weighing(SECOND, weighing(FIRST, x))[:, 0], 1))
    first = np.maximum(FIRST * SECOND[0][:, None] * sums[:, None], 0)
    second = np.maximum(SECOND * np.array([[1], [0]]) * (sums @ FIRST.T)[:, None], 0)
    expected = first + second @ (np.eye(2) + first)
    scores = TransformerRelevance()(function, tf.constant(x)).scores
    np.testing.assert_allclose(tf.reduce_sum(scores, -1), expected[:, 0], rtol=1e-5, atol=1e-6)


def transformer(attention: Callable[[str], Any], **options: Any) -> tuple[keras.Model, keras.Model]:
    """One whose first token is read, and the same which returns attention scores."""
    keras.utils.set_random_seed(2)
    x = inputs = keras.Input((TOKENS, WIDTH))
    found = []
    for block in "ab":
        y = L.LayerNormalization()(x)
        out, scores = attention(block)(y, y, return_attention_scores=True, **options)
        found.append(scores)
        x = x + out
        x = x + L.Dense(WIDTH, activation="gelu")(x)
    return keras.Model(inputs, L.Dense(3, activation="softmax")(x[:, -1])), keras.Model(inputs, found)


def heads(name: str) -> Any:
    return L.MultiHeadAttention(2, 3, name=name)


def grouped(name: str) -> Any:
    return L.GroupQueryAttention(3, 4, 2, name=name)


@pytest.mark.parametrize("options", [{}, {"use_causal_mask": True}], ids=["open", "causal"])
# On the lowest versions a layer of a functional model cannot return the scores of grouped queries.
@pytest.mark.parametrize("attention", [heads, pytest.param(grouped, marks=pytest.mark.once)])
def test_the_weights_are_those_that_keras_returns(attention: Any, options: dict[str, Any]) -> None:
    model, tells = transformer(attention, **options)
    product = np.eye(TOKENS)
    for weights in tells(X):
        product = (np.mean(weights, 1) + np.eye(TOKENS)) / 2 @ product
    scores = tba.explain(model, X, "attention_rollout", 1).scores
    np.testing.assert_allclose(scores.sum(-1), product[:, -1], rtol=1e-5)


def test_what_a_mask_leaves_out_of_the_mean_is_not_read() -> None:
    ids = keras.Input((TOKENS,), dtype="int32")
    x = L.Embedding(9, WIDTH, mask_zero=True)(ids)
    out, scores = L.MultiHeadAttention(2, 3)(x, x, return_attention_scores=True)
    model = keras.Model(ids, L.Dense(2)(L.GlobalAveragePooling1D()(out)))
    given = np.array([[3, 1, 0, 0], [2, 5, 4, 0]], np.int32)
    weights = (np.mean(keras.Model(ids, scores)(given), 1) + np.eye(TOKENS)) / 2
    found = tba.explain(model, given, "attention_rollout", 1).scores
    expected = [rows[: np.count_nonzero(one)].mean(0) for rows, one in zip(weights, given, strict=True)]
    np.testing.assert_allclose(found, expected, rtol=1e-5)
    assert np.all(found[given == 0] == 0)


def normed(x: tf.Tensor) -> tf.Tensor:
    mean = tf.reduce_mean(x, -1, keepdims=True)
    return (x - mean) / tf.sqrt(tf.reduce_mean((x - mean) ** 2, -1, keepdims=True) + 1e-3)


# After one attention, all of these are 0 at 0: nothing is absorbed.
CONSERVING: dict[str, Callable[[tf.Tensor], tf.Tensor]] = {
    "attention": tf.identity,
    "norm": normed,
    "norm by rsqrt": lambda x: x * tf.math.rsqrt(tf.reduce_mean(x**2, -1, keepdims=True) + 1e-3),
    "softmax of experts": lambda x: tf.nn.softmax(x[..., :2])[..., :1] * x,
    "weights by hand": lambda x: (e := tf.exp(x)) / tf.reduce_sum(e, -1, keepdims=True) * x,
    "relu": tf.nn.relu,
    "gelu": tf.nn.gelu,
    "gelu_tanh": lambda x: tf.nn.gelu(x, approximate=True),
    "silu": tf.nn.silu,
    "mish": keras.activations.mish,
    "tanh": tf.tanh,
    "square": tf.square,
    "product": lambda x: x[..., :3] * x[..., 3:],
    "swiglu": lambda x: tf.nn.silu(x[..., :3]) * x[..., 3:],
    "glu": lambda x: tf.sigmoid(x[..., :3]) * x[..., 3:],
    "max": lambda x: tf.reduce_max(x, 1, keepdims=True),
    "second attention": attended,
}


@pytest.mark.parametrize("name", CONSERVING)
def test_relevance_is_conserved_without_biases(name: str) -> None:
    # A sum with equal weights over what a norm gives is 0.
    function = from_function(lambda x: tf.reduce_sum(CONSERVING[name](attended(x))[:, :, :2], (1, 2)))
    found = AttnLRP()(function, tf.constant(X))
    size = np.abs(found.scores).sum((1, 2))
    np.testing.assert_allclose(found.residual / size, 0, atol=1e-5)
    np.testing.assert_allclose(found.scores.numpy().sum((1, 2)) / size, found.outputs / size, atol=1e-5)
    assert np.all(size > 0.1)


@pytest.mark.parametrize(("activation", "at_zero"), [(tf.nn.softplus, np.log(2)), (tf.sigmoid, 0.5), (tf.exp, 1)])
def test_what_an_activation_is_at_zero_is_absorbed(activation: Any, at_zero: float) -> None:
    found = AttnLRP()(from_function(lambda x: tf.reduce_sum(activation(attended(x)), (1, 2))), tf.constant(X))
    np.testing.assert_allclose(found.residual, [TOKENS * WIDTH * at_zero] * 3, rtol=1e-4)


def test_the_residual_is_what_biases_have_contributed() -> None:
    kernel, bias = np.linspace(-1, 1, WIDTH).astype(np.float32), 0.75
    found = AttnLRP()(
        from_function(lambda x: tf.reduce_sum(tf.linalg.matvec(attended(x), kernel) + bias, 1)), tf.constant(X)
    )
    np.testing.assert_allclose(found.residual, [TOKENS * bias] * 3, atol=1e-5)


def test_attn_lrp_is_the_gradient_with_weights_and_deviations_held_constant() -> None:
    def function(x: tf.Tensor, hold: Callable[[tf.Tensor], tf.Tensor]) -> tf.Tensor:
        for _ in range(2):
            mean, variance = tf.nn.moments(x, [-1], keepdims=True)
            y = (x - mean) * hold(tf.math.rsqrt(variance + 1e-3))
            x = x + hold(tf.nn.softmax(y @ tf.linalg.matrix_transpose(y) / 8)) @ y
        return tf.reduce_sum(x[:, 0, :2], 1)

    def by_gradient(hold: Callable[[tf.Tensor], tf.Tensor]) -> tf.Tensor:
        with tf.GradientTape() as tape:
            tape.watch(x)
            values = function(x, hold)
        return x * tape.gradient(values, x)

    x = tf.constant(X)
    found = AttnLRP()(from_function(lambda x: function(x, tf.identity)), x).scores
    np.testing.assert_allclose(found, by_gradient(tf.stop_gradient), rtol=1e-4, atol=1e-5)
    assert np.abs(found - by_gradient(tf.identity)).max() > 0.1


class Mixer(L.Layer):
    """Attention as a layer of the user's, run through something."""

    def __init__(self, through: Callable[[Any], Any], **options: Any) -> None:
        super().__init__(**options)
        self.through, self.attention = through, L.MultiHeadAttention(2, 3)

    def build(self, shape: Any) -> None:
        self.attention.build(shape, shape)

    def call(self, x: Any) -> Any:
        return self.through(lambda y: y + self.attention(y, y))(x)


@pytest.mark.parametrize("through", [tf.function, tf.recompute_grad, keras.Sequential], ids=lambda one: one.__name__)
def test_attention_is_found_in_functions_and_nested_models(through: Any) -> None:
    nested = through is keras.Sequential

    def build(plain: bool) -> keras.Model:
        keras.utils.set_random_seed(3)
        mixer = Mixer((lambda f: f) if plain or nested else through)
        mixer = keras.Sequential([keras.Input((TOKENS, WIDTH)), mixer]) if nested and not plain else mixer
        return keras.Sequential([keras.Input((TOKENS, WIDTH)), mixer, L.GlobalMaxPooling1D(), L.Dense(3)])

    model, plain = build(False), build(True)
    model.set_weights(plain.get_weights())
    for method in METHODS:
        found, expected = (tba.explain(one, X, method, 1).scores for one in (model, plain))
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-5 * np.abs(expected).max())


NO_ATTENTION: dict[str, Callable[[tf.Tensor], tf.Tensor]] = {
    "relu": tf.nn.relu,
    "gate": lambda x: tf.nn.softmax(x[..., :1]) * x,
    "experts": lambda x: tf.einsum("bte,btde->btd", tf.nn.softmax(x), x[..., None] * tf.ones((WIDTH,))),
    "not normalised": lambda x: x @ tf.linalg.matrix_transpose(x) @ x,
}


@pytest.mark.parametrize("name", NO_ATTENTION)
@pytest.mark.parametrize("method", METHODS, ids=lambda one: one.name)
def test_a_model_without_attention_is_refused(method: Any, name: str) -> None:
    refusal = r"the model has no attention that the explained output depends on .*integrated_gradients"
    with pytest.raises(ValueError, match=refusal):
        method(from_function(lambda x: tf.reduce_sum(NO_ATTENTION[name](x), (1, 2))), tf.constant(X))


def crossed(x: tf.Tensor) -> tf.Tensor:
    return tf.nn.softmax(x[:, :2] @ tf.linalg.matrix_transpose(x)) @ x


REFUSED: dict[str, tuple[Callable[[tf.Tensor], tf.Tensor], str]] = {
    "cross": (crossed, r"is \(3, 2, 4\), and the first one \(3, 2, 4\): only attention of all tokens to each other"),
    "pooled": (lambda x: attended(attended(x)[:, ::2]), r"is \(3, 2, 2\), and the first one \(3, 4, 4\)"),
    "windows": (lambda x: tf.reshape(attended(tf.reshape(x, (6, 2, WIDTH))), x.shape), r"is \(6, 2, 2\)"),
    "side by side": (lambda x: attended(x) + attended(2 * x), r"does not read what .* they stand side by side"),
    "patches of steps": (
        lambda x: attended(tf.reshape(x, (3, 2, 12))),
        r"over 2 tokens, which are neither .* \(4, 6\)",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_attention_that_cannot_be_followed_is_refused_with_its_reason(name: str) -> None:
    attention, reason = REFUSED[name]
    function = from_function(lambda x: tf.reduce_sum(attention(x), (1, 2)))
    for method in (AttentionRollout(), TransformerRelevance()):
        with pytest.raises(ValueError, match=rf"{reason}.*use attn_lrp"):
            method(function, tf.constant(X))
    np.testing.assert_allclose(AttnLRP()(function, tf.constant(X)).residual, 0, atol=1e-4)


def test_tokens_of_two_inputs_are_refused() -> None:
    function = from_function(lambda x: tf.reduce_sum(attended(tf.concat(x, 1)), (1, 2)))
    pair = [tf.constant(X), tf.constant(X)]
    with pytest.raises(ValueError, match=r"attention over 8 tokens of 2 inputs: .* use attn_lrp"):
        AttentionRollout()(function, pair)
    assert len(AttnLRP()(function, pair).scores) == 2
