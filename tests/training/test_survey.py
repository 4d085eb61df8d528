"""What one trace shows: on which layer a class activation map is drawn, and what kind of output a model has."""

from __future__ import annotations

import re
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

import tb_attribution_plugin as tba
from tb_attribution_plugin.methods.targets import Head
from tb_attribution_plugin.training.keras_model import KerasModel
from tb_attribution_plugin.training.survey import survey

L = keras.layers
IMAGE = (2, 8, 8, 3)


def default_layer(model: keras.Model, shape: tuple[int, ...] = IMAGE, dtype: Any = tf.float32) -> str:
    model(tf.zeros(shape, dtype))
    return survey(model, tf.zeros(shape, dtype)).default_layer()


@pytest.mark.parametrize(
    ("layers", "expected"),
    [
        ([L.Conv2D(4, 3, name="c"), L.ReLU(name="r"), L.Flatten(), L.Dense(2)], "r"),
        ([L.Conv2D(4, 3, activation="relu", name="c"), L.Flatten(), L.Dense(2)], "c"),
        (
            [
                L.Conv2D(4, 3, name="c"),
                L.Activation("relu", name="r"),
                L.MaxPooling2D(),
                L.Dropout(0.2),
                L.Flatten(),
                L.Dense(2),
            ],
            "r",
        ),
        (
            [
                L.Conv2D(4, 3),
                L.BatchNormalization(),
                L.ReLU(name="r"),
                L.SpatialDropout2D(0.2),
                L.GlobalMaxPooling2D(),
                L.Dense(2),
            ],
            "r",
        ),
        ([L.Conv2D(4, 3, name="c"), L.ZeroPadding2D(), L.Cropping2D(), L.Identity(), L.Flatten(), L.Dense(2)], "c"),
        ([L.Conv2D(4, 3, name="c"), L.Conv2D(4, 6, name="one_cell"), L.Flatten(), L.Dense(2)], "c"),
        (
            [
                L.Rescaling(1 / 255),
                L.Conv2D(4, 3, name="c"),
                L.Reshape((9, 16)),
                L.GlobalAveragePooling1D(),
                L.Dense(2),
            ],
            "c",
        ),
        ([L.Conv2D(4, 3, name="c"), L.Flatten(), L.Dense(2), L.Softmax()], "c"),
    ],
    ids=["relu layer", "fused", "pool and dropout", "batchnorm", "padding", "one cell", "reshape", "softmax layer"],
)
def test_the_deepest_grid_after_its_activation(layers: list[Any], expected: str) -> None:
    assert default_layer(keras.Sequential(layers)) == expected


def test_a_skip_connection_is_drawn_after_the_sum() -> None:
    inputs = keras.Input((8, 8, 3))
    first = L.Conv2D(4, 3, padding="same", name="first")(inputs)
    second = L.Conv2D(4, 3, padding="same", activation="relu", name="second")(first)
    added = L.Add(name="added")([first, second])
    outputs = L.Dense(2)(L.GlobalAveragePooling2D()(L.ReLU(name="last")(added)))
    assert default_layer(keras.Model(inputs, outputs)) == "last"


