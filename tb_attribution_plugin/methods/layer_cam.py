"""LayerCAM: a layer's output times the positive part of the gradient, cell by cell."""

from __future__ import annotations

import dataclasses
from typing import ClassVar

import tensorflow as tf

from tb_attribution_plugin.attribution import Attribution
from tb_attribution_plugin.methods.activation_map import activation_map
from tb_attribution_plugin.methods.contract import Model
from tb_attribution_plugin.methods.rows import Structure


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class LayerCAM:
    """Class activation map that stays sharp in early layers.

        scores = sum over channels c of A_c * max(d f / d A_c, 0)

    Jiang et al., 2021, eq. 5 and 6 (IEEE TIP 30, LayerCAM), without the final ReLU (activation_map.py).

    It misleads where evidence cancels: negative gradients are left out, so that a cell with as much against the target
    as for it looks like one that supports it.

    Attributes:
      layer: name ("conv5", "backbone/conv5", "shared:1" for the second call of a layer used twice). None is the deepest
        float layer on the target's path with a grid larger than 1 x 1, after its activation.
    """

    layer: str | None = None

    name: ClassVar[str] = "layer_cam"
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
    return tf.nn.relu(gradients) * activations
