"""DeepLIFT and Deep SHAP: the rules one by one, against what they are defined to be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from tensorflow.python.framework.ops import gradient_registry

import tb_attribution_plugin as tba
from tb_attribution_plugin.methods import DeepLIFT, DeepSHAP
from tb_attribution_plugin.methods.backward import kinds
from tb_attribution_plugin.methods.backward.differences import RULED
from tb_attribution_plugin.methods.contract import from_function

X = np.array([[1.5, -0.5, 2.0], [-1.0, 0.25, 0.5], [0.1, 3.0, -2.0]], np.float32)
X0 = np.array([-0.5, 0.75, 1.0], np.float32)


def contributions(function: Callable[[tf.Tensor], tf.Tensor], x: Any = X, baseline: Any = X0) -> np.ndarray:
    return DeepLIFT(baseline=baseline)(from_function(function), tf.constant(x)).scores.numpy()


def summed(function: Callable[[tf.Tensor], tf.Tensor]) -> Callable[[tf.Tensor], tf.Tensor]:
    return lambda x: tf.reduce_sum(function(x), 1)


ELEMENTWISE: dict[str, Callable[[tf.Tensor], tf.Tensor]] = {
    "relu": tf.nn.relu,
    "relu6": tf.nn.relu6,
    "leaky_relu": tf.nn.leaky_relu,
    "elu": tf.nn.elu,
    "selu": tf.nn.selu,
    "gelu": keras.ops.gelu,
    "gelu_tanh": lambda x: keras.ops.gelu(x, approximate=True),
    "silu": tf.nn.silu,
    "mish": keras.activations.mish,
    "softplus": tf.nn.softplus,
    "softsign": tf.nn.softsign,
    "tanh": tf.tanh,
    "sigmoid": tf.sigmoid,
    "hard_sigmoid": keras.ops.hard_sigmoid,
    "hard_silu": keras.ops.hard_silu,
    "log_sigmoid": keras.ops.log_sigmoid,
    "hard_shrink": lambda x: tf.where(tf.abs(x) > 0.5, x, 0.0),
    "exp": tf.exp,
    "square": tf.square,
    "cube": lambda x: x**3,
    "log": lambda x: tf.math.log(x + 4),
    "sqrt": lambda x: tf.sqrt(x + 4),
    "rsqrt": lambda x: tf.math.rsqrt(x + 4),
    "reciprocal": lambda x: 1 / (x + 4),
    "abs": tf.abs,
    "round": tf.round,
    "clip": lambda x: tf.clip_by_value(x, -0.7, 0.9),
    "minimum": lambda x: tf.minimum(x, [0.3, 0.2, 0.1]),
    "where": lambda x: tf.where(x > 0.2, 3 * x, 0.5 * x),
    "switched": lambda x: x * tf.cast(x > 0.2, tf.float32),
    "own gradient": lambda x: tf.grad_pass_through(tf.round)(x) + 2 * x,
    "stopped": lambda x: x + tf.stop_gradient(tf.square(x)),
    "to whole numbers": lambda x: tf.cast(tf.cast(2 * x, tf.int32), tf.float32),
}


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_a_function_of_one_number_gets_its_whole_difference(name: str) -> None:
    """However many operations it is made of; its gradient, which may be none or another, plays no part."""
    function = ELEMENTWISE[name]
    expected = (function(tf.constant(X)) - function(tf.constant(X0[None]))).numpy()
    np.testing.assert_allclose(contributions(summed(function)), expected, atol=2e-6)


@pytest.mark.parametrize("name", ["gelu", "silu", "tanh", "sigmoid", "softplus", "exp", "log", "sqrt", "rsqrt", "mish"])
def test_a_difference_too_small_to_divide_by_has_the_slope_half_way(name: str) -> None:
    """f((x - x0)) through a sum that all but cancels: the quotient of rounding errors would not show the slope."""
    function = ELEMENTWISE[name]
    start = np.array([[0.3, -0.7]], np.float32)
    x = start + np.array([[1.0, -1.0 + 3e-5]], np.float32)
    found = contributions(lambda x: function(x[:, 0] + x[:, 1]), x, start)
    middle = tf.constant((x.sum(1) + start.sum(1)) / 2)
    with tf.GradientTape() as tape:
        tape.watch(middle)
        output = function(middle)
    slope = tape.gradient(output, middle).numpy()[:, None]
    np.testing.assert_allclose(found, slope * (x - start), rtol=2e-4)


def test_factors_share_what_they_do_together() -> None:
    a, b, c = np.moveaxis(X, 1, 0)
    a0, b0, c0 = X0
    found = contributions(lambda x: x[:, 0] * x[:, 1] + x[:, 2])
    expected = np.stack([(a - a0) * (b + b0) / 2, (b - b0) * (a + a0) / 2, c - c0], 1)
    np.testing.assert_allclose(found, expected, atol=1e-6)


@pytest.mark.parametrize(
    "product",
    [
        lambda a, b: tf.einsum("bij,bjk->bik", a, b),
        lambda a, b: tf.matmul(a, b),
        lambda a, b: tf.reduce_sum(a[..., None] * b[:, None], 2),
    ],
    ids=["einsum", "matmul", "broadcast"],
)
def test_all_ways_to_write_a_product_of_two_branches_agree(product: Callable[..., tf.Tensor]) -> None:
    random = np.random.default_rng(0)
    x, x0 = random.normal(size=(2, 4, 12)).astype(np.float32)

    def function(x: tf.Tensor) -> tf.Tensor:
        a, b = tf.reshape(x[:, :6], (-1, 2, 3)), tf.reshape(x[:, 6:], (-1, 3, 2))
        return tf.reduce_sum(product(a, b) * [[1.0, 2.0], [3.0, 4.0]], (1, 2))

    found = contributions(function, x, x0)
    (a, b), (a0, b0) = ((one[:, :6].reshape(-1, 2, 3), one[:, 6:].reshape(-1, 3, 2)) for one in (x, x0))
    weight = np.array([[1.0, 2.0], [3.0, 4.0]])
    first = np.einsum("ik,bjk->bij", weight, (b + b0) / 2) * (a - a0)
    second = np.einsum("ik,bij->bjk", weight, (a + a0) / 2) * (b - b0)
    np.testing.assert_allclose(found, np.concatenate([first.reshape(4, 6), second.reshape(4, 6)], 1), atol=2e-6)


def test_a_quotient_closes_and_its_parts_share() -> None:
    found = contributions(lambda x: x[:, 0] / (x[:, 1] + 4))
    a, b, a0, b0 = X[:, 0], X[:, 1] + 4, X0[0], X0[1] + 4
    expected = [(a - a0) * (1 / b + 1 / b0) / 2, (a + a0) / 2 * (1 / b - 1 / b0)]
    np.testing.assert_allclose(found[:, :2], np.stack(expected, 1), atol=1e-6)


def log_mean(p: np.ndarray, p0: np.ndarray) -> np.ndarray:
    return (p - p0) / (np.log(p) - np.log(p0))


@pytest.mark.parametrize("column", [0, 2])
def test_softmax_shares_by_logarithmic_means_and_sees_no_shift(column: int) -> None:
    x = X + np.float32([0.1, 0, 0])  # no row is a mere shift of X0
    p, p0 = (np.exp(one) / np.exp(one).sum(-1, keepdims=True) for one in (x.astype(float), X0.astype(float)))
    means = log_mean(p, p0)
    given = np.eye(3)[column]
    multipliers = means * (given - (means * given).sum(1, keepdims=True) / means.sum(1, keepdims=True))
    found = contributions(lambda x: tf.nn.softmax(x)[:, column], x)
    np.testing.assert_allclose(found, multipliers * (x - X0), atol=1e-6)
    shifted = contributions(lambda x: tf.nn.softmax(x)[:, column], x + 7, X0 - 5)
    np.testing.assert_allclose(shifted.sum(1), found.sum(1), atol=1e-5)
    np.testing.assert_allclose(shifted, multipliers * (x - X0 + 12), atol=1e-5)


def test_a_softmax_that_is_saturated_or_masked_still_closes() -> None:
    x = np.array([[40.0, -40.0, -1e9], [0.0, 60.0, -1e9]], np.float32)
    x0 = np.array([-30.0, 30.0, -1e9], np.float32)
    found = contributions(lambda x: tf.nn.softmax(x)[:, 0], x, x0)
    np.testing.assert_allclose(found.sum(1), [1, 0], atol=1e-6)
    logs = contributions(lambda x: tf.nn.log_softmax(x)[:, 0], x, x0)
    np.testing.assert_allclose(logs.sum(1), [60, 0], atol=1e-4)


LAST_OFF = np.float32([0, 0, -np.inf])
INFINITE: dict[str, Callable[[tf.Tensor], tf.Tensor]] = {
    "causal softmax": lambda x: tf.nn.softmax(tf.where([True, True, False], x, -np.inf))[:, :2],
    "masked exponential": lambda x: tf.exp(x + LAST_OFF),
    "masked maximum": lambda x: tf.reduce_max(x + LAST_OFF, 1, keepdims=True),
    "no upper bound": lambda x: tf.minimum(x, np.inf),
    "a half-open range": lambda x: tf.clip_by_value(x, 0.0, np.inf),
    "no number on the other side": lambda x: tf.where([True, True, True], x, tf.math.log(-1 - x * x)),
    "a logarithm where there is one": lambda x: tf.where(x > 0, tf.math.log(tf.nn.relu(x)), -1.0),
    "none on one side": lambda x: tf.where(x <= 0, -1.0, tf.math.log(x)),
    "infinite": lambda x: tf.where(x > 0, 1 / tf.nn.relu(x), 0.5 * x),
}


@pytest.mark.parametrize("name", INFINITE)
def test_what_is_infinite_or_was_not_chosen_does_not_spread(name: str) -> None:
    function = INFINITE[name]
    weights = np.array([1.0, -2.0, 3.0], np.float32)[: function(tf.constant(X)).shape[1]]
    at, start = (tf.reduce_sum(function(tf.constant(one)) * weights, 1) for one in (X, X0[None]))
    found = contributions(lambda x: tf.reduce_sum(function(x) * weights, 1))
    np.testing.assert_allclose(found.sum(1), (at - start).numpy(), atol=1e-5)


def test_powers_of_hardly_moved_numbers_have_their_slope() -> None:
    found = contributions(lambda x: tf.reduce_sum(x[..., None] ** [1.0, 2.0, 3.0], (1, 2)), X0[None] * 1.0001, X0)
    slope = 1 + 2 * X0 + 3 * X0**2
    np.testing.assert_allclose(found[0], slope * X0 * 1e-4, rtol=2e-3)


def test_a_maximum_goes_to_what_stands_out_at_its_own_place() -> None:
    """max(a, b) = (a + b + |a - b|) / 2 of two; of several, the larger one's place takes the difference."""
    of_two = contributions(lambda x: tf.maximum(x[:, 0], x[:, 1]), np.float32([[3, 1]]), np.float32([0, 2]))
    # |a - b| is 2 at both ends, so that nothing of it is divided.
    np.testing.assert_allclose(of_two, [[1.5, -0.5]])
    of_several = contributions(lambda x: tf.reduce_max(x, 1), np.float32([[3, 1, 0]]), np.float32([0, 2, 1]))
    np.testing.assert_allclose(of_several, [[1, 0, 0]])
    of_few = contributions(lambda x: tf.reduce_min(x, 1), np.float32([[3, 1, 0]]), np.float32([0, 2, 1]))
    np.testing.assert_allclose(of_few, [[0, 0, 0]])


