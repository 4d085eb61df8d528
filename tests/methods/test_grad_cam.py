"""Grad-CAM against sub-models cut by hand; which layer it draws on is tests/training/test_survey.py."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

import tb_attribution_plugin as tba
from tb_attribution_plugin.methods import GradCAM, contract
from tests.methods import models


def oracle(before: Any, after: Any, x: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """The definition on a model that is cut in two: activations = before(x), probabilities = after(activations)."""
    activations = before(tf.constant(x), training=False)
    with tf.GradientTape() as tape:
        tape.watch(activations)
        values = tf.gather(after(activations, training=False), columns, batch_dims=1)
    weights = tape.gradient(values, activations).numpy().mean((1, 2), keepdims=True)
    return (weights * activations).numpy().sum(-1, keepdims=True)


def cut(model: Any, layer: str) -> tuple[Any, Any]:
    """A plain chain of layers as two models."""
    names = [one.name for one in model.layers]
    position = names.index(layer) + 1
    before = keras.Sequential([one for one in model.layers[:position] if not isinstance(one, keras.layers.InputLayer)])
    return before, keras.Sequential(model.layers[position:])


@pytest.mark.parametrize(
    ("name", "layer"),
    [
        ("functional_cnn", "conv1"),
        ("functional_cnn", "conv2"),
        ("sequential_cnn", "conv1"),
        ("sequential_cnn", "relu1"),
        ("batchnorm_depthwise", "last"),
    ],
)
def test_equals_a_model_cut_in_two(name: str, layer: str) -> None:
    case = models.case(name)
    expected = oracle(*cut(case.model, layer), case.inputs, case.labels)
    found = tba.explain(case.model, case.inputs, GradCAM(layer=layer), case.labels, output="as_is")
    assert found.scores.shape == expected.shape
    np.testing.assert_allclose(found.scores, expected, atol=1e-6)


@pytest.mark.parametrize("layer", ["backbone/conv5", "conv5", "backbone/conv4", "conv4"])
def test_a_nested_layer_by_its_path_or_its_own_name(layer: str) -> None:
    case = models.case("nested")
    backbone = case.model.layers[0]
    conv = backbone.get_layer(layer.rpartition("/")[2])
    before = keras.Model(backbone.inputs[0], conv.output)
    rest = [one for one in backbone.layers if one.name == "conv5" and conv.name == "conv4"]
    expected = oracle(before, keras.Sequential([*rest, *case.model.layers[1:]]), case.inputs, case.labels)
    found = tba.explain(case.model, case.inputs, GradCAM(layer=layer), case.labels, output="as_is")
    np.testing.assert_allclose(found.scores, expected, atol=1e-6)


def test_the_sign_is_kept_and_the_grid_is_the_layers() -> None:
    # One filter of weight 1, head weight -2: A = x, dz/dA = -2 / 4 on each of 2 x 2 cells.
    model = keras.Sequential(
        [
            keras.layers.Input((2, 2, 1)),
            keras.layers.Conv2D(1, 1, kernel_initializer="ones"),
            keras.layers.GlobalAveragePooling2D(),
            keras.layers.Dense(1, kernel_initializer=keras.initializers.Constant(-2)),
        ]
    )
    x = np.array([[[[1.0], [2.0]], [[3.0], [-4.0]]]], np.float32)
    found = tba.explain(model, x, "grad_cam")
    np.testing.assert_allclose(found.scores, -0.5 * x)
    np.testing.assert_allclose(found.outputs, [-2 * 0.5])


@pytest.mark.parametrize("call", [0, 1])
def test_each_call_of_a_shared_layer(call: int) -> None:
    shared = keras.layers.Conv2D(2, 3, padding="same", activation="tanh", name="shared")
    inputs = keras.Input((5, 5, 2))
    outputs = keras.layers.Dense(2)(keras.layers.Flatten()(shared(shared(inputs))))
    model = keras.Model(inputs, outputs)
    x = models.images(5, 3, 2)
    first, second = keras.Sequential([shared]), keras.Sequential([shared, shared])
    head = keras.Sequential([*([shared] if call == 0 else []), *model.layers[-2:]])
    expected = oracle((first, second)[call], head, x, np.zeros(3, int))
    name = "shared" if call == 0 else "shared:1"
    found = tba.explain(model, x, GradCAM(layer=name), 0, output="as_is")
    np.testing.assert_allclose(found.scores, expected, atol=1e-6)


def test_a_layer_without_a_grid_is_refused_by_name() -> None:
    case = models.case("functional_cnn")
    name = case.model.layers[-1].name
    words = rf"layer '{name}' has no spatial grid to draw on: its output is \(5, 3\).*with spatial output: conv1, conv2"
    with pytest.raises(ValueError, match=words):
        tba.explain(case.model, case.inputs, GradCAM(layer=name))


def test_a_missing_layer_lists_the_candidates_and_the_nearest() -> None:
    case = models.case("functional_cnn")
    with pytest.raises(ValueError, match=r"'cnov2' is not in model .* did you mean 'conv2'\?.*: conv1, conv2"):
        tba.explain(case.model, case.inputs, GradCAM(layer="cnov2"))


def test_a_plain_function_has_no_layers() -> None:
    model = contract.from_function(lambda x: tf.reduce_sum(x, 1))
    with pytest.raises(ValueError, match=r"a plain function has no layers.*explain a Keras model"):
        GradCAM(layer="conv")(model, tf.ones((1, 2)))
