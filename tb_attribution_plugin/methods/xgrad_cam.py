"""XGradCAM: a layer's channels, weighted by the gradient where they are active."""

from __future__ import annotations

import dataclasses
from typing import ClassVar

import tensorflow as tf

from tb_attribution_plugin.attribution import Attribution
from tb_attribution_plugin.methods.activation_map import activation_map
from tb_attribution_plugin.methods.contract import Model
from tb_attribution_plugin.methods.rows import Structure


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class XGradCAM:
    """Class activation map that is most sensitive and closest to conserving the score.

        scores = sum over channels c of A_c * sum over the grid of (A_c / sum over the grid of A_c) * d f / d A_c

    Fu et al., 2020, eq. 8 (arXiv:2008.02312), without the final ReLU (activation_map.py). A channel that sums to 0 has
    the weight 0.

    It misleads where a channel has both signs: its sum, by which its weight is divided, may be near 0, and as in
    Grad-CAM one weight holds for all cells.

    Attributes:
      layer: name ("conv5", "backbone/conv5", "shared:1" for the second call of a layer used twice). None is the deepest
        float layer on the target's path with a grid larger than 1 x 1, after its activation.
    """

    layer: str | None = None

    name: ClassVar[str] = "xgrad_cam"
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
    weights = tf.math.divide_no_nan(
        tf.reduce_sum(gradients * activations, grid, keepdims=True), tf.reduce_sum(activations, grid, keepdims=True)
    )
    return weights * activations
