"""Guided Integrated Gradients: along a path that puts off the features of large gradient."""

from __future__ import annotations

import dataclasses
from typing import Any, ClassVar

import tensorflow as tf

from tb_attribution_plugin.attribution import Attribution
from tb_attribution_plugin.methods import baselines, guided_path, rows
from tb_attribution_plugin.methods.arguments import check_choice, check_count, is_number
from tb_attribution_plugin.methods.contract import Model
from tb_attribution_plugin.methods.flat import Flat
from tb_attribution_plugin.methods.rows import Structure
from tb_attribution_plugin.methods.straight import start_of, starts_of, total

RULES = ("trapezoid", "left")


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class GuidedIG:
    """Integrates the gradient along a path from a baseline that the gradient itself chooses.

        scores = integral over the path of grad f(x) dx

    Kapishnikov et al., 2021, algorithm 1 (arXiv:2106.09788). Each step covers an equal part of the L1 distance and
    moves the features whose gradient is smallest, so that what the model is steep in but does not decide by is hardly
    crossed. Several baselines are averaged over. Departure: each step counts the mean of the gradients at its ends,
    which costs nothing more. The residual is the completeness gap, f(x) - f(x0) - sum of scores.

    It misleads where two features matter in the same way: which one moves first is a matter of chance, it gets the
    smaller score, and other weights may turn them round. For token ids the path runs between embeddings, and scores are
    summed over the embedding axis.

    Attributes:
      steps: points on the path to each baseline. Cost is `steps` gradients per example and baseline, one after the
        other, and the gradient at x.
      fraction: of the features, those of least gradient that move together.
      max_distance: from the straight path, 0 to 1: 0 is Integrated Gradients, 1 any path between the ends.
      baseline: x0, in the units of the inputs; "auto" is resolved from the probe (baselines.py).
      rule: "trapezoid", or "left": the gradient where a step begins, as in PAIR saliency.
    """

    steps: int = 50
    fraction: float = 0.25
    max_distance: float = 0.02
    baseline: Any = "auto"
    rule: str = "trapezoid"

    name: ClassVar[str] = "guided_ig"
    error_kind: ClassVar[str] = "gap"
    additive: ClassVar[bool] = True
    class_sensitive: ClassVar[bool] = True
    weight_sensitive: ClassVar[bool] = True

    def __post_init__(self) -> None:
        check_count("steps", self.steps)
        if not (is_number(self.fraction) and 0 < self.fraction <= 1):
            raise ValueError(f"fraction must be a number above 0, at most 1; got {self.fraction!r}")
        if not (is_number(self.max_distance) and 0 <= self.max_distance <= 1):
            raise ValueError(f"max_distance must be a number from 0 to 1; got {self.max_distance!r}")
        check_choice("rule", self.rule, RULES)

    @property
    def signed(self) -> bool:
        return True

    def cost(self) -> int:
        return (self.baseline.count if isinstance(self.baseline, baselines.Points) else 1) * self.steps + 1

    def __call__(self, model: Model, inputs: Structure) -> Attribution:
        baseline = baselines.resolve(self.baseline, inputs, ids=model.takes_ids(inputs))
        paths, examples = baseline.count, tf.nest.flatten(inputs)[0].shape[0]
        ends = model.features(inputs)
        starts = starts_of(model, baseline, ends)
        values, end_gradients = model.gradients(inputs)

        def walked(row: tf.Tensor) -> tuple[Structure, tf.Tensor]:
            example, path = row % examples, row // examples
            row_model, row_inputs = model.take(inputs, example)
            start, (end, last) = start_of(starts, example, path), rows.gather((ends, end_gradients), example)
            scores, start_values = self._walk(row_model, row_inputs, start, end, last)
            return tf.nest.map_structure(lambda t: t / paths, scores), start_values / paths

        example = tf.range(paths * examples) % examples
        found, baseline_outputs = rows.summed(walked, example, examples, model.batch_size)
        scores = model.onto_inputs(found)
        return Attribution(
            scores=scores,
            residual=values - baseline_outputs - total(scores),
            outputs=values,
            baseline_outputs=baseline_outputs,
            evaluations=tf.fill((examples,), float(paths * self.steps + 1)),
        )

    def _walk(
        self, model: Model, inputs: Structure, start: Structure, end: Structure, end_gradients: Structure
    ) -> tuple[Structure, tf.Tensor]:
        """Scores in the structure of the features, and the values [r] at the start.

        Where a path is, is kept in float64: rounding would be lost distance, and the last features would not arrive.
        """
        flat = Flat(end)
        origin = tf.cast(flat.of(start), tf.float64)
        difference = tf.cast(flat.of(end), tf.float64) - origin
        sizes = tf.abs(difference)
        mean = self.rule == "trapezoid"

        def body(
            number: tf.Tensor, places: tf.Tensor, moved: tf.Tensor, scores: tf.Tensor, first: tf.Tensor
        ) -> tuple[tf.Tensor, ...]:
            at = flat.structure(tf.cast(origin + places * difference, tf.float32))
            values, found = model.gradients(inputs, at)
            gradients = flat.of(found)
            to = tf.cast(number + 1, tf.float64) / self.steps
            later = guided_path.step(
                places, sizes, gradients, to=to, fraction=self.fraction, max_distance=self.max_distance
            )
            moves = later - places
            scores += tf.cast(gradients, tf.float64) * ((moved + moves) / 2 if mean else moves)
            first = tf.where(number == 0, values, first)
            return number + 1, tf.ensure_shape(later, places.shape), tf.ensure_shape(moves, places.shape), scores, first

        zeros = tf.zeros_like(sizes)
        _, _, moved, scores, first = tf.while_loop(
            lambda number, *_: number < self.steps,
            body,
            (tf.constant(0), zeros, zeros, zeros, tf.zeros_like(zeros[:, 0], tf.float32)),
            parallel_iterations=1,
        )
        if mean:
            scores += tf.cast(flat.of(end_gradients), tf.float64) * moved / 2
        return flat.structure(tf.cast(scores * difference, tf.float32)), first
