"""Models of images: plain, nested, subclassed, of other precisions, with outputs per pixel."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf

import tb_attribution_plugin as tba
from tests.zoo.specimen import CLASSES, EXAMPLES, LABELS, Specimen, images

L = keras.layers


def softmax() -> Any:
    return L.Dense(CLASSES, activation="softmax", name="head")


def functional_cnn() -> keras.Model:
    x = inputs = keras.Input((8, 8, 3))
    x = L.Conv2D(4, 3, activation="relu", name="conv1")(x)
    x = L.MaxPooling2D(2)(x)
    x = L.Conv2D(5, 2, activation="relu", name="conv2")(x)
    x = L.SpatialDropout2D(0.5)(L.GaussianNoise(0.5)(x))
    return keras.Model(inputs, softmax()(L.GlobalAveragePooling2D()(x)))


def sequential_cnn() -> keras.Model:
    """No Input, logits."""
    return keras.Sequential([L.Conv2D(4, 3), L.ReLU(name="relu"), L.Flatten(), L.Dense(CLASSES)])


def sequential_with_input() -> keras.Model:
    return keras.Sequential(
        [keras.Input((8, 8, 3)), L.Conv2D(4, 3, activation="relu", name="conv"), L.Flatten(), L.Dense(3), L.Softmax()]
    )


def mobile() -> keras.Model:
    layers = [keras.Input((8, 8, 3)), L.Conv2D(6, 3), L.BatchNormalization(), L.ReLU(6.0), L.DepthwiseConv2D(3)]
    layers += [L.BatchNormalization(), L.ReLU(6.0, name="last"), L.GlobalAveragePooling2D(), softmax()]
    return keras.Sequential(layers)


def nested() -> keras.Model:
    x = inputs = keras.Input((8, 8, 3))
    x = L.ReLU(name="relu5")(L.Conv2D(4, 3, name="conv5")(x))
    backbone = keras.Model(inputs, x, name="backbone")
    return keras.Sequential([backbone, L.GlobalAveragePooling2D(), L.Dropout(0.5), softmax()])


def split_nested(model: keras.Model, x: Any) -> tuple[tf.Tensor, Any]:
    grid = model.get_layer("backbone")(x)
    return grid, model.get_layer("head")(tf.reduce_mean(grid, (1, 2)))


def gelu() -> keras.Model:
    """Own graph functions: keras.ops instead of layers, and a softmax among them."""
    x = inputs = keras.Input((8, 8, 3))
    x = L.GroupNormalization(2)(L.Conv2D(4, 3)(L.Lambda(lambda t: 2 * t - 1)(x)))
    x = keras.ops.mean(L.Conv2D(4, 3, activation="gelu", name="gelu")(x), axis=(1, 2))
    return keras.Model(inputs, keras.ops.softmax(L.Dense(CLASSES)(x)))


class Subclassed(keras.Model):
    def __init__(self) -> None:
        super().__init__()
        self.conv, self.drop, self.dense = L.Conv2D(4, 3, name="conv"), L.Dropout(0.5), L.Dense(CLASSES)

    def features(self, x: Any) -> Any:
        return self.conv(x)

    def classified(self, grid: Any, training: bool = False) -> Any:
        pooled = tf.reduce_mean(tf.nn.relu(grid), (1, 2))
        return {"kind": tf.nn.softmax(self.dense(self.drop(pooled, training=training))), "unused": pooled}

    def call(self, x: Any, training: bool = False, mask: Any = None) -> Any:
        return self.classified(self.features(x), training)


def split_subclassed(model: Any, x: Any) -> tuple[tf.Tensor, Any]:
    grid = model.features(x)
    return grid, model.classified(grid)


def bytes_rescaled() -> keras.Model:
    layers = [keras.Input((8, 8, 3), dtype="uint8"), L.Rescaling(1 / 255, name="rescaling")]
    return keras.Sequential([*layers, L.Conv2D(4, 3, activation="relu", name="conv"), L.Flatten(), softmax()])


def after_rescaling(model: keras.Model, inputs: Any, features: Any) -> Any:
    """By hand, because Keras would cast the numbers back to bytes."""
    x = features / 255
    for layer in model.layers[1:]:
        x = layer(x)
    return x


def split_bytes(model: keras.Model, x: Any) -> tuple[tf.Tensor, Any]:
    grid = model.get_layer("conv")(tf.cast(x, tf.float64) / 255)
    return grid, model.get_layer("head")(tf.reshape(grid, (EXAMPLES, -1)))


def u_net() -> keras.Model:
    inputs = keras.Input((8, 8, 3))
    down = L.Conv2D(4, 3, padding="same", activation="relu", name="down")(inputs)
    bottom = L.Conv2D(6, 3, padding="same", activation="relu", name="bottleneck")(L.MaxPooling2D()(down))
    up = L.Concatenate(name="skip")([L.UpSampling2D()(bottom), down])
    return keras.Model(inputs, L.Conv2D(2, 1, activation="softmax", name="per_pixel")(up))


def left_half(outputs: tf.Tensor) -> tf.Tensor:
    """Mean probability of class 1 in the left half."""
    return tf.reduce_mean(outputs[:, :, :4, 1], (1, 2))


def any_size() -> keras.Model:
    x = inputs = keras.Input((None, None, 3))
    x = L.Conv2D(4, 3, activation="swish", padding="same", name="conv")(x)
    return keras.Model(inputs, softmax()(L.GlobalMaxPooling2D()(x)))


def half_precision() -> keras.Model:
    x = inputs = keras.Input((8, 8, 3))
    x = L.BatchNormalization(name="norm")(L.Conv2D(5, 3, activation="relu", name="conv")(x))
    x = L.Dense(CLASSES)(L.GlobalAveragePooling2D()(x))
    return keras.Model(inputs, L.Activation("softmax", dtype="float32")(x))


def siamese() -> keras.Model:
    tower = keras.Sequential(
        [keras.Input((8, 8, 3)), L.Conv2D(4, 3, activation="relu", name="conv"), L.GlobalAveragePooling2D()],
        name="tower",
    )
    left, right = keras.Input((8, 8, 3)), keras.Input((8, 8, 3))
    return keras.Model([left, right], softmax()(L.Subtract()([tower(left), tower(right)])))


def split_siamese(model: keras.Model, inputs: Any) -> tuple[tf.Tensor, Any]:
    tower = model.get_layer("tower")
    left, right = (tower.get_layer("conv")(one) for one in inputs)
    return right, model.get_layer("head")(tf.reduce_mean(left, (1, 2)) - tf.reduce_mean(right, (1, 2)))


class ClassToken(L.Layer):
    def build(self, shape: Any) -> None:
        self.token = self.add_weight(shape=(1, 1, shape[-1]), name="class")
        self.positions = self.add_weight(shape=(1, shape[1] + 1, shape[-1]), name="positions")

    def call(self, x: Any) -> Any:
        return tf.concat([tf.tile(self.token, (tf.shape(x)[0], 1, 1)), x], 1) + self.positions


class TokenMixer(L.Layer):
    """Attention as it is written by hand: one head, weights of its own kind, and a name of its own."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.query, self.key, self.value = L.Dense(6), L.Dense(6), L.Dense(6)

    def call(self, x: Any, _: Any = None) -> Any:
        agreement = tf.exp(tf.matmul(self.query(x), self.key(x), transpose_b=True) / 4)
        return tf.matmul(agreement / tf.reduce_sum(agreement, -1, keepdims=True), self.value(x))


