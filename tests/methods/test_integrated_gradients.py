"""Integrated Gradients against closed forms, and against a plain loop over a gradient tape."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

import tb_attribution_plugin as tba
from tb_attribution_plugin.methods import IntegratedGradients, baselines, contract, quadrature
from tests.methods import models

RULES = quadrature.RULES


def cubic(x: tf.Tensor) -> tf.Tensor:
    return tf.reduce_sum(x**3, 1)


def explain(function: Any, x: Any, **fields: Any) -> Any:
    return IntegratedGradients(**fields)(contract.from_function(function), tf.constant(x, tf.float32))


def test_exact_on_a_cubic_with_four_gauss_legendre_points() -> None:
    found = explain(cubic, [[1.0, 2.0], [-1.0, 0.5]], steps=4, baseline=0.0)
    np.testing.assert_allclose(found.scores, [[1.0, 8.0], [-1.0, 0.125]], rtol=1e-6)
    np.testing.assert_allclose(found.residual, [0.0, 0.0], atol=1e-6)
    np.testing.assert_allclose(found.outputs, [9.0, -0.875])


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("steps", [2, 3])
def test_a_linear_model_needs_no_steps(rule: str, steps: int) -> None:
    weights, x0 = np.array([2.0, -3.0, 0.5]), np.array([1.0, 1.0, -2.0])
    x = np.array([[3.0, 1.0, 4.0], [0.0, 2.0, -2.0]])
    found = explain(
        lambda x: tf.linalg.matvec(x, tf.constant(weights, tf.float32)), x, steps=steps, rule=rule, baseline=x0
    )
    np.testing.assert_allclose(found.scores, weights * (x - x0), atol=1e-6)
    np.testing.assert_allclose(found.baseline_outputs, [weights @ x0] * 2)


def test_trapezoid_and_midpoint_are_as_wrong_as_they_should_be() -> None:
    # The mean of 3 a^2 over the nodes: trapezoid {0, 1/2, 1} gives 9/8, midpoint {1/6, 3/6, 5/6} gives 35/36.
    trapezoid = explain(cubic, [[1.0]], steps=3, rule="trapezoid", baseline=0.0)
    midpoint = explain(cubic, [[1.0]], steps=3, rule="midpoint", baseline=0.0)
    np.testing.assert_allclose(trapezoid.scores, [[9 / 8]], rtol=1e-6)
    np.testing.assert_allclose(midpoint.scores, [[35 / 36]], rtol=1e-6)
    # The gap is reported, with its sign: f(x) - f(x0) - sum of scores.
    np.testing.assert_allclose(trapezoid.residual, [-1 / 8], rtol=1e-5)
    np.testing.assert_allclose(midpoint.residual, [1 / 36], rtol=1e-4)


def network(x: tf.Tensor) -> tf.Tensor:
    """W1 = ones(4 x 3), b1 = [-10, 1, 1, 1], ReLU, W2 = ones(2 x 4), b2 = [-1, 1]; the first output."""
    hidden = tf.nn.relu(tf.matmul(x, tf.ones((3, 4))) + tf.constant([-10.0, 1.0, 1.0, 1.0]))
    return tf.reduce_sum(hidden, 1) - 1


def test_two_layer_relu_network() -> None:
    # From 0 the first unit starts at 10 of 100, so its slope counts for 0.9: x_i (3 + 0.9) = (78, 195, 117).
    assert float(network(tf.constant([[20.0, 50.0, 30.0]]))[0]) == 392
    # 20 midpoints lie on both sides of the kink at 0.1, none on it.
    found = explain(network, [[20.0, 50.0, 30.0]], steps=20, rule="midpoint", baseline=0.0)
    np.testing.assert_allclose(found.scores, [[78.0, 195.0, 117.0]], rtol=1e-5)
    np.testing.assert_allclose(found.residual, [0.0], atol=1e-3)
    np.testing.assert_allclose(found.baseline_outputs, [2.0])


@pytest.mark.parametrize(
    "function",
    [
        lambda x: tf.nn.relu(tf.nn.relu(x[:, 0]) - 1 - tf.nn.relu(x[:, 1])),
        lambda x: tf.nn.relu(tf.nn.relu(x[:, 0] - 1) - tf.nn.relu(x[:, 1])),
    ],
)
def test_equal_functions_have_equal_attributions(function: Any) -> None:
    """Sundararajan et al., fig. 7: two implementations of one function. Even midpoints meet its kink at 1/2."""
    found = explain(function, [[3.0, 1.0]], steps=4, rule="midpoint", baseline=0.0)
    np.testing.assert_allclose(found.scores, [[1.5, -0.5]], rtol=1e-6)


def test_residual_is_the_completeness_gap() -> None:
    def product(x: tf.Tensor) -> tf.Tensor:
        return tf.sin(x[:, 0]) * tf.exp(x[:, 1])

    x = [[1.0, 0.5], [2.0, -1.0]]
    for rule in RULES:
        found = explain(product, x, steps=3, rule=rule, baseline=0.0)
        gap = np.array(found.outputs) - found.baseline_outputs - np.sum(found.scores, 1)
        np.testing.assert_allclose(found.residual, gap, atol=1e-6)
        smallest = {"gauss_legendre": 1e-8, "trapezoid": 1e-3, "midpoint": 1e-3}[rule]
        assert np.all(np.abs(found.residual) > smallest)


def test_several_baselines_are_averaged() -> None:
    def product(x: tf.Tensor) -> tf.Tensor:
        return x[:, 0] ** 2 * x[:, 1]

    x = [[1.0, 2.0], [3.0, -1.0]]
    both = explain(product, x, steps=4, baseline=baselines.Constants((0.0, 1.0)))
    single = [explain(product, x, steps=4, baseline=value) for value in (0.0, 1.0)]
    np.testing.assert_allclose(both.scores, np.mean([one.scores for one in single], 0), atol=1e-6)
    np.testing.assert_allclose(both.baseline_outputs, np.mean([one.baseline_outputs for one in single], 0), atol=1e-6)
    np.testing.assert_allclose(both.residual, [0, 0], atol=1e-5)


def test_background_rows_are_averaged() -> None:
    rows = np.array([[0.0, 1.0], [2.0, 0.0], [1.0, 1.0]])
    x = np.array([[1.0, 2.0]])
    # f = x0 x1: along a line, each factor's change counts the other's mean.
    expected = np.mean([[(1 - r[0]) * (2 + r[1]) / 2, (2 - r[1]) * (1 + r[0]) / 2] for r in rows], 0)
    found = explain(lambda x: x[:, 0] * x[:, 1], x, steps=2, baseline=baselines.Rows(rows))
    np.testing.assert_allclose(found.scores, [expected], rtol=1e-6)
    np.testing.assert_allclose(found.baseline_outputs, [np.mean(rows[:, 0] * rows[:, 1])], rtol=1e-6)
    assert float(found.evaluations[0]) == 3 * (2 + 1) + 1


def test_a_baseline_per_example() -> None:
    x0 = np.array([[0.0, 1.0], [2.0, 2.0]])
    x = np.array([[1.0, 2.0], [3.0, 1.0]])
    found = explain(cubic, x, steps=2, baseline=x0)
    np.testing.assert_allclose(found.scores, x**3 - x0**3, rtol=1e-5)
    np.testing.assert_allclose(found.baseline_outputs, (x0**3).sum(1), rtol=1e-6)


def test_a_blurred_baseline_of_a_constant_image_explains_nothing() -> None:
    images = np.stack([np.full((6, 6, 1), 0.7), np.pad([[1.0]], ((2, 3), (2, 3)))[..., None]])
    found = explain(lambda x: tf.reduce_sum(x, (1, 2, 3)), images, steps=2, baseline=baselines.Blurred(sigma=1.0))
    np.testing.assert_allclose(found.scores[0], np.zeros((6, 6, 1)), atol=1e-6)
    # A linear f: scores are x - blurred x; a point keeps (1 / sum exp(-k^2 / 2))^2 of itself.
    kept = (1 / np.exp(-0.5 * np.arange(-4, 5) ** 2).sum()) ** 2
    np.testing.assert_allclose(found.scores[1, 2, 2, 0], 1 - kept, rtol=2e-2)


def test_several_inputs_keep_their_structure() -> None:
    def both(inputs: dict[str, tf.Tensor]) -> tf.Tensor:
        return inputs["a"][:, 0] * inputs["b"][:, 0]

    model = contract.from_function(both)
    x = {"a": tf.constant([[2.0]]), "b": tf.constant([[3.0]])}
    found = IntegratedGradients(steps=1, baseline={"a": 1.0, "b": 0.0})(model, x)
    # Path (1 + a, 3 a): scores 1 * mean(b) = 1.5 and 3 * mean(a) = 4.5.
    assert sorted(found.scores) == ["a", "b"]
    np.testing.assert_allclose(found.scores["a"], [[1.5]])
    np.testing.assert_allclose(found.scores["b"], [[4.5]])
    np.testing.assert_allclose(found.residual, [0.0], atol=1e-6)


def loop(f: Any, x: np.ndarray, x0: np.ndarray, steps: int) -> np.ndarray:
    """The definition, one point at a time."""
    nodes, weights = np.polynomial.legendre.leggauss(steps)
    total = np.zeros_like(x)
    for node, weight in zip((nodes + 1) / 2, weights / 2, strict=True):
        at = tf.constant(x0 + node * (x - x0), tf.float32)
        with tf.GradientTape() as tape:
            tape.watch(at)
            value = f(at)
        total += weight * tape.gradient(value, at).numpy()
    return total * (x - x0)


def test_equals_a_loop_over_a_tape_on_a_keras_model() -> None:
    case = models.case("functional_cnn")
    logits_of = keras.Model(case.model.inputs[0], case.model.layers[-1].input)
    kernel, bias = case.model.layers[-1].get_weights()

    def margin(x: tf.Tensor) -> tf.Tensor:
        logits = tf.matmul(logits_of(x), kernel) + bias
        own = tf.gather(logits, case.labels, batch_dims=1)
        return own - (tf.reduce_sum(logits, 1) - own) / (models.CLASSES - 1)

    low, high = case.inputs.min(), case.inputs.max()
    found = tba.explain(case.model, case.inputs, IntegratedGradients(steps=4), case.labels)
    expected = (
        loop(margin, case.inputs, np.full_like(case.inputs, low), 4)
        + loop(margin, case.inputs, np.full_like(case.inputs, high), 4)
    ) / 2
    np.testing.assert_allclose(found.scores, expected, atol=1e-6)
    np.testing.assert_allclose(found.outputs, margin(case.inputs), atol=1e-6)
    assert np.all(found.evaluations == 2 * (4 + 1) + 1)


def token_oracle(table_at: Any, target: int = 1, steps: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """Scores [B, T] and f(x0) [B]: the embedding moves, the mask stays that of the ids."""
    case = models.case("tokens")
    embedding, _, hidden, head = case.model.layers
    mask = (case.inputs != 0)[..., None].astype(np.float32)
    (w1, b1), (w2, b2) = hidden.get_weights(), head.get_weights()

    def f(vectors: tf.Tensor) -> tf.Tensor:
        mean = tf.reduce_sum(vectors * mask, 1) / mask.sum(1)
        logits = tf.matmul(tf.tanh(tf.matmul(mean, w1) + b1), w2) + b2
        own = logits[:, target]
        return own - (tf.reduce_sum(logits, 1) - own) / (models.CLASSES - 1)

    x = embedding(case.inputs).numpy()
    x0 = np.broadcast_to(table_at(embedding.get_weights()[0]), x.shape)
    return loop(f, x, x0, steps).sum(-1), f(tf.constant(x0, tf.float32)).numpy()


@pytest.mark.parametrize(
    ("baseline", "at"),
    [
        ("auto", lambda table: table[0]),
        (5, lambda table: table[5]),
        (np.arange(7), lambda table: table[:7]),
        (0.0, lambda table: np.zeros(4)),
        (0.25, lambda table: np.full(4, 0.25)),
    ],
    ids=["auto is id 0", "an int is an id", "ids", "a float is an embedding", "another float"],
)
def test_token_ids_move_their_embedding_alone(baseline: Any, at: Any) -> None:
    case = models.case("tokens")
    found = tba.explain(case.model, case.inputs, IntegratedGradients(steps=3, baseline=baseline), 1)
    scores, start = token_oracle(at)
    np.testing.assert_allclose(found.scores, scores, atol=1e-6)
    np.testing.assert_allclose(found.baseline_outputs, start, atol=1e-6)
    # Padding is masked in x and stays so along the path.
    assert np.all(found.scores[case.inputs == 0] == 0)


def test_auto_reads_the_whole_batch_before_it_is_cut() -> None:
    case = models.case("functional_cnn")
    whole = tba.explain(case.model, case.inputs, IntegratedGradients(steps=2), case.labels)
    low, high = float(case.inputs.min()), float(case.inputs.max())
    given = IntegratedGradients(steps=2, baseline=baselines.Constants((low, high)))
    chunked = tba.explain(case.model, case.inputs, given, case.labels, batch_size=2)
    np.testing.assert_allclose(whole.scores, chunked.scores, atol=1e-6)


def test_bytes_of_an_image_are_values_not_ids() -> None:
    model = keras.Sequential([keras.layers.Input((4, 4, 1)), keras.layers.Flatten(), keras.layers.Dense(1)])
    x = np.random.default_rng(0).integers(0, 256, (2, 4, 4, 1)).astype(np.uint8)
    found = tba.explain(model, x, IntegratedGradients(steps=1, baseline=0))
    weights = model.layers[-1].get_weights()[0].reshape(4, 4, 1)
    np.testing.assert_allclose(found.scores, x * weights, rtol=1e-5)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"steps": 0}, "steps must be a whole number, at least 1 .* got 0"),
        ({"steps": 2.5}, "steps must be a whole number.*got 2.5"),
        ({"steps": True}, "steps must be a whole number.*got True"),
        ({"steps": 1, "rule": "trapezoid"}, "at least 2 for rule 'trapezoid'"),
        ({"rule": "simpson"}, "gauss_legendre, trapezoid, midpoint; got 'simpson'"),
    ],
)
def test_wrong_fields_are_refused_when_they_are_written(fields: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        IntegratedGradients(**fields)


@pytest.mark.parametrize(
    ("baseline", "words"),
    [
        ("black", "baseline must be 'auto', a number.*'black'"),
        (np.zeros(4), r"baseline has shape \(4,\).*one input \(2,\), or one per example \(3, 2\)"),
        (np.nan, "baseline holds values that are not finite"),
        (baselines.Blurred(), r"Blurred needs images .* got shape \(3, 2\)"),
        (baselines.Rows(np.zeros((2, 5))), r"background must be rows of shape \(2,\).*\(2, 5\)"),
        ({"a": 0.0}, "one unnamed array"),
    ],
)
def test_wrong_baselines_name_the_rule(baseline: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        explain(cubic, np.ones((3, 2)), baseline=baseline)