def test_what_a_function_calls_is_followed_through_every_level() -> None:
    @tf.function
    def inner(x: tf.Tensor) -> tf.Tensor:
        return tf.nn.relu(x - 0.2)

    @tf.function(jit_compile=True)
    def outer(x: tf.Tensor) -> tf.Tensor:
        return tf.tanh(inner(x)) * x

    plain = contributions(summed(lambda x: tf.tanh(tf.nn.relu(x - 0.2)) * x))
    np.testing.assert_allclose(contributions(summed(outer)), plain, atol=1e-7)
    np.testing.assert_allclose(contributions(summed(tf.recompute_grad(outer))), plain, atol=1e-7)


class Looked(keras.layers.Layer):
    """Up in a table, by what depends on the inputs."""

    def call(self, x: Any) -> Any:
        return tf.gather([1.0, 4.0, 9.0, 16.0], tf.cast(tf.abs(x), tf.int32))


class OfBatch(keras.layers.Layer):
    def call(self, x: Any) -> Any:
        return tf.compat.v1.nn.fused_batch_norm(x[:, None, None], tf.ones(3), tf.zeros(3))[0][:, 0, 0]


class Sorted(keras.layers.Layer):
    def call(self, x: Any) -> Any:
        return tf.sort(x)


def test_a_branch_is_followed_where_the_inputs_do_not_choose_it() -> None:
    def function(x: tf.Tensor) -> tf.Tensor:
        return tf.cond(tf.shape(x)[0] > 2, lambda: tf.tanh(x), lambda: 2 * x)

    np.testing.assert_allclose(contributions(summed(function)), np.tanh(X) - np.tanh(X0), atol=1e-6)
    with pytest.raises(
        ValueError, match=r"operation Select\w* \(cond.*\) is a branch that is chosen by the inputs for all"
    ):
        contributions(summed(lambda x: tf.cond(tf.reduce_sum(x) > 2, lambda: tf.tanh(x), lambda: 2 * x)))


