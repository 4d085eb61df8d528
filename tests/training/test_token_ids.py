"""What raw strings become inside of a model, and the strings that belong to it."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from tb_attribution_plugin import Probe, methods, segments
from tb_attribution_plugin.methods.resolution import resolved
from tb_attribution_plugin.segments.by_modality import made
from tb_attribution_plugin.training import plan
from tb_attribution_plugin.training.keras_model import KerasModel
from tests.zoo import ZOO, texts

L = keras.layers


def ids_of(model: keras.Model, inputs: object) -> object:
    tensors = tf.nest.map_structure(tf.constant, inputs)
    return KerasModel(model, tensors).token_ids(tensors)


@pytest.mark.parametrize("shape", [(5,), (5, 1)])
def test_ids_are_those_that_the_embedding_is_given(shape: tuple[int, ...]) -> None:
    vectorize = L.TextVectorization(output_sequence_length=texts.LENGTH, vocabulary=texts.WORDS)
    given = keras.Input(shape[1:], dtype="string")
    x = L.GlobalAveragePooling1D()(L.Embedding(texts.VOCABULARY, 4)(vectorize(given)))
    found = ids_of(keras.Model(given, L.Dense(3)(x)), texts.TEXTS.reshape(shape))
    np.testing.assert_array_equal(found, vectorize(texts.TEXTS))
    assert made(Probe(texts.TEXTS.reshape(shape)), found).tolist() == [
        [0, 1, -1, -1, -1, -1, -1],
        [0, 1, -1, -1, -1, -1, -1],
        [0, 1, 2, -1, -1, -1, -1],
        [0, 1, 2, 3, -1, -1, -1],
        [0, 1, -1, -1, -1, -1, -1],
    ]


def test_strings_that_are_not_the_models_tokens_are_told() -> None:
    model = texts.raw_strings()
    strings = ["very good - film", "bad film of a very good book that is not a film"]

    def noted(tokens: object) -> list[str]:
        probe = Probe(strings, [0, 1], tokens=tokens, names=["a", "b"])
        return plan.plan(model, probe, methods=["saliency"], target="label", output="margin", batchnorm="moving").notes

    assert noted(None) == noted(segments.pieces(strings)) == []  # tokens behind the last of 7 positions are not seen
    by_space = [text.split() for text in strings]
    assert len(by_space[0]) == 4
    assert [note[:91] for note in noted(by_space)] == [
        "the model cuts the text of example 'a' into 3 tokens, but the probe has 4 strings for them:"
    ]


def test_other_inputs_have_none() -> None:
    vectorize = L.TextVectorization(output_sequence_length=4, vocabulary=texts.WORDS)
    text, numbers = keras.Input((), dtype="string", name="text"), keras.Input((2,), name="numbers")
    x = L.GlobalAveragePooling1D()(L.Embedding(texts.VOCABULARY, 4)(vectorize(text)))
    model = keras.Model({"text": text, "numbers": numbers}, L.Dense(3)(L.Concatenate()([x, numbers])))
    inputs = {"text": np.array(["good film", "bad"]), "numbers": np.zeros((2, 2), np.float32)}
    found = ids_of(model, inputs)
    assert found["numbers"] is None
    assert found["text"].tolist() == [[2, 4, 0, 0], [3, 0, 0, 0]]
    ids = made(Probe(inputs), found)
    assert ids["numbers"].tolist() == [[2, 3], [1, 2]]


def test_a_layer_that_hashes_characters_by_itself_has_a_token_at_each_place() -> None:
    class Characters(L.Layer):
        """The first 3 letters as one-hot vectors: no ids."""

        def call(self, strings: tf.Tensor) -> tf.Tensor:
            letters = tf.stack([tf.strings.substr(strings, at, 1) for at in range(3)], 1)
            return tf.one_hot(tf.strings.to_hash_bucket_fast(letters, 5), 5)

    given = keras.Input((), dtype="string")
    model = keras.Model(given, L.Dense(3)(L.Flatten()(Characters()(given))))
    assert ids_of(model, np.array(["good", "bad"])).tolist() == [[1, 1, 1]] * 2


def test_pieces_are_the_words_that_text_vectorization_cuts() -> None:
    strings = ["Good - film, isn't it?\n", '  "very"\tbad ... ', "not-so good\r\n\r\n(a book)"]
    rows = segments.pieces(strings)
    assert ["".join(row) for row in rows] == strings
    cut = L.TextVectorization(vocabulary=["film"])(strings)
    assert [len(row) for row in rows] == np.count_nonzero(cut, 1).tolist() == [4, 2, 4]


@pytest.mark.parametrize("name", [name for name in ZOO if name not in ("video", "time_distributed", "raw_strings")])
def test_what_is_made_by_modality_fits_what_every_model_switches(name: str) -> None:
    # Without the inputs that no probe can hold, and a text of one token, which nothing can be told from.
    probe = Probe(ZOO[name].inputs())
    tensors = tf.nest.map_structure(lambda array: tf.constant(np.array(array)), probe.inputs)
    network = KerasModel(ZOO[name].made(), tensors)
    ids = made(probe, network.token_ids(tensors))
    found = resolved(methods.FeatureAblation(segments=ids), network, tensors).segments
    assert found.most == max(array.max() for array in tf.nest.flatten(ids)) + 1
