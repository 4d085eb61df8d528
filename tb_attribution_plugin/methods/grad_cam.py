"""Grad-CAM: a layer's channels, weighted by their mean gradient."""

from __future__ import annotations

import dataclasses
from typing import ClassVar

import tensorflow as tf

from tb_attribution_plugin.attribution import Attribution
from tb_attribution_plugin.methods.activation_map import activation_map
from tb_attribution_plugin.methods.contract import Model
from tb_attribution_plugin.methods.rows import Structure


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class GradCAM:
    """Class activation map of a convolutional layer.

        scores = sum over channels c of A_c * mean over the grid of d f / d A_c

    Selvaraju et al., 2017, eq. 1 and 2 (arXiv:1610.02391), without the final ReLU (activation_map.py).

    It misleads where the gradient changes from place to place: the mean then marks cells which the model does not use,
    and on a coarse grid a cell stands for all that lies below it.

    Attributes:
      layer: name ("conv5", "backbone/conv5", "shared:1" for the second call of a layer used twice). None is the deepest
        float layer on the target's path with a grid larger than 1 x 1, after its activation.
    """

    layer: str | None = None

    name: ClassVar[str] = "grad_cam"
    error_kind: ClassVar[str] = "none"
    additive: ClassVar[bool] = False
    class_sensitive: ClassVar[bool] = True
    weight_sensitive: ClassVar[bool] = True

    @property
    def signed(self) -> bool:
        return True

    def cost(self) -> int:
        return 1

    def __call__(self, model: Model, inputs: Structure) -> Attribution:
        return activation_map(model, inputs, self.layer, _weighted)


def _weighted(activations: tf.Tensor, gradients: tf.Tensor, grid: list[int]) -> tf.Tensor:
    return tf.reduce_mean(gradients, grid, keepdims=True) * activations
