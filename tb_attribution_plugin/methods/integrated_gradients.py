"""Integrated Gradients along the straight path from a baseline."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Hashable
from typing import Any, ClassVar

import tensorflow as tf

from tb_attribution_plugin.attribution import Attribution
from tb_attribution_plugin.methods import baselines, nested, quadrature, rows
from tb_attribution_plugin.methods.arguments import is_number
from tb_attribution_plugin.methods.contract import Model
from tb_attribution_plugin.methods.rows import Structure
from tb_attribution_plugin.methods.straight import along, start_of, starts_of, total, values_at


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class IntegratedGradients:
    """Integrates the gradient along the straight path from a baseline.

        scores = (x - x0) * integral over a in [0, 1] of grad f(x0 + a (x - x0))

    Sundararajan, Taly and Yan, 2017, eq. 1 (arXiv:1703.01365). Several baselines are averaged over. For token ids the
    path runs between embeddings, and scores are summed over the embedding axis. The residual is the completeness gap,
    f(x) - f(x0) - sum of scores; with `tolerance` it is sum |a - b| / sum |a| for the maps a and b of the last two
    rules, and `errors` are |a - b|.

    It misleads where the baseline means something: a feature that equals it scores 0 whatever it says, another baseline
    gives another map, and a small gap says that the scores add up, not that they are divided rightly.

    Attributes:
      steps: points on the path to each baseline. Cost is `steps` gradients per example and baseline, with `tolerance`
        at the least about that.
      rule: "gauss_legendre" (exact to degree 2 steps - 1), "trapezoid" or "midpoint".
      baseline: x0, in the units of the inputs; "auto" is resolved from the probe (baselines.py).
      tolerance: 0.01 for a map that changes by at most 1% of its sum of magnitudes: replaces `rule` by midpoints, three
        times as many for the examples that need it, at most 27 times; None leaves it at `steps`.
    """

    steps: int = 16
    rule: str = "gauss_legendre"
    baseline: Any = "auto"
    tolerance: float | None = None

    name: ClassVar[str] = "integrated_gradients"
    additive: ClassVar[bool] = True
    class_sensitive: ClassVar[bool] = True
    weight_sensitive: ClassVar[bool] = True

    def __post_init__(self) -> None:
        quadrature.rule(self.rule, self.steps)
        if self.tolerance is not None and not (is_number(self.tolerance) and 0 < self.tolerance < math.inf):
            raise ValueError(f"tolerance must be a number above 0, as 0.01 for 1%, or None; got {self.tolerance!r}")

    @property
    def error_kind(self) -> str:
        return "gap" if self.tolerance is None else "map_difference"

    @property
    def signed(self) -> bool:
        return True

    @property
    def shares(self) -> Hashable:
        """All that the path depends on; None before its baseline is resolved."""
        return self._path(self.baseline) if isinstance(self.baseline, baselines.Points) else None

    def cost(self) -> int:
        paths = self.baseline.count if isinstance(self.baseline, baselines.Points) else 1
        return paths * ((self.steps if self.tolerance is None else 3 * self._cells) + 1) + 1

    def __call__(self, model: Model, inputs: Structure) -> Attribution:
        baseline = baselines.resolve(self.baseline, inputs, ids=model.takes_ids(inputs))
        return model.once(self._path(baseline), inputs, lambda: self._integrated(model, inputs, baseline))

    def _path(self, baseline: baselines.Points) -> Hashable:
        return self.name, self.steps, self.rule, self.tolerance, baseline.key

    def _integrated(self, model: Model, inputs: Structure, baseline: baselines.Points) -> Attribution:
        paths, examples = baseline.count, tf.nest.flatten(inputs)[0].shape[0]
        ends = model.features(inputs)
        starts = starts_of(model, baseline, ends)
        nodes, weights = (tf.constant(array, tf.float32) for array in quadrature.rule(self.rule, self.steps))
        values = model.values(inputs)

        def integrand(example: tf.Tensor, path: tf.Tensor, node: tf.Tensor) -> Structure:
            start = start_of(starts, example, path)
            difference = tf.nest.map_structure(tf.subtract, rows.gather(ends, example), start)
            at = tf.nest.map_structure(lambda s, d: s + along(node, d) * d, start, difference)
            row_model, row_inputs = model.take(inputs, example)
            _, gradients = row_model.gradients(row_inputs, at)
            return tf.nest.map_structure(tf.multiply, gradients, difference)

        baseline_outputs = values_at(model, inputs, starts, paths)
        if self.tolerance is not None:
            return self._refined(self.tolerance, model, integrand, values, baseline_outputs, paths)

        def weighted(row: tf.Tensor) -> Structure:
            point = (row // examples) % self.steps
            found = integrand(row % examples, row // (examples * self.steps), tf.gather(nodes, point))
            weight = tf.gather(weights, point) / paths
            return tf.nest.map_structure(lambda t: along(weight, t) * t, found)

        count = paths * self.steps * examples
        scores = rows.summed(weighted, tf.range(count) % examples, examples, model.batch_size)
        return Attribution(
            scores=model.onto_inputs(scores),
            residual=values - baseline_outputs - total(scores),
            outputs=values,
            baseline_outputs=baseline_outputs,
            evaluations=tf.fill((examples,), float(paths * (self.steps + 1) + 1)),
        )

    @property
    def _cells(self) -> int:
        """Of the coarser rule of the first pair: the finer one has at most `steps` points where that is 3 or more."""
        return max(1, self.steps // 3)

    def _refined(
        self,
        tolerance: float,
        model: Model,
        integrand: Callable[[tf.Tensor, tf.Tensor, tf.Tensor], Structure],
        values: tf.Tensor,
        baseline_outputs: tf.Tensor,
        paths: int,
    ) -> Attribution:
        def errors(fine: Structure, coarse: Structure) -> Structure:
            difference = model.onto_inputs(tf.nest.map_structure(tf.subtract, fine, coarse))
            return tf.nest.map_structure(tf.abs, difference)

        def change(fine: Structure, coarse: Structure) -> tf.Tensor:
            size = total(tf.nest.map_structure(tf.abs, model.onto_inputs(fine)))
            return tf.math.divide_no_nan(total(errors(fine, coarse)), size)

        found = nested.integral(
            integrand,
            change,
            examples=values.shape[0],
            paths=paths,
            cells=self._cells,
            tolerance=tolerance,
            batch_size=model.batch_size,
        )
        return Attribution(
            scores=model.onto_inputs(found.fine),
            residual=change(found.fine, found.coarse),
            outputs=values,
            baseline_outputs=baseline_outputs,
            errors=errors(found.fine, found.coarse),
            evaluations=tf.cast(paths * (found.points + 1) + 1, tf.float32),
        )