class Counted(keras.layers.Layer):
    def call(self, x: Any) -> Any:
        return tf.while_loop(lambda y: tf.reduce_sum(y) > 100, lambda y: (y / 2,), (x,))[0]


@pytest.mark.parametrize(
    ("layer", "words"),
    [
        (
            Sorted(name="in_order"),
            r"operation TopKV2 \(.*in_order.*\) has no rule for .*; write it in operations of docs/",
        ),
        (
            Looked(name="looked_up"),
            r"operation GatherV2 \(.*looked_up.*\) takes or puts values at an index that depends",
        ),
        (OfBatch(name="batch"), r"operation FusedBatchNormV3 \(.*batch.*\) normalizes by statistics of the batch"),
        (Counted(name="halved"), r"operation (Stateless)?While \(.*halved.*\) is of a loop .*; unroll the loop"),
    ],
)
def test_an_operation_without_a_rule_is_an_error_that_names_it_and_its_layer(layer: Any, words: str) -> None:
    model = keras.Sequential([keras.Input((3,)), layer, keras.layers.Dense(2)])
    with pytest.raises(ValueError, match=words):
        tba.explain(model, X, DeepLIFT(), 0, batch_size=1)


def test_what_equals_all_of_its_background_is_refused() -> None:
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    with pytest.raises(ValueError, match=r"background: all of it equals example 0, .* to explain; give rows or values"):
        tba.explain(model, X[:1], "deep_shap", 0)
    with pytest.raises(ValueError, match=r"baseline: all of it equals example 1, .* to explain; give rows or values"):
        tba.explain(model, X, DeepLIFT(baseline=X[1]), 0)
    assert tba.explain(model, X, "deep_shap", 0).scores.any()


