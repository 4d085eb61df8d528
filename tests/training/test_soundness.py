"""Models whose maps would mean little: random numbers in inference, and rows of a batch that are mixed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

import tb_attribution_plugin as tba
from tb_attribution_plugin.methods import DeepSHAP, KernelSHAP
from tests.training import fits

X = np.random.default_rng(0).normal(size=(4, 6)).astype(np.float32)
GENERATOR = tf.random.Generator.from_seed(1)


class Of(keras.layers.Layer):
    """Any function that keeps the shape."""

    def __init__(self, function: Callable[[Any], Any], **fields: Any) -> None:
        super().__init__(**fields)
        self.function = function

    def call(self, x: Any) -> Any:
        return self.function(x)

    def compute_output_shape(self, shape: Any) -> Any:
        return shape


class Sampling(keras.layers.Layer):
    """Noise from a generator of its own, as a variational autoencoder's."""

    def __init__(self) -> None:
        super().__init__(name="mixed")
        self.generator = keras.random.SeedGenerator(7)

    def call(self, x: Any) -> Any:
        return x + keras.random.normal((1, 6), seed=self.generator)


def model(first: keras.layers.Layer) -> keras.Model:
    keras.utils.set_random_seed(1)
    layers = [keras.layers.Dense(8, activation="relu"), keras.layers.Dense(3, activation="softmax")]
    return keras.Sequential([keras.Input((6,)), first, *layers])


def of(function: Callable[[Any], Any]) -> keras.Model:
    return model(Of(function, name="mixed"))


RANDOM = {
    "normal": lambda: of(lambda v: v + tf.random.normal(tf.shape(v))),
    "dropout": lambda: of(lambda v: tf.nn.dropout(v, 0.5)),
    "in a function": lambda: of(tf.function(lambda v: v + tf.random.uniform(tf.shape(v)))),
    "generator": lambda: of(lambda v: v + GENERATOR.normal(tf.shape(v))),
    "seed of Keras": lambda: model(Sampling()),
}
MIXING = {
    "mean": lambda v: v - tf.reduce_mean(v, 0, keepdims=True),
    "softmax": lambda v: tf.nn.softmax(v, 0),
    "sum of those before": lambda v: tf.cumsum(v, 0),
    "reverse": lambda v: tf.reverse(v, [0]),
    "attention": lambda v: tf.matmul(tf.nn.softmax(tf.matmul(v, v, transpose_b=True)), v),
    "count": lambda v: v * tf.cast(tf.size(tf.unique(tf.reshape(v, [-1]))[0]), tf.float32) / 24,
    "fixed noise by place": lambda v: v + tf.random.stateless_normal(tf.shape(v), [1, 2]),
}


@pytest.mark.parametrize("name", RANDOM)
def test_rules_follow_no_arbitrary_draw(name: str) -> None:
    for method in ("lrp", "deep_lift", "guided_backprop"):
        with pytest.raises(ValueError, match=rf"{method} follows .* draws random numbers .* by \w+ \(.*/?mixed.*\)"):
            tba.explain(RANDOM[name](), X, method, 1)


def test_others_say_that_maps_are_those_of_one_draw(capsys: pytest.CaptureFixture[str]) -> None:
    tba.explain(RANDOM["normal"](), X, "saliency", 1)
    assert "draws random numbers in inference, by RandomStandardNormal (sequential" in capsys.readouterr().out


def test_random_numbers_in_training_alone_and_fixed_ones_are_fine(capsys: pytest.CaptureFixture[str]) -> None:
    tba.explain(model(keras.layers.Dropout(0.5)), X, "lrp", 1)
    tba.explain(of(lambda v: v @ tf.random.stateless_normal((6, 6), [1, 2])), X, "lrp", 1)
    assert "random" not in capsys.readouterr().out


@pytest.mark.parametrize("name", MIXING)
@pytest.mark.parametrize("examples", [1, 4])
def test_rows_beside_the_examples_are_refused_where_they_are_mixed(name: str, examples: int) -> None:
    for method in (DeepSHAP(background=X[:3]), KernelSHAP(background=X[1:])):
        with pytest.raises(ValueError, match=r"_shap cannot tell features .* depends on the others in the batch"):
            tba.explain(of(MIXING[name]), X[:examples], method, 1)


@pytest.mark.parametrize(
    "layer",
    [
        lambda: keras.layers.Softmax(axis=0),
        lambda: keras.layers.Activation(MIXING["mean"]),
        lambda: keras.layers.Lambda(MIXING["mean"], output_shape=(6,)),
    ],
    ids=["axis", "activation", "Lambda"],
)
def test_layers_of_keras_that_mix_rows_are_refused_too(layer: Callable[[], keras.layers.Layer]) -> None:
    with pytest.raises(ValueError, match="depends on the others in the batch"):
        tba.explain(model(layer()), X, "kernel_shap", 1)


def test_operations_of_keras_on_a_symbolic_batch_are_tried() -> None:
    x = keras.Input((6,))
    mixing = keras.Model(x, keras.layers.Dense(3)(x - keras.ops.mean(x, axis=0, keepdims=True)))
    with pytest.raises(ValueError, match="depends on the others in the batch"):
        tba.explain(mixing, X, "kernel_shap", 1)


def test_examples_that_are_mixed_with_each_other_alone_are_a_note(capsys: pytest.CaptureFixture[str]) -> None:
    tba.explain(of(MIXING["mean"]), X, "saliency", 1)
    assert "depends on the others in the batch" in capsys.readouterr().out
    tba.explain(of(MIXING["mean"]), X[:1], "saliency", 1)
    tba.explain(of(MIXING["mean"]), X, "saliency", 1, batch_size=1)
    tba.explain(of(tf.tanh), X, "kernel_shap", 1)
    assert "batch" not in capsys.readouterr().out


def test_a_fit_is_refused_before_it_begins(tmp_path: Path) -> None:
    x, y = fits.table()
    width = x.shape[1]
    mixing = keras.Sequential([keras.Input((width,)), Of(MIXING["mean"]), keras.layers.Dense(3)])
    mixing.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    callback = tba.AttributionCallback(tmp_path, (x[:5], y[:5]), methods="integrated_gradients")
    with pytest.raises(ValueError, match=r"integrated_gradients cannot tell features of an example"):
        mixing.fit(x, y, verbose=0, callbacks=[callback])
