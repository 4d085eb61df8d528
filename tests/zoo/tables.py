"""Models of tables: numbers, categories, several inputs, several outputs."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import tensorflow as tf

import tb_attribution_plugin as tba
from tests.zoo.images import softmax
from tests.zoo.specimen import LABELS, Specimen, images, rows

L = keras.layers
CITIES = np.array([["Rome"], ["Oslo"], ["Bonn"], ["Rome"], ["Atlantis"]])


def functional_mlp() -> keras.Model:
    inputs = keras.Input((6,))
    x = L.Normalization(mean=[0.5] * 6, variance=[2.0] * 6)(inputs)
    x = L.Dense(8, activation="gelu", activity_regularizer="l2", name="hidden")(x)
    return keras.Model(inputs, softmax()(L.LayerNormalization()(x)))


def sequential_mlp() -> keras.Model:
    return keras.Sequential([L.Dense(8, activation="relu", name="hidden"), L.Dense(3), L.Activation("softmax")])


def one_unit() -> keras.Model:
    return keras.Sequential(
        [keras.Input((6,)), L.Dense(5, activation="elu", name="hidden"), L.Dense(1, activation="sigmoid")]
    )


def two_inputs() -> keras.Model:
    picture, table = keras.Input((8, 8, 3), name="picture"), keras.Input((6,), name="table")
    x = L.GlobalAveragePooling2D()(L.Conv2D(4, 3, activation="relu", name="conv")(picture))
    x = L.Dense(6, activation="tanh")(L.Concatenate()([x, table]))
    return keras.Model({"picture": picture, "table": table}, L.Dense(1)(x))


def named_outputs() -> keras.Model:
    inputs = keras.Input((6,))
    x = L.Dense(8, activation="tanh", name="hidden")(inputs)
    heads = {"size": L.Dense(1)(x), "kind": softmax()(x), "tags": L.Dense(2, activation="sigmoid")(x)}
    return keras.Model(inputs, heads)


class OneHot(L.Layer):
    """Categories of an encoding that is no layer of Keras's."""

    def call(self, x: Any) -> Any:
        return tf.one_hot(x[:, 0], 6, dtype=self.compute_dtype)


def categories() -> keras.Model:
    """A column of strings, one of numbers, and one of ids, each in its own way."""
    city, age, level = (
        keras.Input((1,), name=name, dtype=dtype)
        for name, dtype in (("city", "string"), ("age", None), ("level", "int32"))
    )
    codes = L.StringLookup(vocabulary=["Bonn", "Oslo", "Rome"], output_mode="one_hot", name="lookup")(city)
    parts = [L.Dense(4, name="of_city")(codes), L.Dense(4, name="of_age")(age)]
    parts.append(L.Dense(4, name="of_level")(OneHot(name="one_hot")(level)))
    x = L.Activation("tanh")(L.Add()(parts))
    return keras.Model({"city": city, "age": age, "level": level}, softmax()(x))


def mixed_columns() -> dict[str, np.ndarray]:
    return {"city": CITIES, "age": rows(1), "level": np.array([[1], [2], [5], [0], [3]], np.int32)}


def encoded(model: keras.Model, inputs: Any) -> dict[str, tf.Tensor]:
    """[B, 1, width] for a column of categories, the number itself for one of numbers."""
    city = tf.cast(model.get_layer("lookup")(inputs["city"]), tf.float64)[:, None]
    level = tf.one_hot(inputs["level"], 6, dtype=tf.float64)
    return {"age": tf.cast(inputs["age"], tf.float64), "city": city, "level": level}


def from_encoded(model: keras.Model, inputs: Any, features: Any) -> Any:
    x = model.get_layer("of_city")(features["city"][:, 0]) + model.get_layer("of_age")(features["age"])
    return model.get_layer("head")(tf.tanh(x + model.get_layer("of_level")(features["level"][:, 0])))


SPECIMENS = {
    "functional_mlp": Specimen(functional_mlp, rows, layer="hidden"),
    "sequential_mlp": Specimen(sequential_mlp, rows, layer="hidden"),
    "one_unit_sigmoid": Specimen(
        one_unit,
        rows,
        layer="hidden",
        head="sigmoid",
        target=np.minimum(LABELS, 1),
        labels=np.minimum(LABELS, 1),
    ),
    "two_inputs": Specimen(
        two_inputs, lambda: {"picture": images(), "table": rows()}, "conv", head="value", target=None
    ),
    "outputs_by_name": Specimen(
        named_outputs,
        rows,
        layer="hidden",
        target=tba.targets.Output("kind", LABELS),
        picked=lambda outputs: outputs["kind"],
    ),
    "categories": Specimen(categories, mixed_columns, layer="of_level", features=encoded, forward=from_encoded),
}