def attention(name: str) -> Any:
    return L.MultiHeadAttention(2, 3, name=name)


def own_attention(name: str) -> Any:
    return TokenMixer(name=name)


def transformer(attention: Callable[[str], Any]) -> Callable[[], keras.Model]:
    """The head reads the class token alone: the last patches that matter are those before the last attention."""

    def build() -> keras.Model:
        inputs = keras.Input((8, 8, 3))
        x = ClassToken()(L.Reshape((16, 6))(L.Conv2D(6, 2, 2, name="patches")(inputs)))
        for block in ("a", "b"):
            y = L.LayerNormalization(name=f"norm_{block}")(x)
            x = x + attention(f"attention_{block}")(y, y)
            x = x + L.Dense(6, activation="gelu", name=f"mlp_{block}")(x)
        return keras.Model(inputs, softmax()(L.LayerNormalization(name="last")(x)[:, 0]))

    return build


class Transformer(keras.Model):
    """The same as a class: its sums are no layers, so that no layer's tokens are sliced as they are."""

    def __init__(self) -> None:
        super().__init__()
        self.patches, self.token, self.head = L.Conv2D(6, 2, 2), ClassToken(), softmax()
        self.norms = [L.LayerNormalization(name=f"norm_{block}") for block in "ab"]
        self.mixers = [TokenMixer(name=f"mixer_{block}") for block in "ab"]
        self.mlps = [L.Dense(6, activation="gelu", name=f"mlp_{block}") for block in "ab"]

    def call(self, x: Any) -> Any:
        return self.split(x)[1]

    def split(self, x: Any) -> tuple[tf.Tensor, Any]:
        x = self.token(tf.reshape(self.patches(x), (-1, 16, 6)))
        x = x + self.mixers[0](self.norms[0](x))
        tokens = self.norms[1](x + self.mlps[0](x))
        grid = tf.reshape(tokens[:, 1:], (-1, 4, 4, 6))
        tokens = tf.concat([tokens[:, :1], tf.reshape(grid, (-1, 16, 6))], 1)
        x = x + self.mlps[0](x) + self.mixers[1](tokens)
        return grid, self.head((x + self.mlps[1](x))[:, 0])


