from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
import scipy.sparse
import tensorflow as tf

import tb_attribution_plugin as tba
from tb_attribution_plugin.methods import ExactShapley, IntegratedGradients
from tests.methods import models


def test_returns_numpy_and_explains_the_prediction_by_default() -> None:
    case = models.case("functional_cnn")
    found = tba.explain(case.model, case.inputs, "saliency")
    assert isinstance(found, tba.Attribution)
    assert all(isinstance(array, np.ndarray) for array in found if array is not None)
    predicted = case.model.predict(case.inputs, verbose=0).argmax(1)
    np.testing.assert_array_equal(found.scores, tba.explain(case.model, case.inputs, "saliency", predicted).scores)


def test_lists_tensors_and_float64_give_the_same_as_an_array() -> None:
    case = models.case("tabular_mlp")
    expected = tba.explain(case.model, case.inputs, "saliency", 0).scores
    for inputs in (case.inputs.tolist(), tf.constant(case.inputs), case.inputs.astype(np.float64)):
        found = tba.explain(case.model, inputs, "saliency", 0).scores
        assert found.dtype == np.float32
        np.testing.assert_allclose(found, expected, atol=1e-6)


def test_a_batch_size_bounds_the_rows_and_not_the_result() -> None:
    case = models.case("tabular_mlp")
    method = IntegratedGradients(steps=3, baseline=0.0)
    expected = tba.explain(case.model, case.inputs, method, case.labels)
    for batch_size in (1, 2, 7, 1000):
        found = tba.explain(case.model, case.inputs, method, case.labels, batch_size=batch_size)
        np.testing.assert_allclose(found.scores, expected.scores, atol=1e-6)


def detector() -> keras.Model:
    inputs = keras.Input((8, 8, 2))
    x = keras.layers.Conv2D(4, 3, activation="tanh")(inputs)
    cells = keras.layers.Reshape((9, 16))(keras.layers.MaxPooling2D()(keras.layers.Conv2D(16, 1)(x)))
    scores = keras.layers.Dense(3, activation="sigmoid", name="scores")(cells)
    return keras.Model(inputs, {"boxes": keras.layers.Dense(4, name="boxes")(cells), "scores": scores})


def segmenter() -> keras.Model:
    layers = [keras.layers.Conv2D(4, 3, padding="same", activation="tanh"), keras.layers.Conv2D(3, 1)]
    return keras.Sequential([keras.Input((8, 8, 2)), *layers, keras.layers.Softmax()])


def tagger() -> keras.Model:
    layers = [keras.layers.SimpleRNN(4, return_sequences=True), keras.layers.Dense(3, activation="softmax")]
    return keras.Sequential([keras.Input((8, 2)), *layers])


MASK = tf.constant(np.eye(8, dtype=np.float32))


@pytest.mark.parametrize(
    ("build", "target"),
    [
        pytest.param(detector, lambda y: tf.reduce_max(y["scores"][..., 1], 1), id="score of the best box"),
        pytest.param(segmenter, lambda y: tf.reduce_sum(y[..., 1] * MASK, (1, 2)), id="class 1 inside of a mask"),
        pytest.param(tagger, lambda y: y[:, 3, 2], id="class 2 of the fourth place"),
    ],
)
def test_a_callable_explains_what_is_no_column(build: Any, target: Any) -> None:
    keras.utils.set_random_seed(0)
    model = build()
    x = tf.constant(np.random.default_rng(0).normal(size=(5, *model.inputs[0].shape[1:])).astype(np.float32))
    with tf.GradientTape() as tape:
        tape.watch(x)
        values = target(model(x, training=False))
    found = tba.explain(model, x, "saliency", target)
    np.testing.assert_allclose(found.outputs, values, atol=1e-6)
    np.testing.assert_allclose(found.scores, tape.gradient(values, x), atol=1e-6)
    whole = tba.explain(model, x, IntegratedGradients(steps=64, rule="midpoint", baseline=0.0), target)
    np.testing.assert_allclose(whole.residual, 0, atol=0.02)
    assert np.abs(whole.outputs - whole.baseline_outputs).max() > 0.05


