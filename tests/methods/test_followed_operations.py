"""Which operations Keras makes, and that the rules of differences follow them: printed at every run."""

from __future__ import annotations

import collections
import inspect
from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

import tb_attribution_plugin as tba
from tb_attribution_plugin.methods import targets
from tb_attribution_plugin.methods.backward.differences import DIFFERENCES
from tb_attribution_plugin.methods.dataflow import ancestors, descendants
from tb_attribution_plugin.training.compiled import Compiled, Job
from tb_attribution_plugin.training.keras_model import KerasModel
from tb_attribution_plugin.training.resolution import resolved

pytestmark = pytest.mark.once

L = keras.layers
# One of each family of keras.applications: the others repeat its blocks.
FAMILIES = [
    "ConvNeXtTiny",
    "DenseNet121",
    "EfficientNetB0",
    "EfficientNetV2B0",
    "InceptionResNetV2",
    "InceptionV3",
    "MobileNet",
    "MobileNetV2",
    "MobileNetV3Small",
    "NASNetMobile",
    "ResNet50",
    "ResNet50V2",
    "VGG16",
    "Xception",
]
SIDE = 75
# What its constructor must be given; other layers take their defaults or are no layers of floats alone.
GIVEN: dict[str, dict[str, Any]] = {
    "AveragePooling1D": {"pool_size": 2}, "AveragePooling2D": {"pool_size": 2}, "AveragePooling3D": {"pool_size": 2},
    "BatchNormalization": {}, "ELU": {}, "Conv1D": {"filters": 2, "kernel_size": 2},
    "Conv2D": {"filters": 2, "kernel_size": 2}, "Conv3D": {"filters": 2, "kernel_size": 2},
    "Conv1DTranspose": {"filters": 2, "kernel_size": 2}, "Conv2DTranspose": {"filters": 2, "kernel_size": 2},
    "Conv3DTranspose": {"filters": 2, "kernel_size": 2}, "ConvLSTM2D": {"filters": 2, "kernel_size": 2},
    "Cropping1D": {}, "Cropping2D": {}, "Cropping3D": {}, "Dense": {"units": 3},
    "DepthwiseConv1D": {"kernel_size": 2}, "DepthwiseConv2D": {"kernel_size": 2}, "Dropout": {"rate": 0.5},
    "EinsumDense": {"equation": "ab,bc->ac", "output_shape": 3}, "Flatten": {}, "GaussianDropout": {"rate": 0.5},
    "GaussianNoise": {"stddev": 0.5}, "GlobalAveragePooling1D": {}, "GlobalAveragePooling2D": {},
    "GlobalAveragePooling3D": {}, "GlobalMaxPooling1D": {}, "GlobalMaxPooling2D": {}, "GlobalMaxPooling3D": {},
    "GroupNormalization": {"groups": 2}, "GRU": {"units": 2}, "LSTM": {"units": 2}, "LayerNormalization": {},
    "LeakyReLU": {}, "MaxPooling1D": {"pool_size": 2}, "MaxPooling2D": {"pool_size": 2},
    "MaxPooling3D": {"pool_size": 2}, "PReLU": {}, "Permute": {"dims": (2, 1)}, "ReLU": {}, "RepeatVector": {"n": 2},
    "Rescaling": {"scale": 0.5}, "Reshape": {"target_shape": (-1, 2)},
    "SeparableConv1D": {"filters": 2, "kernel_size": 2}, "SeparableConv2D": {"filters": 2, "kernel_size": 2},
    "SimpleRNN": {"units": 2}, "Softmax": {}, "SpatialDropout1D": {"rate": 0.5}, "SpatialDropout2D": {"rate": 0.5},
    "UnitNormalization": {}, "UpSampling1D": {}, "UpSampling2D": {}, "UpSampling3D": {}, "ZeroPadding1D": {},
    "ZeroPadding2D": {}, "ZeroPadding3D": {}, "ActivityRegularization": {}, "AlphaDropout": {"rate": 0.5},
    "Identity": {}, "Activation": {"activation": "mish"}, "CenterCrop": {"height": 3, "width": 3},
}  # fmt: skip
ACTIVATIONS = [
    "celu", "elu", "exponential", "gelu", "hard_shrink", "hard_sigmoid", "hard_silu", "hard_tanh", "leaky_relu",
    "linear", "log_sigmoid", "log_softmax", "mish", "relu", "relu6", "selu", "sigmoid", "silu", "softmax", "softplus",
    "softsign", "soft_shrink", "sparse_plus", "squareplus", "tanh", "tanh_shrink",
]  # fmt: skip


def types_on_the_way(model: Any, shape: tuple[int, ...]) -> set[str]:
    function = tf.function(lambda x: tf.reduce_sum(model(x, training=False)), autograph=False)
    graph = function.get_concrete_function(tf.TensorSpec((2, *shape))).graph
    start, (end,) = graph.inputs[0], graph.outputs
    between = descendants([start]) & ancestors([end])
    return {op.type for op in graph.get_operations() if id(op) in between and op.type != "Placeholder"}


