"""Integrated Gradients along the straight path from a baseline."""

from __future__ import annotations

import dataclasses
from typing import Any, ClassVar

import tensorflow as tf

from tb_attribution_plugin.attribution import Attribution
from tb_attribution_plugin.methods import baselines, quadrature, rows
from tb_attribution_plugin.methods.contract import Model
from tb_attribution_plugin.methods.rows import Structure


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class IntegratedGradients:
    """Integrates the gradient along the straight path from a baseline.

        scores = (x - x0) * integral over a in [0, 1] of grad f(x0 + a (x - x0))

    Sundararajan, Taly and Yan, 2017, eq. 1 (arXiv:1703.01365). Several baselines are averaged over. For token ids the
    path runs between embeddings, and scores are summed over the embedding axis. The residual is the completeness gap,
    f(x) - f(x0) - sum of scores.

    Attributes:
      steps: points on the path to each baseline. Cost is `steps` gradients per example and baseline.
      rule: "gauss_legendre" (exact to degree 2 steps - 1), "trapezoid" or "midpoint".
      baseline: x0, in the units of the inputs; "auto" is resolved from the probe (baselines.py).
    """

    steps: int = 16
    rule: str = "gauss_legendre"
    baseline: Any = "auto"

    name: ClassVar[str] = "integrated_gradients"
    error_kind: ClassVar[str] = "gap"
    additive: ClassVar[bool] = True
    class_sensitive: ClassVar[bool] = True
    weight_sensitive: ClassVar[bool] = True

    def __post_init__(self) -> None:
        quadrature.rule(self.rule, self.steps)

    @property
    def signed(self) -> bool:
        return True

    def cost(self) -> int:
        paths = self.baseline.count if isinstance(self.baseline, baselines.Points) else 1
        return paths * (self.steps + 1) + 1

    def __call__(self, model: Model, inputs: Structure) -> Attribution:
        baseline = baselines.resolve(self.baseline, inputs, ids=model.takes_ids(inputs))
        paths, examples = baseline.count, tf.nest.flatten(inputs)[0].shape[0]
        ends = model.features(inputs)
        starts = _starts(model, baseline, ends)
        nodes, weights = (tf.constant(array, tf.float32) for array in quadrature.rule(self.rule, self.steps))
        values = model.values(inputs)

        def split(row: tf.Tensor) -> tuple[tf.Tensor, Structure, Structure]:
            """Example, start and difference of each row; rows run over baselines, then points, then examples."""
            example = row % examples
            path = row // (examples * self.steps)
            start = tf.nest.map_structure(
                lambda t: tf.gather_nd(t, tf.stack([path, tf.minimum(example, t.shape[1] - 1)], 1)), starts
            )
            return example, start, tf.nest.map_structure(tf.subtract, rows.gather(ends, example), start)

        def scores_of(row: tf.Tensor) -> Structure:
            example, start, difference = split(row)
            point = (row // examples) % self.steps
            at = tf.nest.map_structure(lambda s, d: s + _along(tf.gather(nodes, point), d) * d, start, difference)
            row_model, row_inputs = model.take(inputs, example)
            _, gradients = row_model.gradients(row_inputs, at)
            weight = tf.gather(weights, point) / paths
            return tf.nest.map_structure(lambda g, d: _along(weight, d) * g * d, gradients, difference)

        def start_value(row: tf.Tensor) -> tf.Tensor:
            example, start, _ = split((row // examples) * (examples * self.steps) + row % examples)
            row_model, row_inputs = model.take(inputs, example)
            return row_model.values(row_inputs, start)

        count = paths * self.steps * examples
        scores = rows.summed(scores_of, tf.range(count) % examples, examples, model.batch_size)
        start_values = rows.mapped(start_value, paths * examples, model.batch_size)
        baseline_outputs = tf.reduce_mean(tf.reshape(start_values, (paths, examples)), 0)
        total = tf.add_n([tf.reduce_sum(tf.reshape(s, (examples, -1)), 1) for s in tf.nest.flatten(scores)])
        return Attribution(
            scores=model.onto_inputs(scores),
            residual=values - baseline_outputs - total,
            outputs=values,
            baseline_outputs=baseline_outputs,
            evaluations=tf.fill((examples,), float(paths * (self.steps + 1) + 1)),
        )


def _along(factor: tf.Tensor, like: tf.Tensor) -> tf.Tensor:
    """[r] shaped to multiply [r, ...]."""
    return tf.reshape(factor, (-1, *[1] * (like.shape.rank - 1)))


def _starts(model: Model, baseline: baselines.Points, ends: Structure) -> Structure:
    """The baselines as features, each [K, B or 1, ...]."""
    flat = tf.nest.map_structure(lambda t: tf.reshape(t, (-1, *t.shape[2:])), baseline.arrays)
    # A constant of an embedding does not know its width. Shapes are read in the graph: texts may have any length.
    features = tf.nest.map_structure(
        lambda found, end: tf.broadcast_to(found, _shape(found.shape[:1], end)), model.features(flat), ends
    )
    return tf.nest.map_structure(lambda f, t: tf.reshape(f, _shape(t.shape[:2], f)), features, baseline.arrays)


def _shape(first: tf.TensorShape, rest: tf.Tensor) -> tf.Tensor:
    """`first`, then the axes of `rest` behind its first."""
    return tf.concat([first, tf.shape(rest)[1:]], 0)
