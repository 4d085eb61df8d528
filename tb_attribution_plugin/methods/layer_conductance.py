"""Conductance: how much of a change of the output flows through each unit of a layer."""

from __future__ import annotations

import dataclasses
from typing import Any, ClassVar

import numpy as np
import tensorflow as tf

from tb_attribution_plugin.attribution import Attribution
from tb_attribution_plugin.methods import baselines, quadrature, rows
from tb_attribution_plugin.methods.arguments import check_choice, check_layer, is_whole
from tb_attribution_plugin.methods.contract import Model
from tb_attribution_plugin.methods.rows import Structure
from tb_attribution_plugin.methods.straight import along, start_of, starts_of, total, values_at

RULES = ("trapezoid", "earlier_point")


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class LayerConductance:
    """Integrated Gradients of the input, told apart by the unit of a layer that they flow through.

        scores = integral over a in [0, 1] of d f / d y * d y / d a,    y the layer's output at x0 + a (x - x0)

    Dhamdhere, Sundararajan and Yan, 2018, eq. 2 and 3 (arXiv:1805.12233). The derivative of y along the path is never
    formed: with y_k and g_k the output and the gradient at `steps` + 1 evenly spaced points it is the trapezoid

        sum over k of (g_k + g_k+1) / 2 * (y_k+1 - y_k),

    whose error falls with 1 / steps^2. The residual is the completeness gap, f(x) - f(x0) - sum of scores; what goes
    around the layer (a skip connection) is no part of the scores and so is part of the gap. Several baselines are
    averaged over; for vectors of token ids the scores are summed over the embedding axis. It misleads as its baseline
    does, and where units of one layer cancel: two large scores of opposite signs may say nothing together.

    Attributes:
      layer: any layer on the way to the explained output: "dense", "backbone/conv5", "shared:1" for the second call of
        a layer used twice.
      steps: intervals of the path to each baseline. Cost is `steps` + 1 gradients down to the layer and a forward
        evaluation per example and baseline, and one for f(x).
      baseline: x0, in the units of the inputs; "auto" is resolved from the probe (baselines.py).
      rule: "trapezoid", or "earlier_point" for captum's sum: g_k * (y_k+1 - y_k), between `steps` + 1 Gauss-Legendre
        nodes, so that the ends of the path are left out.
    """

    layer: str
    steps: int = 16
    baseline: Any = "auto"
    rule: str = "trapezoid"

    name: ClassVar[str] = "layer_conductance"
    error_kind: ClassVar[str] = "gap"
    additive: ClassVar[bool] = True
    class_sensitive: ClassVar[bool] = True
    weight_sensitive: ClassVar[bool] = True

    def __post_init__(self) -> None:
        check_layer(self.layer)
        if not is_whole(self.steps, 1):
            raise ValueError(f"steps must be a whole number, at least 1; got {self.steps!r}")
        check_choice("rule", self.rule, RULES)

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
        ends = model.features(inputs)
        starts = starts_of(model, baseline, ends)
        nodes = tf.constant(self._nodes(), tf.float32)
        values = model.values(inputs)

        def at(row: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            example, path, node = row % examples, row // examples % paths, tf.gather(nodes, row // (paths * examples))
            start = start_of(starts, example, path)
            row_model, row_inputs = model.take(inputs, example)
            features = tf.nest.map_structure(
                lambda s, e: s + along(node, s) * (e - s), start, rows.gather(ends, example)
            )
            return row_model.tap(row_inputs, layer, features)[1:]

        def flow(before: tuple[tf.Tensor, tf.Tensor], after: tuple[tf.Tensor, tf.Tensor]) -> tf.Tensor:
            (start, first), (end, second) = before, after
            return (first if self.rule == "earlier_point" else (first + second) / 2) * (end - start) / paths

        baseline_outputs = values_at(model, inputs, starts, paths)
        group = tf.range(paths * examples) % examples
        scores = rows.summed_changes(at, flow, group, self.steps + 1, examples, model.batch_size)
        return Attribution(
            scores=model.onto_places(layer, scores),
            residual=values - baseline_outputs - total(scores),
            outputs=values,
            baseline_outputs=baseline_outputs,
            evaluations=tf.fill((examples,), float(paths * (self.steps + 2) + 1)),
        )

    def _nodes(self) -> np.ndarray:
        if self.rule == "earlier_point":
            return quadrature.rule("gauss_legendre", self.steps + 1)[0]
        return quadrature.rule("trapezoid", self.steps + 1)[0]