def layers() -> Iterator[tuple[str, Any, tuple[int, ...]]]:
    """Every layer above on the input of fewest axes that it takes."""
    for name, arguments in GIVEN.items():
        if not hasattr(L, name):
            continue  # newer than the lowest version
        for shape in ((4,), (4, 2), (4, 4, 2), (4, 4, 4, 2)):
            try:
                model = keras.Sequential([keras.Input(shape), getattr(L, name)(**arguments)])
                model(tf.zeros((2, *shape)))
            except Exception:  # it wants other axes
                continue
            yield name, model, shape
            break


def test_every_layer_and_activation_of_keras_adds_up(capsys: pytest.CaptureFixture[str]) -> None:
    random = np.random.default_rng(0)
    followed, refused = [], {}
    cases = list(layers())
    for name in ACTIVATIONS:
        if hasattr(keras.activations, name):
            cases.append((name, keras.Sequential([keras.Input((4,)), L.Activation(name)]), (4,)))
    for name, model, shape in cases:
        x, baseline = random.normal(size=(2, 3, *shape)).astype(np.float32)
        weights = random.normal(size=model.compute_output_shape((1, *shape))[1:]).astype(np.float32)

        def target(outputs: tf.Tensor, weights: Any = weights) -> tf.Tensor:
            return tf.reduce_sum(outputs * weights, range(1, outputs.shape.rank))

        try:
            found = tba.explain(model, x, tba.methods.DeepLIFT(baseline=baseline), target)
        except ValueError as error:
            refused[name] = str(error)
            continue
        followed.append(name)
        size = np.abs(found.scores).sum() + 1e-6
        assert np.abs(found.residual).max() < 1e-5 * size, name
    with capsys.disabled():
        print(f"\nfollowed: {len(followed)} layers and activations; refused: {refused}")
    assert not refused
    assert len(followed) > 70
    known = {name for name, kind in vars(L).items() if inspect.isclass(kind) and issubclass(kind, L.Layer)}
    with capsys.disabled():
        print(f"layers that are not tried here: {', '.join(sorted(known - set(GIVEN)))}")


def test_operations_of_keras_applications_have_rules(capsys: pytest.CaptureFixture[str]) -> None:
    counted: collections.Counter[str] = collections.Counter()
    for name in FAMILIES:
        model = getattr(keras.applications, name)(weights=None, classes=3, input_shape=(SIDE, SIDE, 3))
        counted.update(types_on_the_way(model, (SIDE, SIDE, 3)))
        keras.backend.clear_session()
    nested = {"PartitionedCall", "StatefulPartitionedCall"}  # what they call is followed
    without = set(counted) - set(DIFFERENCES.table) - nested
    with capsys.disabled():
        print(f"\noperations of {len(FAMILIES)} applications, with the number of those that have them:")
        print("  " + ", ".join(f"{name} {count}" for name, count in counted.most_common()))
    assert without == set()


def vision_transformer() -> Any:
    images = keras.Input((32, 32, 3))
    x = L.Reshape((16, 24))(L.Conv2D(24, 8, 8)(images))
    for _ in range(2):
        normal = L.LayerNormalization()(x)
        x = x + L.MultiHeadAttention(3, 8)(normal, normal)
        x = x + L.Dense(24)(L.Dense(48, activation="gelu")(L.LayerNormalization()(x)))
    return keras.Model(images, L.Dense(3, activation="softmax")(L.GlobalAveragePooling1D()(x)))


@pytest.mark.parametrize("name", ["MobileNetV2", "EfficientNetB0", "ConvNeXtTiny", "vision_transformer"])
def test_scores_add_up_before_and_after_a_short_fit(name: str) -> None:
    keras.utils.set_random_seed(7)
    options = {"weights": None, "classes": 3, "input_shape": (32, 32, 3)}
    model = vision_transformer() if name == "vision_transformer" else getattr(keras.applications, name)(**options)
    random = np.random.default_rng(7)
    images = random.uniform(0, 255, (16, 32, 32, 3)).astype(np.float32)
    labels = random.integers(0, 3, 16)
    inputs = tf.constant(images[:2])
    network = KerasModel(model, inputs)
    method = resolved(tba.methods.DeepSHAP(background=images[8:10]), network, inputs)
    target = targets.resolve(labels[:2], network.heads, examples=2)
    explained = Compiled(network, inputs, {"deep_shap": Job(method, target)})
    model.compile(keras.optimizers.SGD(1e-3), "sparse_categorical_crossentropy")
    for _ in range(2):
        found = explained().attributions["deep_shap"]
        size = np.abs(found.scores).sum((1, 2, 3))
        assert np.all(size > 0)
        rounding = 5e-6 * np.abs(found.outputs)  # an untrained network may differ by less than that
        assert np.all(np.abs(found.residual) < 1e-4 * size + rounding)
        model.fit(images, labels, batch_size=8, epochs=2, verbose=0)