@pytest.mark.parametrize(
    ("inputs", "method", "arguments", "words"),
    [
        (np.zeros((0, 6), np.float32), "saliency", {}, r"inputs of shape \[0, 6\] is empty; at least one example"),
        (3.0, "saliency", {}, r"inputs is a single value; the first axis is the example, as in x\[None\]"),
        (np.full((1, 6), np.nan), "saliency", {}, r"must be finite, but example 0 holds 6 NaN"),
        (None, "saliency", {}, r"inputs is None; pass an array whose first axis is the example"),
        ([np.ones((1, 6)), None], "saliency", {}, r"inputs\[1\] is None"),
        ({"table": np.ones((1, 6)), "text": None}, "saliency", {}, r"inputs\['text'\] is None"),
        (tf.ragged.constant([[1.0], [2.0, 3.0]]), "saliency", {}, r"a RaggedTensor, .* as in x.to_tensor\(\)"),
        (
            tf.sparse.from_dense(np.eye(6)),
            "saliency",
            {},
            r"inputs is a SparseTensor; .* as in tf.sparse.to_dense\(x\)",
        ),
        (scipy.sparse.eye(6, format="csr"), "saliency", {}, r"a csr_\w+, which is sparse; .* as in x.toarray\(\)"),
        (tf.data.Dataset.from_tensors(np.eye(6)), "saliency", {}, r"a tf.data.Dataset; .* next\(iter\(ds\)\)"),
        (keras.Input((6,)), "saliency", {}, r"inputs is a KerasTensor, a shape without values; pass an array"),
        (tba.Probe(models.numbers()), "saliency", {}, r"inputs is a Probe; pass its arrays: probe.inputs"),
        (
            (models.numbers(), np.zeros(models.EXAMPLES)),
            "saliency",
            {},
            r"takes 1 input, and 2 are given; pass one array",
        ),
        (np.zeros((1, 9), np.float32), "saliency", {}, r"rejects the inputs \(float32\(1, 9\)\)"),
        (
            np.array([["1", "2"]]),
            "saliency",
            {},
            r"rejects the inputs \(string\(1, 2\)\): it takes numbers \(float32\)",
        ),
        (models.numbers(), "salience", {}, r"did you mean 'saliency'"),
        (models.numbers(), IntegratedGradients, {}, r"IntegratedGradients\(\), with its parentheses"),
        (models.numbers(), "saliency", {"target": 3}, r"index 3, but the model's output has 3 classes"),
        (models.numbers(), "saliency", {"target": "label"}, r"target"),
        (models.numbers(), "saliency", {"output": "p"}, r"output must be one of"),
        (models.numbers(), "saliency", {"batch_size": 0}, r"batch_size must be a whole number above 0, or None; got 0"),
        (models.numbers(), "saliency", {"batch_size": "8"}, r"batch_size must be a whole number .*got '8'"),
        (models.numbers(), "saliency", {"batch_size": 2.5}, r"batch_size must be a whole number .*got 2.5"),
    ],
)
def test_errors_name_the_argument(inputs: Any, method: Any, arguments: dict[str, Any], words: str) -> None:
    with pytest.raises((ValueError, TypeError), match=words):
        tba.explain(models.case("tabular_mlp").model, inputs, method, **arguments)


def test_raw_strings_of_a_binary_model_are_explained_as_their_ids_are() -> None:
    """How many examples there are is not known before the vectorization runs."""
    texts = np.array(["good film", "bad film", "very good", "not bad"], object)
    words = keras.layers.TextVectorization(vocabulary=["good", "bad", "film", "very", "not"], output_sequence_length=3)
    behind = keras.Sequential(
        [keras.layers.Embedding(8, 4), keras.layers.LSTM(3), keras.layers.Dense(1, activation="sigmoid")]
    )
    ids = np.array(words(tf.constant(texts)))
    behind.build((None, 3))
    model = keras.Sequential([keras.Input((), dtype="string"), words, behind])
    for labels in (0, 1):
        whole = tba.explain(model, tf.constant(texts), "saliency", [labels] * 4)
        expected = tba.explain(behind, ids, "saliency", [labels] * 4)
        assert np.ptp(expected.scores) > 0
        np.testing.assert_allclose(whole.scores, expected.scores, rtol=1e-5)


class Cudnn(keras.layers.Layer):
    """The mean of the steps that are not masked; refuses a row without any, as recurrent layers do on a GPU."""

    supports_masking = True

    def call(self, x: tf.Tensor, mask: Any = None) -> tf.Tensor:
        weights = tf.cast(mask, tf.float32)[..., None]
        with tf.control_dependencies([tf.debugging.assert_greater(tf.reduce_sum(weights, (1, 2)), 0.0)]):
            return tf.reduce_sum(x * weights, 1) / tf.reduce_sum(weights, 1)


def test_a_baseline_of_padding_reaches_no_further_than_the_embedding() -> None:
    embedding = keras.layers.Embedding(8, 1, mask_zero=True)
    model = keras.Sequential([keras.Input((3,), dtype="int32"), embedding, Cudnn()])
    embedding.set_weights([np.arange(1.0, 9.0)[:, None]])
    ids = np.array([[4, 2, 0], [7, 0, 0]])
    found = tba.explain(model, ids, IntegratedGradients(steps=2), 0, output="as_is")
    # Each token's embedding less that of the padding, which is 1, through the mean over the tokens that are there.
    np.testing.assert_allclose(found.scores, [[2, 1, 0], [7, 0, 0]], rtol=1e-6)


def test_category_0_is_a_category_and_0_at_the_end_of_a_text_padding() -> None:
    kind, number = keras.Input((1,), dtype="int32", name="kind"), keras.Input((1,), name="number")
    embedding = keras.layers.Embedding(3, 1)
    model = keras.Model([kind, number], keras.layers.Add()([keras.layers.Flatten()(embedding(kind)), number]))
    embedding.set_weights([np.array([[5.0], [1.0], [3.0]])])
    inputs, background = [np.array([[0], [2]]), np.array([[7.0], [8.0]])], [np.array([[1]]), np.array([[4.0]])]
    found = tba.explain(model, inputs, ExactShapley(background=background), 0, output="as_is")
    np.testing.assert_allclose(found.scores[0], [[4], [2]], rtol=1e-6)
    np.testing.assert_allclose(found.scores[1], [[3], [4]], rtol=1e-6)

    text = keras.Sequential(
        [keras.Input((4,), dtype="int32"), embedding, keras.layers.Flatten(), keras.layers.Dense(1)]
    )
    text.layers[-1].set_weights([np.ones((4, 1)), np.zeros(1)])
    ids = np.array([[2, 0, 1, 0]])
    found = tba.explain(text, ids, ExactShapley(background=1), 0, output="as_is")
    np.testing.assert_allclose(found.segment_scores, [[2, 4, 0]], atol=1e-6)
    # Rows put a word in the place of every 0, which the model does not know for padding.
    found = tba.explain(text, ids, ExactShapley(background=np.array([[1, 1, 1, 1]])), 0, output="as_is")
    np.testing.assert_allclose(found.segment_scores, [[2, 4, 0, 4]], atol=1e-6)