def test_a_side_branch_that_no_output_needs_is_not_drawn() -> None:
    class TwoBranches(keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.used = L.Conv2D(4, 3, name="used")
            self.unused = L.Conv2D(4, 3, name="unused")
            self.head = L.Dense(2)

        def call(self, x: tf.Tensor) -> tf.Tensor:
            features = self.used(x)
            self.unused(features)
            return self.head(tf.reduce_mean(features, (1, 2)))

    model = TwoBranches()
    model(tf.zeros(IMAGE))
    assert default_layer(model) == "used"


def test_mobilenet_v2_is_drawn_after_its_last_relu() -> None:
    model = keras.applications.MobileNetV2((64, 64, 3), weights=None, alpha=0.35, classes=3)
    assert default_layer(model, (1, 64, 64, 3)) == "out_relu"


@pytest.mark.once
@pytest.mark.parametrize(
    ("family", "side", "expected"),
    [
        ("VGG16", 32, "block5_conv3"),
        ("ResNet50", 64, "conv5_block3_out"),
        ("ResNet50V2", 64, "post_relu"),
        ("MobileNetV3Small", 64, r"activation_\d+"),
        ("EfficientNetB0", 64, "top_activation"),
        ("DenseNet121", 64, "relu"),
        ("ConvNeXtTiny", 64, r"add_\d+"),
    ],
)
def test_families_of_keras_applications_are_drawn_at_what_is_pooled(family: str, side: int, expected: str) -> None:
    model = getattr(keras.applications, family)(input_shape=(side, side, 3), weights=None, classes=3)
    name = default_layer(model, (1, side, side, 3))
    assert re.fullmatch(expected, name)
    (drawn,) = (operation for operation in model.operations if operation.name == name)
    assert drawn.output.shape[1:3] == (2, 2)
    assert any("Pooling" in type(layer).__name__ and layer.input is drawn.output for layer in model.layers)


def test_a_backbone_in_a_sequential_model_is_drawn_inside() -> None:
    inputs = keras.Input((8, 8, 3))
    x = L.Conv2D(4, 3, name="conv5")(inputs)
    backbone = keras.Model(inputs, L.GlobalAveragePooling2D()(L.ReLU(name="relu5")(x)), name="backbone")
    assert default_layer(keras.Sequential([backbone, L.Dropout(0.5), L.Dense(2)])) == "backbone/relu5"


def test_residual_blocks_are_drawn_after_the_last_one() -> None:
    inputs = keras.Input((16, 16, 3))
    x = L.Conv2D(4, 3, padding="same")(inputs)
    for block in (1, 2):
        y = L.BatchNormalization()(L.Conv2D(4, 3, padding="same")(x))
        y = L.Conv2D(4, 3, padding="same")(L.ReLU()(y))
        x = L.Activation("relu", name=f"block{block}_out")(L.Add()([x, y]))
    model = keras.Model(inputs, L.Dense(3, activation="softmax")(L.GlobalAveragePooling2D()(x)))
    assert default_layer(model, (1, 16, 16, 3)) == "block2_out"


def u_net() -> keras.Model:
    inputs = keras.Input((8, 8, 3))
    down = L.Conv2D(4, 3, padding="same", activation="relu", name="down")(inputs)
    bottom = L.Conv2D(6, 3, padding="same", activation="relu", name="bottleneck")(L.MaxPooling2D()(down))
    up = L.Concatenate(name="skip")([L.UpSampling2D()(bottom), down])
    return keras.Model(inputs, L.Conv2D(2, 1, activation="softmax", name="per_pixel")(up))


def test_a_segmentation_is_drawn_at_its_bottleneck_for_a_callable_target() -> None:
    model = u_net()
    assert default_layer(model) == "bottleneck"
    x = np.random.default_rng(0).normal(size=IMAGE).astype(np.float32)
    found = tba.explain(model, x, "grad_cam", lambda y: tf.reduce_mean(y[..., 1], (1, 2)))
    assert found.scores.shape == (2, 4, 4, 1)
    np.testing.assert_allclose(found.outputs, model(x)[..., 1].numpy().mean((1, 2)), atol=1e-6)
    with pytest.raises(ValueError, match=r"not \[batch, columns\].*pass a callable"):
        tba.explain(model, x, "grad_cam", 1)


def test_a_sequence_is_drawn_on_its_one_axis() -> None:
    model = keras.Sequential([L.Conv1D(4, 3), L.ReLU(name="r"), L.GlobalAveragePooling1D(), L.Dense(2)])
    assert default_layer(model, (2, 10, 3)) == "r"


def test_a_model_without_a_grid_says_what_to_use() -> None:
    with pytest.raises(ValueError, match=r"no layer of the model has a spatial output .* IntegratedGradients"):
        default_layer(keras.Sequential([L.Dense(4), L.Dense(2)]), (2, 5))


def test_an_ambiguous_short_name_lists_the_paths() -> None:
    def part(name: str) -> keras.Model:
        inputs = keras.Input((8, 8, 3))
        return keras.Model(inputs, L.Conv2D(3, 3, padding="same", name="conv")(inputs), name=name)

    network = KerasModel(keras.Sequential([part("left"), part("right"), L.Flatten(), L.Dense(2)]), tf.zeros(IMAGE))
    with pytest.raises(ValueError, match=r"layer 'conv' is ambiguous; name one of \['left/conv', 'right/conv'\]"):
        network.layer("conv")
    assert network.layer("right/conv") == "right/conv"


@pytest.mark.parametrize(
    ("last", "loss", "expected"),
    [
        ([L.Dense(3, activation="softmax")], None, Head("classes", 3)),
        ([L.Dense(3), L.Softmax()], None, Head("classes", 3)),
        ([L.Dense(3)], None, Head("classes", 3)),
        ([L.Dense(3)], "mse", Head("values", 3)),
        ([L.Dense(3)], keras.losses.SparseCategoricalCrossentropy(from_logits=True), Head("classes", 3)),
        ([L.Dense(3, activation="sigmoid")], None, Head("labels", 3)),
        ([L.Dense(3)], keras.losses.BinaryCrossentropy(from_logits=True), Head("labels", 3)),
        ([L.Dense(1, activation="sigmoid")], None, Head("binary", 1)),
        ([L.Dense(1)], keras.losses.BinaryCrossentropy(from_logits=True), Head("binary", 1)),
        ([L.Dense(1)], "mse", Head("values", 1)),
        ([L.Dense(1)], None, Head("values", 1)),
        ([L.Dense(4), L.Reshape((2, 2))], None, Head("other", 0)),
    ],
)
def test_the_kind_of_output_from_the_graph_or_the_loss(last: list[Any], loss: Any, expected: Head) -> None:
    model = keras.Sequential([L.Input((5,)), *last])
    if loss is not None:
        model.compile(loss=loss)
    (head,) = survey(model, tf.zeros((2, 5))).heads
    assert (head.kind, head.units) == (expected.kind, expected.units)


def test_a_rejected_input_is_named_with_its_shape_and_the_cause() -> None:
    model = keras.Sequential([L.Input((8, 8, 3)), L.Conv2D(4, 3), L.Flatten(), L.Dense(2)], name="net")
    with pytest.raises(ValueError, match=r"model 'net' rejects the inputs \(float32\(2, 5, 5, 1\)\), or .*: .*shape"):
        survey(model, tf.zeros((2, 5, 5, 1)))


def test_a_call_that_cannot_be_traced_is_told_as_such_with_the_cause() -> None:
    class Model(keras.Model):
        def call(self, x: Any) -> Any:
            return x.numpy()

    model = Model(name="net")
    with pytest.raises(ValueError, match=r"model 'net' rejects .*, or its call cannot be traced in a graph: .*numpy"):
        survey(model, tf.zeros((2, 5)))
