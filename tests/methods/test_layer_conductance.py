"""Conductance on functions whose flow through each unit is known, and how fast its error falls."""

from __future__ import annotations

import keras
import numpy as np
import pytest

import tb_attribution_plugin as tba
from tb_attribution_plugin.methods import IntegratedGradients, LayerConductance
from tests.methods import models

L = keras.layers


def smooth(bypass: bool = False) -> keras.Model:
    keras.utils.set_random_seed(3)
    inputs = keras.Input((6,))
    hidden = L.Dense(5, activation="tanh", name="hidden")(inputs)
    out = L.Dense(4, activation="tanh")(hidden)
    out = L.Concatenate()([out, inputs]) if bypass else out
    return keras.Model(inputs, L.Dense(1, name="head")(out))


def test_before_a_linear_head_one_step_says_what_each_unit_adds() -> None:
    """f = w . y + b: whatever y does on the path, unit j adds w_j (y_j(x) - y_j(x0))."""
    model = keras.Sequential([keras.Input((6,)), L.Dense(4, activation="tanh", name="hidden"), L.Dense(1, name="head")])
    x = models.numbers()
    found = tba.explain(model, x, LayerConductance(layer="hidden", steps=1, baseline=0.25))
    hidden = keras.Model(model.inputs, model.get_layer("hidden").output)
    change = hidden(x) - hidden(np.full_like(x, 0.25))
    np.testing.assert_allclose(found.scores, change * model.get_layer("head").get_weights()[0][:, 0], atol=1e-6)
    np.testing.assert_allclose(found.residual, 0, atol=1e-5)


def test_one_step_is_exact_on_squares() -> None:
    """The trapezoid of 2 y over a straight path is y^2 - y0^2."""
    inputs = keras.Input((3,))
    y = L.Dense(2, use_bias=False, name="linear")(inputs)
    model, x = keras.Model(inputs, keras.ops.sum(y * y, axis=1, keepdims=True)), models.numbers(3)
    found = tba.explain(model, x, LayerConductance(layer="linear", steps=1, baseline=1.0))
    kernel = model.get_layer("linear").get_weights()[0]
    np.testing.assert_allclose(found.scores, (x @ kernel) ** 2 - kernel.sum(0) ** 2, rtol=1e-4, atol=1e-5)


def test_a_layer_of_one_unit_carries_all_that_integrated_gradients_find() -> None:
    layers = [
        keras.Input((6,)),
        L.Dense(5, activation="tanh"),
        L.Dense(1, name="neck"),
        L.Activation("tanh"),
        L.Dense(1),
    ]
    model, x = keras.Sequential(layers), models.numbers()
    found = tba.explain(model, x, LayerConductance(layer="neck", steps=200, baseline=0.0))
    expected = tba.explain(model, x, IntegratedGradients(steps=50, baseline=0.0))
    np.testing.assert_allclose(found.scores[:, 0], expected.scores.sum(1), rtol=1e-3, atol=1e-4)


def test_the_error_falls_with_the_square_of_the_steps_and_that_of_captums_sum_does_not() -> None:
    model, x = smooth(), models.numbers()

    def error(steps: int, rule: str) -> float:
        found = tba.explain(model, x, LayerConductance(layer="hidden", steps=steps, baseline=0.0, rule=rule))
        return float(np.abs(found.scores - exact).sum())

    exact = tba.explain(model, x, LayerConductance(layer="hidden", steps=512, baseline=0.0)).scores
    assert 3 < error(16, "trapezoid") / error(32, "trapezoid") < 5
    assert 1.5 < error(16, "earlier_point") / error(32, "earlier_point") < 2.6
    assert error(16, "trapezoid") < error(16, "earlier_point") / 10


def test_what_goes_around_the_layer_is_the_gap() -> None:
    model, x = smooth(bypass=True), models.numbers()
    found = tba.explain(model, x, LayerConductance(layer="hidden", steps=128, baseline=0.0))
    kernel = model.get_layer("head").get_weights()[0][4:, 0]
    np.testing.assert_allclose(found.residual, x @ kernel, rtol=1e-3, atol=1e-3)


def test_chunks_of_any_size_give_the_same_scores() -> None:
    """Neighbouring points of a path lie in one chunk or in two."""
    model, x = smooth(), models.numbers()
    background = models.numbers(examples=3)
    method = LayerConductance(layer="hidden", steps=4, baseline=tba.methods.baselines.Rows(background))
    expected = tba.explain(model, x, method, batch_size=1024)
    for size in (1, 2, 7, 14, 15, 16, 74):
        found = tba.explain(model, x, method, batch_size=size)
        np.testing.assert_allclose(found.scores, expected.scores, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"steps": 0}, r"steps must be a whole number, at least 1; got 0"),
        ({"steps": 2.5}, r"steps must be a whole number, at least 1; got 2.5"),
        ({"rule": "left"}, r"rule must be one of trapezoid, earlier_point; got 'left'"),
    ],
)
def test_what_makes_no_sense_is_refused_at_once(options: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        LayerConductance(layer="hidden", **options)
