"""Gradient x activation where all that follows the layer is linear, and at every kind of layer."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

import tb_attribution_plugin as tba
from tb_attribution_plugin.methods import (
    InputXGradient,
    LayerConductance,
    LayerGradientXActivation,
    LayerIntegratedGradients,
)
from tb_attribution_plugin.training.selection import method_from
from tests.methods import models

L = keras.layers


def test_before_a_linear_head_scores_add_up_to_the_value_but_for_the_bias() -> None:
    model = keras.Sequential([keras.Input((6,)), L.Dense(4, activation="relu", name="hidden"), L.Dense(1, name="head")])
    kernel, bias = model.get_layer("head").get_weights()
    model.get_layer("head").set_weights([kernel, bias + 0.5])
    x = models.numbers()
    found = tba.explain(model, x, LayerGradientXActivation(layer="hidden"))
    hidden = keras.Model(model.inputs, model.get_layer("hidden").output)(x)
    np.testing.assert_allclose(found.scores, hidden * kernel[:, 0], rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(found.scores.sum(1), model.predict(x, verbose=0)[:, 0] - 0.5, atol=1e-5)


def test_at_the_embedding_of_token_ids_it_is_input_x_gradient() -> None:
    case = models.case("tokens")
    layer = next(one.name for one in case.model.layers if isinstance(one, L.Embedding))
    found, expected = (
        tba.explain(case.model, case.inputs, method, case.labels)
        for method in (LayerGradientXActivation(layer=layer), InputXGradient())
    )
    assert found.scores.shape == case.inputs.shape
    np.testing.assert_allclose(found.scores, expected.scores, atol=1e-7)


def test_each_call_of_a_shared_layer_has_scores_of_its_own() -> None:
    """f = w w x summed: the first call gives w x, the second w w x."""
    shared = L.Dense(3, use_bias=False, name="shared")
    inputs = keras.Input((3,))
    model = keras.Model(inputs, L.Dense(1, use_bias=False, kernel_initializer="ones")(shared(shared(inputs))))
    x = models.numbers(3)
    kernel = shared.get_weights()[0]
    first, second = (
        tba.explain(model, x, LayerGradientXActivation(layer=name)).scores for name in ("shared", "shared:1")
    )
    np.testing.assert_allclose(first, (x @ kernel) * kernel.sum(1), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(second, x @ kernel @ kernel, rtol=1e-5, atol=1e-6)


def test_a_layer_inside_a_nested_model_is_named_by_its_path() -> None:
    case = models.case("nested")
    full, short = (
        tba.explain(case.model, case.inputs, LayerGradientXActivation(layer=name), case.labels).scores
        for name in ("backbone/conv4", "conv4")
    )
    assert full.shape == (models.EXAMPLES, 6, 6, 4)
    np.testing.assert_array_equal(full, short)


def test_the_first_of_several_outputs_of_a_layer_is_explained() -> None:
    inputs = keras.Input((7, 3))
    states = L.LSTM(4, return_state=True, name="lstm")(inputs)
    model = keras.Model(inputs, L.Dense(1, name="head")(states[0]))
    x = np.random.default_rng(0).normal(size=(2, 7, 3)).astype(np.float32)
    found = tba.explain(model, x, LayerGradientXActivation(layer="lstm"))
    last = keras.Model(inputs, states[0])(x)
    np.testing.assert_allclose(found.scores, last * model.get_layer("head").get_weights()[0][:, 0], atol=1e-6)


def refused(layer: str, words: str, target: object = 0) -> None:
    inputs = keras.Input((6,))
    hidden = L.Dense(4, activation="tanh", name="hidden")(inputs)
    side = L.Dense(2, name="side")(hidden)
    bins = L.Discretization(bin_boundaries=[0.0], output_mode="int", name="bins")(hidden)
    count = keras.ops.cast(bins, "float32")
    kinds = L.Dense(3, activation="softmax", name="kinds")(L.Concatenate()([hidden, count]))
    model = keras.Model(inputs, {"kinds": kinds, "side": side})
    with pytest.raises(ValueError, match=words):
        tba.explain(model, models.numbers(), LayerGradientXActivation(layer=layer), tba.targets.Output("kinds", target))


def test_a_layer_of_another_output_is_refused() -> None:
    refused("side", r"the target does not depend on what layer 'side' gives.* name a layer between the inputs and")


def test_the_softmax_that_is_looked_through_is_refused() -> None:
    refused("kinds", r"the target does not depend on what layer 'kinds' gives.*before its softmax")


def test_whole_numbers_are_refused() -> None:
    refused("bins", r"layer 'bins' gives int\d+, and scores belong to floats; name a layer behind it")


def test_an_unknown_layer_suggests_the_nearest() -> None:
    refused("hiden", r"layer 'hiden' is not in model .* did you mean 'hidden'\?")


class Looped(L.Layer):
    """Calls a layer in a loop of the graph."""

    def __init__(self) -> None:
        super().__init__(name="looped")
        self.inner = L.Dense(6, name="inner")

    def build(self, shape: tuple[int, ...]) -> None:
        self.inner.build(shape)

    def call(self, x: tf.Tensor) -> tf.Tensor:
        return tf.while_loop(lambda i, _: i < 2, lambda i, y: (i + 1, tf.tanh(self.inner(y))), (0, x))[1]


def test_a_layer_inside_a_loop_is_refused_and_the_loop_is_not() -> None:
    model = keras.Sequential([keras.Input((6,)), Looped(), L.Dense(1, name="head")])
    with pytest.raises(ValueError, match=r"layer 'looped/inner' .* runs inside a loop"):
        tba.explain(model, models.numbers(), LayerGradientXActivation(layer="inner"))
    found = tba.explain(model, models.numbers(), LayerGradientXActivation(layer="looped"))
    np.testing.assert_allclose(found.scores.sum(1), found.outputs, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("name", ["layer_gradient_x_activation", "layer_integrated_gradients", "layer_conductance"])
def test_the_string_name_alone_lacks_its_layer(name: str) -> None:
    with pytest.raises(ValueError, match=rf"method '{name}' needs \['layer'\]: pass tba.methods.Layer\w+\(layer=...\)"):
        method_from(name)


AT_LAYERS = [LayerGradientXActivation, LayerIntegratedGradients, LayerConductance]


@pytest.mark.parametrize("method", AT_LAYERS)
@pytest.mark.parametrize("layer", [None, 3, ""])
def test_what_is_no_name_of_a_layer_is_refused_at_once(method: type, layer: object) -> None:
    with pytest.raises(ValueError, match=rf"layer must be the name of a layer of the model, .* got {layer!r}"):
        method(layer=layer)


@pytest.mark.parametrize("method", AT_LAYERS)
def test_a_layer_that_sees_parts_of_the_examples_is_refused(method: type) -> None:
    inputs = keras.Input((4, 3))
    windows = L.Dense(5, name="windows")(keras.ops.reshape(inputs, (-1, 2, 3)))
    model = keras.Model(inputs, L.Dense(1, name="head")(keras.ops.reshape(windows, (-1, 20))))
    x = np.arange(36, dtype=np.float32).reshape(3, 4, 3)
    words = r"layer 'windows' gives \(6, 2, 5\) for 3 examples: its first axis is not the examples"
    with pytest.raises(ValueError, match=words):
        tba.explain(model, x, method(layer="windows"))
    assert tba.explain(model, x, method(layer="head")).scores.shape == (3, 1)


def binned() -> keras.Model:
    inputs = keras.Input((3,))
    bins = keras.ops.cast(L.Discretization(bin_boundaries=[-0.5, 0.5])(inputs), "float32")
    hidden = L.Dense(4, use_bias=False, name="hidden")(bins)
    return keras.Model(inputs, L.Dense(1, use_bias=False, name="head")(hidden))


@pytest.mark.parametrize("method", [LayerIntegratedGradients, LayerConductance])
def test_behind_bins_a_path_is_divided_as_a_linear_head_does(method: type) -> None:
    """At 0 every input is in bin 1: the scores are what the head makes of y(x) - y(0), whatever lies between."""
    model, x = binned(), np.array([[-1.0, 0.0, 1.0], [1.0, 1.0, -1.0]], np.float32)
    change = np.sign(x) @ model.get_layer("hidden").get_weights()[0]
    found = tba.explain(model, x, method(layer="hidden", steps=5, baseline=0.0))
    np.testing.assert_allclose(found.scores, change * model.get_layer("head").get_weights()[0][:, 0], atol=1e-5)
    np.testing.assert_allclose(found.residual, 0, atol=1e-5)


def test_behind_bins_the_gradient_of_the_layer_is_enough() -> None:
    model, x = binned(), np.array([[-1.0, 0.0, 1.0], [1.0, 1.0, -1.0]], np.float32)
    y = (np.sign(x) + 1) @ model.get_layer("hidden").get_weights()[0]
    found = tba.explain(model, x, LayerGradientXActivation(layer="hidden"))
    np.testing.assert_allclose(found.scores, y * model.get_layer("head").get_weights()[0][:, 0], atol=1e-5)
    with pytest.raises(ValueError, match="bins"):
        tba.explain(model, x, InputXGradient())
