"""A Keras model behind the seam: heads that are looked through, features, names, no state."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

import tb_attribution_plugin as tba
from tb_attribution_plugin.methods import contract, targets
from tb_attribution_plugin.methods.targets import Contrast, Output
from tb_attribution_plugin.training.keras_model import KerasModel
from tests.methods import models
from tests.versions import KERAS

L = keras.layers
X = models.numbers(4, 5)
Y = np.array([0, 1, 2, 1, 0])


class Subclassed(keras.Model):
    """Dense logits and whatever follows them inside `call`."""

    def __init__(self, units: int, finish: Any) -> None:
        super().__init__()
        self.dense = L.Dense(units)
        self.finish = finish

    def call(self, x: tf.Tensor) -> tf.Tensor:
        return self.finish(self.dense(x))


def functional(units: int, *last: Any, **dense: Any) -> keras.Model:
    inputs = keras.Input((4,))
    x = L.Dense(units, **dense)(inputs)
    for layer in last:
        x = layer(x)
    return keras.Model(inputs, x)


def nested(units: int, **dense: Any) -> keras.Model:
    if KERAS < (3, 6):
        pytest.skip(f"Keras {keras.__version__} builds no Sequential around one that has no inputs yet")
    return keras.Sequential([keras.Sequential([L.Dense(units, **dense)])])


def built(model: keras.Model, kernel: np.ndarray) -> keras.Model:
    """The model with one known kernel and no bias."""
    model(X)
    model.set_weights([kernel, np.zeros(kernel.shape[1], np.float32)])
    return model


def margin(logits: np.ndarray, columns: np.ndarray) -> np.ndarray:
    own = logits[np.arange(len(logits)), columns]
    return own - (logits.sum(1) - own) / (logits.shape[1] - 1)


SOFTMAX = {
    "functional": lambda: functional(3, activation="softmax"),
    "functional, softmax layer": lambda: functional(3, L.Softmax()),
    "functional, activation layer": lambda: functional(3, L.Activation("softmax")),
    "sequential": lambda: keras.Sequential([L.Dense(3, activation="softmax")]),
    "nested": lambda: nested(3, activation="softmax"),
    "float32 cast after it": lambda: functional(3, L.Activation("softmax"), L.Activation("linear", dtype="float32")),
    "reshaped after it": lambda: functional(3, L.Softmax(), L.Reshape((3,))),
    "subclassed, keras.ops": lambda: Subclassed(3, keras.ops.softmax),
    "subclassed, tf.nn": lambda: Subclassed(3, tf.nn.softmax),
    "subclassed, layer": lambda: Subclassed(3, L.Softmax()),
    "logits": lambda: functional(3),
}
KERNEL = np.random.default_rng(5).normal(size=(4, 3)).astype(np.float32)


@pytest.mark.parametrize("kind", SOFTMAX)
def test_a_final_softmax_is_looked_through(kind: str) -> None:
    model = built(SOFTMAX[kind](), KERNEL)
    found = tba.explain(model, X, "saliency", Y)
    np.testing.assert_allclose(found.outputs, margin(X @ KERNEL, Y), atol=1e-5)
    # d margin / dx = w_c - mean of the other columns.
    expected = [KERNEL[:, c] - np.delete(KERNEL, c, 1).mean(1) for c in Y]
    np.testing.assert_allclose(found.scores, expected, atol=1e-6)
    as_is = tba.explain(model, X, "saliency", Y, output="as_is")
    np.testing.assert_allclose(as_is.outputs, model(X).numpy()[np.arange(5), Y], atol=1e-6)


@pytest.mark.parametrize("kind", ["functional", "nested", "subclassed, keras.ops", "subclassed, tf.nn"])
def test_eager_calls_look_through_every_head_too(kind: str) -> None:
    model = built(SOFTMAX[kind](), KERNEL)
    network = KerasModel(model, tf.constant(X))
    found = contract.Model(network, targets.resolve(1, network.heads, examples=5)).values(tf.constant(X))
    np.testing.assert_allclose(found, margin(X @ KERNEL, np.ones(5, int)), atol=1e-5)


def clipped_softmax(z: tf.Tensor) -> tf.Tensor:
    return tf.clip_by_value(tf.nn.softmax(z), 0.0, 1.0)


def test_probabilities_that_cannot_be_looked_through_are_known_by_the_loss() -> None:
    model = built(Subclassed(3, clipped_softmax), KERNEL)
    model.compile(loss="sparse_categorical_crossentropy")
    found = tba.explain(model, X, "saliency", Y)
    np.testing.assert_allclose(found.outputs, margin(X @ KERNEL, Y), atol=1e-4)
    expected = [KERNEL[:, c] - np.delete(KERNEL, c, 1).mean(1) for c in Y]
    np.testing.assert_allclose(found.scores, expected, atol=1e-4)


def test_a_probability_of_zero_has_a_finite_margin() -> None:
    model = built(Subclassed(3, clipped_softmax), 1000 * KERNEL)
    model.compile(loss="sparse_categorical_crossentropy")
    assert model(X).numpy().min() == 0
    found = tba.explain(model, X, "saliency", Y)
    assert np.isfinite(found.outputs).all()
    assert np.isfinite(found.scores).all()


def test_a_linear_head_gives_logits_whatever_a_misconfigured_loss_says() -> None:
    model = built(functional(3), KERNEL)
    model.compile(loss="sparse_categorical_crossentropy")  # from_logits is forgotten
    np.testing.assert_allclose(tba.explain(model, X, "saliency", Y).outputs, margin(X @ KERNEL, Y), atol=1e-5)


def focal(y: tf.Tensor, z: tf.Tensor) -> tf.Tensor:
    return keras.losses.sparse_categorical_crossentropy(y, z, from_logits=True)


def my_crossentropy(y: tf.Tensor, z: tf.Tensor) -> tf.Tensor:
    return focal(y, z)


class OwnLoss(keras.losses.Loss):
    def call(self, y: tf.Tensor, z: tf.Tensor) -> tf.Tensor:
        return focal(y, z)


LOSSES = [focal, my_crossentropy, OwnLoss(), lambda y, z: focal(y, z)]


@pytest.mark.parametrize("loss", LOSSES, ids=["focal", "crossentropy", "class", "lambda"])
@pytest.mark.parametrize("scaled", [False, True])
def test_a_loss_of_ones_own_says_nothing_against_classes(loss: Any, scaled: bool) -> None:
    model = built(Subclassed(3, lambda z: 4 * z if scaled else z), KERNEL)
    model.compile(loss=loss)
    found = tba.explain(model, X, "saliency", Y)
    np.testing.assert_allclose(found.outputs, (4 if scaled else 1) * margin(X @ KERNEL, Y), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("loss", [None, "sparse_categorical_crossentropy", my_crossentropy])
def test_probabilities_are_known_by_their_values(loss: Any) -> None:
    def smoothed(z: tf.Tensor) -> tf.Tensor:
        return 0.9 * tf.nn.softmax(z) + 0.1 / 3

    def by_hand(z: tf.Tensor) -> tf.Tensor:
        return tf.exp(z) / tf.reduce_sum(tf.exp(z), 1, keepdims=True)

    for head in (smoothed, by_hand):
        model = built(Subclassed(3, head), KERNEL)
        model.compile(loss=loss)
        expected = margin(np.log(head(X @ KERNEL)), Y)
        np.testing.assert_allclose(tba.explain(model, X, "saliency", Y).outputs, expected, atol=1e-5)


def test_a_softmax_of_each_group_of_columns_is_not_one_of_all() -> None:
    def grouped(z: tf.Tensor) -> tf.Tensor:
        return tf.reshape(tf.nn.softmax(tf.reshape(z, (-1, 2))), (-1, 4))

    kernel = models.numbers(4, 4)
    model = built(Subclassed(4, grouped), kernel)
    found = tba.explain(model, X, "saliency", Y)
    np.testing.assert_allclose(found.outputs, margin(grouped(X @ kernel).numpy(), Y), atol=1e-5)


def test_an_embedding_called_by_keyword_is_one() -> None:
    class Model(keras.Model):
        def __init__(self, keyword: bool) -> None:
            super().__init__()
            self.keyword, self.embedding = keyword, L.Embedding(10, 3, embeddings_initializer="ones")
            self.dense = L.Dense(2, kernel_initializer="ones")

        def call(self, ids: tf.Tensor) -> tf.Tensor:
            found = self.embedding(inputs=ids) if self.keyword else self.embedding(ids)
            return self.dense(tf.reduce_sum(found, 1) ** 2)

    ids = np.array([[1, 2, 3], [4, 5, 6]], np.int32)
    by_keyword, plain = (tba.explain(Model(keyword), ids, "saliency", 0, output="logits") for keyword in (True, False))
    assert np.all(plain.scores == 18)  # d sum((e_1 + e_2 + e_3)^2) / d e, over 3 columns
    np.testing.assert_array_equal(by_keyword.scores, plain.scores)


SIGMOID = {
    "functional": lambda: functional(1, activation="sigmoid"),
    "sequential": lambda: keras.Sequential([L.Dense(1, activation="sigmoid")]),
    "nested": lambda: nested(1, activation="sigmoid"),
    "subclassed, tf.nn": lambda: Subclassed(1, tf.nn.sigmoid),
    "subclassed, squeezed": lambda: Subclassed(1, lambda z: tf.squeeze(tf.sigmoid(z), -1)),
    "subclassed, without its axis": lambda: Subclassed(1, lambda z: tf.sigmoid(z)[:, 0]),
}


@pytest.mark.parametrize("method", ["saliency", "integrated_gradients"])
@pytest.mark.parametrize("kind", SIGMOID)
def test_a_one_unit_sigmoid_equals_its_two_unit_twin(kind: str, method: str) -> None:
    random = np.random.default_rng(8)
    kernel, shared = random.normal(size=(4, 1)).astype(np.float32), random.normal(size=(4, 1)).astype(np.float32)
    one = built(SIGMOID[kind](), kernel)
    # Any two columns whose difference is the kernel.
    two = built(functional(2, activation="softmax"), np.concatenate([shared, shared + kernel], 1))
    for labels in (np.zeros(5, int), np.ones(5, int), np.array([0, 1, 1, 0, 1])):
        first, second = (tba.explain(model, X, method, labels) for model in (one, two))
        np.testing.assert_allclose(first.scores, second.scores, atol=1e-5)
        np.testing.assert_allclose(first.outputs, second.outputs, atol=1e-5)
        np.testing.assert_allclose(first.outputs, (X @ kernel)[:, 0] * (2 * labels - 1), atol=1e-5)
    contrast = tba.explain(one, X, method, Contrast(1, 0))
    np.testing.assert_allclose(contrast.outputs, (X @ kernel)[:, 0], atol=1e-5)


def test_regression_explains_the_predicted_value() -> None:
    model = built(functional(1), np.array([[1.0], [2.0], [-1.0], [0.5]], np.float32))
    model.compile(loss="mse")
    found = tba.explain(model, X, tba.methods.IntegratedGradients(steps=1, baseline=0.0))
    np.testing.assert_allclose(found.scores, X * [1, 2, -1, 0.5], rtol=1e-5)
    np.testing.assert_allclose(found.outputs, model(X)[:, 0], rtol=1e-5)


def test_several_outputs_by_name_and_position() -> None:
    inputs = keras.Input((4,))
    kind, size = L.Dense(3, activation="softmax", name="kind"), L.Dense(1, name="size")
    by_name = keras.Model(inputs, {"kind": kind(inputs), "size": size(inputs)})
    by_position = keras.Model(inputs, [kind(inputs), size(inputs)])
    expected = margin(X @ kind.get_weights()[0], Y)
    for model, head in ((by_name, "kind"), (by_position, 0)):
        found = tba.explain(model, X, "saliency", Output(head, Y))
        np.testing.assert_allclose(found.outputs, expected, atol=1e-5)
    value = tba.explain(by_name, X, "saliency", Output("size", None))
    np.testing.assert_allclose(value.scores, np.tile(size.get_weights()[0].T, (5, 1)), atol=1e-6)
    with pytest.raises(ValueError, match=r"several outputs \['kind', 'size'\]: pass target=tba.targets.Output"):
        tba.explain(by_name, X, "saliency", 0)


def test_several_inputs_in_the_order_of_the_model() -> None:
    left, right = keras.Input((2,), name="left"), keras.Input((3,), name="right")
    outputs = L.Dense(1, use_bias=False)(L.Concatenate()([left, right]))
    model = keras.Model({"left": left, "right": right}, outputs)
    kernel = model.layers[-1].get_weights()[0][:, 0]
    x = {"right": models.numbers(3, 2), "left": models.numbers(2, 2)}
    found = tba.explain(model, x, "saliency")
    np.testing.assert_allclose(found.scores["left"], [kernel[:2]] * 2, atol=1e-6)
    np.testing.assert_allclose(found.scores["right"], [kernel[2:]] * 2, atol=1e-6)


def test_ids_beside_numbers_are_explained_at_their_embedding() -> None:
    ids, numbers = keras.Input((3,), dtype="int32", name="ids"), keras.Input((2,), name="numbers")
    table = L.Embedding(10, 2)
    outputs = L.Dense(1, use_bias=False)(L.Concatenate()([L.Flatten()(table(ids)), numbers]))
    model = keras.Model({"ids": ids, "numbers": numbers}, outputs)
    kernel = model.layers[-1].get_weights()[0][:, 0]
    x = {"ids": np.array([[1, 2, 3]], np.int32), "numbers": np.array([[5.0, 7.0]], np.float32)}
    found = tba.explain(model, x, "saliency")
    np.testing.assert_allclose(found.scores["ids"], [kernel[:6].reshape(3, 2).sum(1)], atol=1e-6)
    np.testing.assert_allclose(found.scores["numbers"], [kernel[6:]], atol=1e-6)


def test_bytes_are_explained_at_their_cast() -> None:
    model = keras.Sequential([L.Input((2, 2, 1), dtype="uint8"), L.Rescaling(1 / 255), L.Flatten(), L.Dense(1)])
    x = np.arange(4, dtype=np.uint8).reshape(1, 2, 2, 1)
    found = tba.explain(model, x, "saliency")
    np.testing.assert_allclose(found.scores.ravel(), model.layers[-1].get_weights()[0].ravel() / 255, rtol=1e-5)


def test_what_is_no_keras_model_is_refused_by_its_type() -> None:
    with pytest.raises(TypeError, match=r"model must be a keras.Model; got builtins.function"):
        KerasModel(lambda x: x, tf.constant(X))


@pytest.mark.parametrize("rows", [1, 3, 4])
def test_a_stateful_model_takes_no_other_number_of_rows(rows: int) -> None:
    def model(batch: int | None) -> keras.Model:
        layer = keras.layers.LSTM(5, stateful=batch is not None)
        return keras.Sequential([keras.Input(batch_shape=(batch, 6, 4)), layer, keras.layers.Dense(2)])

    fixed, free = model(3), model(None)
    x = np.random.default_rng(0).normal(size=(rows, 6, 4)).astype(np.float32)
    words = r"is stateful and takes 3 rows at a time, .* \((1|4) here; .* batch size None and stateful=False"
    with pytest.raises(ValueError, match=words):
        tba.explain(fixed, x, tba.methods.DeepSHAP(background=x + 1), 0)
    free.set_weights(fixed.get_weights())
    assert np.abs(tba.explain(free, x, tba.methods.DeepSHAP(background=x + 1), 0).residual).max() < 1e-5
