"""Grad-CAM++: a layer's channels, weighted by their positive gradients."""

from __future__ import annotations

import dataclasses
import math
from typing import ClassVar

import tensorflow as tf

from tb_attribution_plugin.attribution import Attribution
from tb_attribution_plugin.methods.activation_map import activation_map
from tb_attribution_plugin.methods.arguments import is_number
from tb_attribution_plugin.methods.contract import Model
from tb_attribution_plugin.methods.rows import Structure


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class GradCAMPlusPlus:
    """Class activation map for several objects of one class.

        scores = sum over channels c of A_c * sum over the grid of a_c * max(g_c, 0)
        a_c = g_c^2 / (2 g_c^2 + g_c^3 * sum over the grid of A_c + epsilon),    g_c = d f / d A_c

    Chattopadhyay et al., 2018, eq. 10 and 19 (arXiv:1710.11063), without the final ReLU (activation_map.py). Theirs
    has no epsilon: it lets gradients below its root vanish, by 1 to 2% of a map while a network learns.

    It misleads about what speaks against the target: negative gradients are left out, and channels that lower the score
    are not shown as such.

    Attributes:
      layer: name ("conv5", "backbone/conv5", "shared:1" for the second call of a layer used twice). None is the deepest
        float layer on the target's path with a grid larger than 1 x 1, after its activation.
      epsilon: pytorch-grad-cam adds 1e-6.
    """

    layer: str | None = None
    epsilon: float = 0.0

    name: ClassVar[str] = "grad_cam_plus_plus"
    error_kind: ClassVar[str] = "none"
    additive: ClassVar[bool] = False
    class_sensitive: ClassVar[bool] = True
    weight_sensitive: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if not (is_number(self.epsilon) and 0 <= self.epsilon < math.inf):
            raise ValueError(f"epsilon must be a number, at least 0; got {self.epsilon!r}")

    @property
    def signed(self) -> bool:
        return True

    def cost(self) -> int:
        return 1

    def __call__(self, model: Model, inputs: Structure) -> Attribution:
        def weighted(activations: tf.Tensor, gradients: tf.Tensor, grid: list[int]) -> tf.Tensor:
            total = tf.reduce_sum(activations, grid, keepdims=True)
            positive = tf.nn.relu(gradients)
            # g^2 is cancelled: cubes of small gradients are no float32.
            below = 2 + total * positive + tf.math.divide_no_nan(self.epsilon, positive**2)
            return tf.reduce_sum(tf.math.divide_no_nan(positive, below), grid, keepdims=True) * activations

        return activation_map(model, inputs, self.layer, weighted)