def split_transformer(model: keras.Model, x: Any) -> tuple[tf.Tensor, Any]:
    """Patches of the 4 x 4 grid at the second block's norm, without the class token."""
    norm, layer = model.get_layer("norm_b"), model.get_layer
    tokens, skipped = keras.Model(model.inputs, [norm.output, norm.input])(x)
    grid = tf.reshape(tokens[:, 1:], (EXAMPLES, 4, 4, 6))
    tokens = tf.concat([tokens[:, :1], tf.reshape(grid, (EXAMPLES, 16, 6))], 1)
    x = skipped + layer("attention_b")(tokens, tokens)
    return grid, layer("head")(layer("last")(x + layer("mlp_b")(x))[:, 0])


def video() -> keras.Model:
    layers = [keras.Input((4, 6, 6, 2)), L.Conv3D(3, 2, activation="tanh", name="conv"), L.GlobalAveragePooling3D()]
    return keras.Sequential([*layers, softmax()])


def clips() -> np.ndarray:
    return np.random.default_rng(5).random((EXAMPLES, 4, 6, 6, 2), np.float32)


SPECIMENS = {
    "functional_cnn": Specimen(functional_cnn, images, "conv2"),
    "sequential_cnn": Specimen(sequential_cnn, images, "relu", head="logits"),
    "sequential_with_input": Specimen(sequential_with_input, images, "conv"),
    "batchnorm_depthwise_relu6": Specimen(mobile, images, "last"),
    "nested": Specimen(nested, images, "backbone/relu5", split=split_nested),
    "gelu": Specimen(gelu, images, "gelu"),
    "subclassed": Specimen(
        Subclassed,
        images,
        "conv",
        target=tba.targets.Output("kind", LABELS),
        picked=lambda outputs: outputs["kind"],
        split=split_subclassed,
    ),
    "uint8_rescaling": Specimen(
        bytes_rescaled,
        lambda: (255 * images()).astype(np.uint8),
        "conv",
        forward=after_rescaling,
        split=split_bytes,
    ),
    "segmentation": Specimen(u_net, images, "bottleneck", head="function", target=left_half),
    "any_size": Specimen(any_size, images, "conv"),
    "mixed_float16": Specimen(half_precision, images, "norm", policy="mixed_float16"),
    "float64": Specimen(half_precision, images, "norm", policy="float64"),
    "vision_transformer": Specimen(transformer(attention), images, "norm_b", split=split_transformer),
    "own_attention": Specimen(transformer(own_attention), images, "norm_b", split=split_transformer),
    "own_transformer": Specimen(Transformer, images, "norm_b", split=Transformer.split),
    "siamese": Specimen(siamese, lambda: [images(), images(seed=6)], "tower/conv:1", split=split_siamese),
    "video": Specimen(video, clips, "conv"),
}
