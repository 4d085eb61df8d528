"""One network in many wrappings: a convolution called twice, with the same weights however it is written."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf

from tests.zoo.images import softmax
from tests.zoo.specimen import Specimen, images

L = keras.layers


def conv(name: str = "conv") -> Any:
    return L.Conv2D(3, 3, padding="same", activation="relu", name=name)


def pooled(x: Any) -> Any:
    return softmax()(L.GlobalAveragePooling2D()(x))


def reused() -> keras.Model:
    inputs, layer = keras.Input((8, 8, 3)), conv()
    return keras.Model(inputs, pooled(layer(layer(inputs))))


def split_reused(model: keras.Model, x: Any) -> tuple[tf.Tensor, Any]:
    layer = model.get_layer("conv")
    grid = layer(layer(tf.cast(x, tf.float64)))
    return grid, model.get_layer("head")(tf.reduce_mean(grid, (1, 2)))


class Subclassed(keras.Model):
    def __init__(self) -> None:
        super().__init__()
        self.conv, self.head = conv(), softmax()

    def build(self, shape: Any) -> None:
        self.conv.build((None, 8, 8, 3))
        self.head.build((None, 3))

    def call(self, x: Any, training: bool = False) -> Any:
        return self.head(tf.reduce_mean(self.conv(self.conv(x)), (1, 2)))


class InFunction(Subclassed):
    """With a branch that AutoGraph must turn into one of the graph."""

    @tf.function
    def call(self, x: Any, training: bool = False) -> Any:
        x = self.conv(self.conv(x))
        if tf.shape(x)[0] > 1000:
            x = 2 * x
        return self.head(tf.reduce_mean(x, (1, 2)))


def in_set_function() -> keras.Model:
    model = Subclassed()
    model.build((None, 8, 8, 3))
    model.call = tf.function(model.call)
    return model


class Twice(L.Layer):
    """Calls a convolution twice, `through` something."""

    def __init__(self, through: Callable[[Any], Any]) -> None:
        super().__init__(name="twice")
        self.conv, self.through = conv(), through

    def build(self, shape: Any) -> None:
        self.conv.build(shape)

    def call(self, x: Any) -> Any:
        return self.through(lambda t: self.conv(self.conv(t)))(x)


def with_layer(through: Callable[[Any], Any]) -> Callable[[], keras.Model]:
    def build() -> keras.Model:
        inputs = keras.Input((8, 8, 3))
        return keras.Model(inputs, pooled(Twice(through)(inputs)))

    return build


class FunctionLayer(Twice):
    call = tf.function(Twice.call)


def function_layer() -> keras.Model:
    return keras.Sequential([keras.Input((8, 8, 3)), FunctionLayer(lambda f: f), L.GlobalAveragePooling2D(), softmax()])


def nested() -> keras.Model:
    x = inputs = keras.Input((8, 8, 3))
    layer = conv()
    return keras.Sequential(
        [keras.Model(inputs, layer(layer(x)), name="backbone"), L.GlobalAveragePooling2D(), softmax()]
    )


def remat_scope() -> keras.Model:
    with keras.RematScope(mode="full"):
        return reused()


def saved_and_loaded() -> keras.Model:
    with tempfile.TemporaryDirectory() as directory:
        path = f"{directory}/backbone.keras"
        inputs, layer = keras.Input((8, 8, 3)), conv()
        keras.Model(inputs, layer(layer(inputs))).save(path)
        backbone = keras.models.load_model(path)
    backbone.trainable = False
    x = inputs = keras.Input((8, 8, 3))
    return keras.Model(inputs, pooled(backbone(x, training=False)))


# Each with the name of the layer that a class activation map is drawn on: where the second convolution ends.
FORMS: dict[str, tuple[Callable[[], keras.Model], str]] = {
    "reused": (reused, "conv:1"),
    "subclassed": (Subclassed, "conv:1"),
    "tf_function": (InFunction, "conv:1"),
    "tf_function_set": (in_set_function, "conv:1"),
    "nested": (nested, "backbone/conv:1"),
    "tf_function_layer": (function_layer, "twice/conv:1"),
    "recompute_grad": (with_layer(tf.recompute_grad), "twice"),
    "loaded": (saved_and_loaded, "conv:1"),
}
if hasattr(keras, "RematScope"):
    FORMS["remat_scope"] = (remat_scope, "conv:1")
    FORMS["remat"] = (with_layer(keras.remat), "twice")

SPECIMENS = {"reused": Specimen(reused, images, "conv:1", split=split_reused)}
