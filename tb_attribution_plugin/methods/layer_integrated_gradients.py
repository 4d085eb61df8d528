"""Integrated Gradients between a layer's output at a baseline and at the input."""

from __future__ import annotations

import dataclasses
from typing import Any, ClassVar

import tensorflow as tf

from tb_attribution_plugin.attribution import Attribution
from tb_attribution_plugin.methods import baselines, quadrature, rows
from tb_attribution_plugin.methods.arguments import check_layer
from tb_attribution_plugin.methods.contract import Model
from tb_attribution_plugin.methods.rows import Structure
from tb_attribution_plugin.methods.straight import along, start_of, starts_of, total


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class LayerIntegratedGradients:
    """Integrates the gradient along the straight path between two outputs of a layer.

        scores = (y(x) - y(x0)) * integral over a in [0, 1] of d f / d y at y(x0) + a (y(x) - y(x0))

    Sundararajan, Taly and Yan, 2017, eq. 1 (arXiv:1703.01365), in the space of the layer's output y, as in captum.
    Everything else stays as it is at x: what goes around the layer (a skip connection), masks and positions. So f(x0)
    means f with y(x0) in place of the layer's output, and the residual, the completeness gap f(x) - f(x0) - sum of
    scores, is that of the quadrature alone. Several baselines are averaged over; for vectors of token ids the scores
    are summed over the embedding axis. It misleads as its baseline does, and where the path leaves what the layer can
    give, as between two outputs of a ReLU that are active for different units.

    Attributes:
      layer: any layer on the way to the explained output: "dense", "backbone/conv5", "shared:1" for the second call of
        a layer used twice.
      steps: points on the path to each baseline. Cost is `steps` gradients down to the layer and two forward
        evaluations per example and baseline, and one for f(x).
      rule: "gauss_legendre" (exact to degree 2 steps - 1), "trapezoid" or "midpoint".
      baseline: x0, in the units of the inputs; "auto" is resolved from the probe (baselines.py).
    """

    layer: str
    steps: int = 16
    rule: str = "gauss_legendre"
    baseline: Any = "auto"

    name: ClassVar[str] = "layer_integrated_gradients"
    error_kind: ClassVar[str] = "gap"
    additive: ClassVar[bool] = True
    class_sensitive: ClassVar[bool] = True
    weight_sensitive: ClassVar[bool] = True

    def __post_init__(self) -> None:
        check_layer(self.layer)
        quadrature.rule(self.rule, self.steps)

    @property
    def signed(self) -> bool:
        return True

    def cost(self) -> int:
        paths = self.baseline.count if isinstance(self.baseline, baselines.Points) else 1
        return paths * (self.steps + 2) + 1

    def __call__(self, model: Model, inputs: Structure) -> Attribution:
        layer = model.layer(self.layer)
        baseline = baselines.resolve(self.baseline, inputs, ids=model.takes_ids(inputs))
        paths, examples = baseline.count, tf.nest.flatten(inputs)[0].shape[0]
        starts = starts_of(model, baseline, model.features(inputs))
        nodes, weights = (tf.constant(array, tf.float32) for array in quadrature.rule(self.rule, self.steps))
        values, end = model.activations(inputs, layer)

        def begin(row: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            row_model, row_inputs = model.take(inputs, row % examples)
            _, output = row_model.activations(row_inputs, layer, start_of(starts, row % examples, row // examples))
            return output, row_model.replaced(row_inputs, layer, output)[0]

        begins, begin_values = rows.mapped(begin, paths * examples, model.batch_size)

        def weighted(row: tf.Tensor) -> tf.Tensor:
            example, point, path = row % examples, (row // examples) % self.steps, row // (examples * self.steps)
            start = tf.gather(begins, path * examples + example)
            difference = tf.gather(end, example) - start
            row_model, row_inputs = model.take(inputs, example)
            at = start + along(tf.gather(nodes, point), start) * difference
            _, gradient = row_model.replaced(row_inputs, layer, at)
            return along(tf.gather(weights, point) / paths, start) * difference * gradient

        count = paths * self.steps * examples
        scores = rows.summed(weighted, tf.range(count) % examples, examples, model.batch_size)
        baseline_outputs = tf.reduce_mean(tf.reshape(begin_values, (paths, examples)), 0)
        return Attribution(
            scores=model.onto_places(layer, scores),
            residual=values - baseline_outputs - total(scores),
            outputs=values,
            baseline_outputs=baseline_outputs,
            evaluations=tf.fill((examples,), float(paths * (self.steps + 2) + 1)),
        )
