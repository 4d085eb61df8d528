"""HiResCAM: a layer's output times the gradient there, cell by cell."""

from __future__ import annotations

import dataclasses
from typing import ClassVar

import tensorflow as tf

from tb_attribution_plugin.attribution import Attribution
from tb_attribution_plugin.methods.activation_map import activation_map
from tb_attribution_plugin.methods.contract import Model
from tb_attribution_plugin.methods.rows import Structure


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class HiResCAM:
    """Class activation map whose every cell is what the layer adds there.

        scores = sum over channels c of A_c * d f / d A_c

    Draelos and Carin, 2020, eq. 3 (arXiv:2011.08891), without the final ReLU (activation_map.py). Where Flatten and one
    Dense layer follow, the cells add up to the logit but for the bias; Grad-CAM, which averages the gradient, can point
    at cells that the model does not use.

    It misleads where more than one layer follows: cells then do not add up to the logit, and a unit that saturates
    behind the layer hides what it has seen.

    Attributes:
      layer: name ("conv5", "backbone/conv5", "shared:1" for the second call of a layer used twice). None is the deepest
        float layer on the target's path with a grid larger than 1 x 1, after its activation.
    """

    layer: str | None = None

    name: ClassVar[str] = "hires_cam"
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
    del grid  # each cell has a weight of its own
    return gradients * activations