def test_every_operation_that_hands_back_its_gradient_has_one() -> None:
    for ruled in RULED:
        if "gradient" in ruled.words and ruled.types != kinds.COPIES:
            assert [name for name in ruled.types if name not in gradient_registry._registry] == []


def test_a_failing_explanation_leaves_the_process_as_it_was() -> None:
    """Nothing is registered or patched, gradients are what they were, and another model trains."""
    keras.utils.set_random_seed(5)
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(4, "relu"), Sorted(), keras.layers.Dense(2)])
    before, saliency = dict(gradient_registry._registry), tba.explain(model, X, "saliency", 0).scores
    with pytest.raises(ValueError, match="TopKV2"):
        tba.explain(model, X, DeepSHAP(), 0)
    after = gradient_registry._registry
    assert {name: after[name] for name in before} == before
    np.testing.assert_array_equal(tba.explain(model, X, "saliency", 0).scores, saliency)
    other = keras.Sequential([keras.Input((3,)), keras.layers.Dense(4, "relu"), keras.layers.Dense(1)])
    other.compile("sgd", "mse")
    losses = other.fit(X, X[:, :1], epochs=2, verbose=0).history["loss"]
    assert losses[1] < losses[0]


def test_deep_shap_is_the_mean_of_deep_lift_over_the_background_in_chunks_of_any_size() -> None:
    keras.utils.set_random_seed(1)
    layers = [keras.layers.Dense(8, "gelu"), keras.layers.LayerNormalization(), keras.layers.Dense(3, "softmax")]
    model = keras.Sequential([keras.Input((3,)), *layers])
    rows = np.random.default_rng(2).normal(size=(7, 3)).astype(np.float32)
    each = [tba.explain(model, X, DeepLIFT(baseline=row), 1) for row in rows]
    for batch_size in (None, 1, 4, 5):
        found = tba.explain(model, X, DeepSHAP(background=rows), 1, batch_size=batch_size)
        np.testing.assert_allclose(found.scores, np.mean([one.scores for one in each], 0), atol=1e-6)
        np.testing.assert_allclose(
            found.baseline_outputs, np.mean([one.baseline_outputs for one in each], 0), atol=1e-6
        )
        assert found.evaluations.tolist() == [14, 14, 14]
        assert np.abs(found.residual).max() < 1e-5


@pytest.mark.parametrize(("groups", "strides"), [(2, 1), (4, 2), (8, 1)])
def test_a_convolution_in_groups_closes(groups: int, strides: int) -> None:
    keras.utils.set_random_seed(3)
    convolution = keras.layers.Conv2D(16, 3, strides, "same", groups=groups, activation="gelu")
    model = keras.Sequential(
        [keras.Input((6, 6, 8)), convolution, keras.layers.GlobalMaxPooling2D(), keras.layers.Dense(3)]
    )
    images = np.random.default_rng(4).normal(size=(3, 6, 6, 8)).astype(np.float32)
    found = tba.explain(model, images, DeepLIFT(baseline=0.1), 1)
    assert np.abs(found.residual).max() < 1e-6 * np.abs(found.scores).sum()
