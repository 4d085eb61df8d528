"""What class activation maps share: a layer's output and the target's gradient there become one map."""

from __future__ import annotations

from collections.abc import Callable

import tensorflow as tf

from tb_attribution_plugin.attribution import Attribution
from tb_attribution_plugin.methods.contract import Model
from tb_attribution_plugin.methods.rows import Structure

# Activations and gradients, each [B, *grid, C], and the axes of the grid -> channels of the map, [B, *grid, C].
Weigh = Callable[[tf.Tensor, tf.Tensor, list[int]], tf.Tensor]


def activation_map(model: Model, inputs: Structure, layer: str | None, weigh: Weigh) -> Attribution:
    """Scores [B, *grid, 1] on the layer's own grid: the sum over channels of what `weigh` makes of them.

    No ReLU is applied: early in training many maps are negative everywhere and would be stored as nothing. The page
    applies it, and can leave it out.

    Raises:
      ValueError: the layer's output has no grid, or one of a single cell.
    """
    on_grid = model.grid(model.layer(layer))
    values, *at_layer = model.tap(inputs, layer)
    activations, gradients = map(on_grid, at_layer)
    grid = list(range(1, activations.shape.rank - 1))
    nothing = tf.fill(tf.shape(values), float("nan"))
    return Attribution(
        scores=tf.reduce_sum(weigh(activations, gradients, grid), -1, keepdims=True),
        residual=nothing,
        outputs=values,
        baseline_outputs=nothing,
        evaluations=tf.ones_like(values),
    )
