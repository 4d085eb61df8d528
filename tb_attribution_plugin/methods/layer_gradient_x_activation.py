"""Gradient x activation: what a model that is linear behind a layer adds for each of the layer's units."""

from __future__ import annotations

import dataclasses
from typing import ClassVar

import tensorflow as tf

from tb_attribution_plugin.attribution import Attribution
from tb_attribution_plugin.methods.arguments import check_layer
from tb_attribution_plugin.methods.contract import Model
from tb_attribution_plugin.methods.rows import Structure


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class LayerGradientXActivation:
    """A layer's output times the gradient of the explained scalar there.

        scores = y * d f / d y,    y the layer's output, [B, ...]

    Shrikumar et al., 2016, sec. 3 (arXiv:1605.01713), at a layer instead of the input. Where all that follows is linear
    the scores add up to f(x) but for its biases. For vectors of token ids they are summed over the embedding axis.
    One evaluation, forward and backward to the layer. It misleads where units saturate or cancel behind the layer: a
    gradient at one place does not see it, and a unit whose activation is 0 scores 0, whatever its absence says.

    Attributes:
      layer: any layer on the way to the explained output: "dense", "backbone/conv5", "shared:1" for the second call of
        a layer used twice.
    """

    layer: str

    name: ClassVar[str] = "layer_gradient_x_activation"
    error_kind: ClassVar[str] = "none"
    additive: ClassVar[bool] = True
    class_sensitive: ClassVar[bool] = True
    weight_sensitive: ClassVar[bool] = True

    def __post_init__(self) -> None:
        check_layer(self.layer)

    @property
    def signed(self) -> bool:
        return True

    def cost(self) -> int:
        return 1

    def __call__(self, model: Model, inputs: Structure) -> Attribution:
        layer = model.layer(self.layer)
        values, output, gradient = model.tap(inputs, layer)
        nothing = tf.fill(tf.shape(values), float("nan"))
        return Attribution(
            scores=model.onto_places(layer, output * gradient),
            residual=nothing,
            outputs=values,
            baseline_outputs=nothing,
            evaluations=tf.ones_like(values),
        )
