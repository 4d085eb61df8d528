"""Integrated Gradients in the space of a layer: closed forms, completeness, and the numbers of captum for tokens."""

from __future__ import annotations

from typing import Any, NamedTuple

import keras
import numpy as np
import pytest
import tensorflow as tf

import tb_attribution_plugin as tba
from tb_attribution_plugin.methods import IntegratedGradients, LayerGradientXActivation, LayerIntegratedGradients
from tests.methods import models, test_parity
from tests.methods.parity_table import RULES

L = keras.layers


def squares(bypass: bool = False) -> keras.Model:
    """f = sum of squares of a linear layer y = x K, plus the sum of x itself where something goes around it."""
    inputs = keras.Input((3,))
    y = L.Dense(2, use_bias=False, name="linear")(inputs)
    total = keras.ops.sum(y * y, axis=1, keepdims=True)
    if bypass:
        total = total + keras.ops.sum(inputs, axis=1, keepdims=True)
    return keras.Model(inputs, total)


@pytest.mark.parametrize("bypass", [False, True])
def test_one_point_is_exact_on_squares_and_what_goes_around_the_layer_stays(bypass: bool) -> None:
    """The integral of 2 y along the path is y + y0; a baseline of x = 1 and one of x = 0."""
    model, x = squares(bypass), models.numbers(3)
    kernel = model.get_layer("linear").get_weights()[0]
    for baseline in (0.0, 1.0):
        found = tba.explain(model, x, LayerIntegratedGradients(layer="linear", steps=1, baseline=baseline))
        y, y0 = x @ kernel, np.full((1, 3), baseline) @ kernel
        np.testing.assert_allclose(found.scores, y**2 - y0**2, rtol=1e-4, atol=1e-5)
        around = x.sum(1) if bypass else np.zeros(len(x))
        np.testing.assert_allclose(found.baseline_outputs, (y0**2).sum(1) + around, rtol=1e-4, atol=1e-5)
        np.testing.assert_allclose(found.residual, 0, atol=1e-5)


def test_before_a_linear_head_a_baseline_of_no_activation_gives_gradient_x_activation() -> None:
    layers = [keras.Input((6,)), L.Dense(4, use_bias=False, activation="relu", name="hidden"), L.Dense(1)]
    model, x = keras.Sequential(layers), models.numbers()
    found = tba.explain(model, x, LayerIntegratedGradients(layer="hidden", steps=2, baseline=0.0))
    expected = tba.explain(model, x, LayerGradientXActivation(layer="hidden"))
    np.testing.assert_allclose(found.scores, expected.scores, rtol=1e-5, atol=1e-6)


def test_several_baselines_are_averaged_over() -> None:
    model, x = squares(), models.numbers(3)
    both = tba.explain(
        model,
        x,
        LayerIntegratedGradients(layer="linear", steps=2, baseline=tba.methods.baselines.Constants((0.0, 1.0))),
    )
    each = [
        tba.explain(model, x, LayerIntegratedGradients(layer="linear", steps=2, baseline=one)).scores
        for one in (0.0, 1.0)
    ]
    np.testing.assert_allclose(both.scores, np.mean(each, 0), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("rule", RULES.values())
def test_at_the_input_it_is_integrated_gradients(rule: str) -> None:
    """A layer that hands its input on: both paths are one."""
    case = models.case("functional_cnn")
    inputs = keras.Input((8, 8, 3))
    model = keras.Model(inputs, case.model(L.Activation("linear", name="same")(inputs)))
    options = {"steps": 5, "rule": rule, "baseline": 0.5}
    found, expected = (
        tba.explain(model, case.inputs, method, case.labels)
        for method in (LayerIntegratedGradients(layer="same", **options), IntegratedGradients(**options))
    )
    np.testing.assert_allclose(found.scores, expected.scores, atol=1e-6)
    np.testing.assert_allclose(found.residual, expected.residual, atol=1e-5)


class Pair(NamedTuple):
    first: tf.Tensor
    second: tf.Tensor


class Both(L.Layer):
    """x and 2 x."""

    def __init__(self, kind: Any) -> None:
        super().__init__(name="both")
        self.kind = kind

    def call(self, x: tf.Tensor) -> Any:
        return self.kind(x, 2 * x)


class UsesBoth(keras.Model):
    """The sum of x * 2 x: its layer must be given a structure of its own kind back."""

    def __init__(self, kind: Any) -> None:
        super().__init__()
        self.both, self.kind = Both(kind), kind

    def call(self, x: tf.Tensor) -> tf.Tensor:
        found = self.both(x)
        assert type(found) is type(self.kind(x, x))
        first, second = found
        return tf.reduce_sum(first * second, 1, keepdims=True)


@pytest.mark.parametrize("kind", [Pair, lambda *both: both, lambda *both: list(both)], ids=["named", "tuple", "list"])
def test_a_layer_that_returns_several_hands_on_its_own_kind(kind: Any) -> None:
    """What goes around the first output stays: f is 2 x y at x, and y - y0 is x."""
    x = models.numbers(3)
    found = tba.explain(UsesBoth(kind), x, LayerIntegratedGradients(layer="both", steps=2, baseline=0.0))
    np.testing.assert_allclose(found.scores, 2 * x**2, rtol=1e-5, atol=1e-6)


TOKENS = [(case, key) for case, key in test_parity.KEYS if "layer_ig_pad" in key and not key.endswith("_delta")]


@pytest.mark.parametrize(("case", "key"), TOKENS, ids=[f"{case}-{key}" for case, key in TOKENS])
def test_at_the_embedding_it_equals_captum(case: str, key: str) -> None:
    rule, steps = key.rpartition("_")[2][:-2], int(key[-2:])
    model = test_parity.model(case, test_parity.output_of(case, key))
    method = LayerIntegratedGradients(
        layer="emb", steps=steps, rule=RULES[rule], baseline=test_parity.data(case, "pad")
    )
    inputs, columns = test_parity.data(case, "x"), test_parity.data(case, "targets")
    found = tba.explain(model, inputs, method, columns, output="as_is").scores
    # captum's trapezoid weights sum to (n - 1) / n; ours to 1.
    factor = (steps - 1) / steps if rule == "trap" else 1.0
    tolerance = test_parity.spec(case)[key]["atol"]
    np.testing.assert_allclose(factor * found, test_parity.expected(case)[key], rtol=0, atol=tolerance)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"steps": 0}, r"steps must be a whole number, at least 1 .* got 0"),
        ({"rule": "simpson"}, r"rule must be one of gauss_legendre, trapezoid, midpoint; got 'simpson'"),
    ],
)
def test_what_makes_no_sense_is_refused_at_once(options: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        LayerIntegratedGradients(layer="conv", **options)
