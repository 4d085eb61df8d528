"""Models of tokens and of raw text. Scores live at the embedding; the mask is that of the text."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import tensorflow as tf

from tests.zoo.images import softmax
from tests.zoo.specimen import EXAMPLES, Specimen, token_ids

L = keras.layers
WORDS = ["good", "bad", "film", "book", "very", "not"]
TEXTS = np.array(["good film", "bad film", "not very good", "very very good book", "bad book"])
LENGTH, VOCABULARY = 7, 20


def averaged() -> keras.Model:
    """The mask goes from the embedding to the mean by itself."""
    ids = keras.Input((LENGTH,), dtype="int32")
    x = L.Embedding(VOCABULARY, 4, mask_zero=True, name="embedding")(ids)
    x = L.Dense(8, activation="tanh", name="hidden")(L.GlobalAveragePooling1D()(x))
    return keras.Model(ids, softmax()(x))


def table_rows(model: keras.Model, ids: Any) -> tf.Tensor:
    return tf.gather(tf.cast(model.get_layer("embedding").embeddings, tf.float64), ids)


def masked_mean(model: keras.Model, ids: Any, embedded: Any) -> Any:
    mask = tf.cast(ids != 0, tf.float64)[..., None]
    mean = tf.reduce_sum(embedded * mask, 1) / tf.reduce_sum(mask, 1)
    return model.get_layer("head")(model.get_layer("hidden")(mean))


class Recurrent(keras.Model):
    """Passes the mask on by hand; a tf.function runs all of it."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = L.Embedding(VOCABULARY, 4, mask_zero=True, name="embedding")
        self.lstm, self.drop, self.head = L.LSTM(5), L.Dropout(0.5), softmax()

    def build(self, shape: Any) -> None:
        # Not inside the tf.function: there Keras would make constants of the weights.
        self.embedding.build(shape)
        self.lstm.build((None, LENGTH, 4))
        self.head.build((None, 5))

    def read(self, embedded: Any, mask: Any, training: bool = False) -> Any:
        return self.head(self.drop(self.lstm(embedded, mask=mask), training=training))

    @tf.function
    def call(self, ids: Any, training: bool = False) -> Any:
        return self.read(self.embedding(ids), self.embedding.compute_mask(ids), training)


class Table(L.Layer):
    """An embedding that is no layer of Keras's, with positions."""

    def build(self, shape: Any) -> None:
        self.embeddings = self.add_weight(shape=(VOCABULARY, 4), name="table")
        self.positions = self.add_weight(shape=(LENGTH, 4), name="positions")

    def call(self, ids: Any) -> Any:
        return tf.gather(self.embeddings, ids) + self.positions


def attention() -> keras.Model:
    ids = keras.Input((LENGTH,), dtype="int32")
    x = Table(name="table")(ids)
    x = L.LayerNormalization(name="norm")(x + L.MultiHeadAttention(2, 3, name="attention")(x, x))
    return keras.Model(ids, softmax()(L.GlobalAveragePooling1D(name="mean")(x)))


def looked_up(model: keras.Model, ids: Any) -> tf.Tensor:
    table = model.get_layer("table")
    return tf.gather(tf.cast(table.embeddings, tf.float64), ids) + tf.cast(table.positions, tf.float64)


def attended(model: keras.Model, ids: Any, x: Any) -> Any:
    x = model.get_layer("norm")(x + model.get_layer("attention")(x, x))
    return model.get_layer("head")(tf.reduce_mean(x, 1))


def split_attention(model: keras.Model, ids: Any) -> tuple[tf.Tensor, Any]:
    x = looked_up(model, ids)
    grid = model.get_layer("norm")(x + model.get_layer("attention")(x, x))
    return grid, model.get_layer("head")(tf.reduce_mean(grid, 1))


def raw_strings() -> keras.Model:
    vectorize = L.TextVectorization(output_sequence_length=LENGTH, vocabulary=WORDS, name="vectorize")
    text = keras.Input((), dtype="string")
    x = L.Embedding(VOCABULARY, 4, name="embedding")(vectorize(text))
    x = L.Dense(6, activation="tanh", name="hidden")(L.GlobalAveragePooling1D()(x))
    return keras.Model(text, softmax()(x))


def vectors(model: keras.Model, texts: Any) -> tf.Tensor:
    return table_rows(model, model.get_layer("vectorize")(texts))


def averaged_by_hand(model: keras.Model, texts: Any, embedded: Any) -> Any:
    return model.get_layer("head")(model.get_layer("hidden")(tf.reduce_mean(embedded, 1)))


def at_embedding(features: Any, forward: Any) -> Any:
    def split(model: keras.Model, inputs: Any) -> tuple[tf.Tensor, Any]:
        grid = features(model, inputs)
        return grid, forward(model, inputs, grid)

    return split


def read_by_hand(model: Any, ids: Any, embedded: Any) -> Any:
    return model.read(embedded, ids != 0)


def tokens(build: Any, layer: str, features: Any, forward: Any, inputs: Any = token_ids, split: Any = None) -> Specimen:
    split = split or at_embedding(features, forward)
    return Specimen(build, inputs, layer, features=features, forward=forward, split=split)


SPECIMENS = {
    "tokens_mask_zero": tokens(averaged, "embedding", table_rows, masked_mean),
    "tokens_lstm_tf_function": tokens(Recurrent, "embedding", table_rows, read_by_hand),
    "tokens_attention": tokens(attention, "norm", looked_up, attended, split=split_attention),
    "raw_strings": tokens(raw_strings, "embedding", vectors, averaged_by_hand, lambda: TEXTS[:EXAMPLES]),
}
