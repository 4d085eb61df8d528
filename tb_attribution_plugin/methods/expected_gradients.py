"""Expected Gradients, or GradientSHAP: Integrated Gradients from every row of a background, by sampling."""

from __future__ import annotations

import dataclasses
import math
import numbers
from typing import Any, ClassVar

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from tb_attribution_plugin.attribution import Attribution
from tb_attribution_plugin.methods import baselines, noise, rows
from tb_attribution_plugin.methods.arguments import check_count
from tb_attribution_plugin.methods.contract import Model
from tb_attribution_plugin.methods.rows import Structure
from tb_attribution_plugin.methods.straight import along, starts_of, total


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class ExpectedGradients:
    """The mean of one point on a path to each of many background rows.

        scores = E[(x - x0) * grad f(x0 + a (x - x0))],  x0 a row of the background, a uniform in [0, 1]

    Erion et al., 2021, eq. 3 (arXiv:1906.10670); with `noise` on x it is GradientSHAP (Lundberg and Lee, 2017,
    arXiv:1705.07874, as in shap and captum). Departures: a is stratified, one in each of `samples` equal intervals, and
    rows are used equally often, none twice before all were used once. All examples get the same rows and a, at every
    step of training. For token ids the path runs between embeddings, and scores are summed over the embedding axis.

    `errors` are standard errors of independent samples, above the true ones because of the strata; the residual is
    their sum over the example, in units of the scores.

    It misleads where the background is not what x is to be told from, and where features depend on each other: between
    a row and x lie mixtures that no data has.

    Attributes:
      background: rows [K, ...] in the structure of the inputs; None takes the probe's, else the inputs themselves.
      samples: points in all. Cost is one gradient each and f(x), memory does not depend on it.
      seed: of the rows, of a and of the noise.
      noise: standard deviation of the noise on x, a fraction of the example's max - min.
    """

    background: Any = None
    samples: int = 50
    seed: int = 0
    noise: float = 0.0

    name: ClassVar[str] = "expected_gradients"
    error_kind: ClassVar[str] = "standard_error"
    additive: ClassVar[bool] = True
    class_sensitive: ClassVar[bool] = True
    weight_sensitive: ClassVar[bool] = True

    def __post_init__(self) -> None:
        check_count("samples", self.samples)
        if not isinstance(self.noise, numbers.Real):
            raise ValueError(f"noise must be a number, at least 0; got {self.noise!r}")
        noise.check(self.noise, self.seed)

    @property
    def signed(self) -> bool:
        return True

    def cost(self) -> int:
        return self.samples + 1

    def __call__(self, model: Model, inputs: Structure) -> Attribution:
        points = self.background
        if not isinstance(points, baselines.Points):
            points = baselines.resolve(baselines.Rows(), inputs, points, model.takes_ids(inputs))
        examples = tf.nest.flatten(inputs)[0].shape[0]
        values, ends = model.values(inputs), model.features(inputs)
        starts = tf.nest.map_structure(lambda t: t[:, 0], starts_of(model, points, ends))
        chosen, nodes = (tf.constant(one) for one in draws(self.samples, points.count, self.seed))

        def moments(row: tf.Tensor) -> tuple[Structure, Structure]:
            example, sample = row % examples, row // examples
            row_model, row_inputs = model.take(inputs, example)
            end, start = rows.gather(ends, example), rows.gather(starts, tf.gather(chosen, sample))
            if self.noise:
                added = noise.drawn(self.noise, self.seed, ends, example, sample)
                end = tf.nest.map_structure(tf.add, end, added)
            difference = tf.nest.map_structure(tf.subtract, end, start)
            node = tf.gather(nodes, sample)
            at = tf.nest.map_structure(lambda s, d: s + along(node, d) * d, start, difference)
            _, gradients = row_model.gradients(row_inputs, at)
            found = model.onto_inputs(tf.nest.map_structure(tf.multiply, gradients, difference))
            # In float64 a small variance is not lost between two large sums.
            found = tf.nest.map_structure(lambda t: tf.cast(t, tf.float64), found)
            return found, tf.nest.map_structure(tf.square, found)

        row = tf.range(self.samples * examples)
        first, second = rows.summed(moments, row % examples, examples, model.batch_size)
        means = tf.nest.map_structure(lambda t: t / self.samples, first)
        errors = tf.nest.map_structure(self._standard_error, means, second)
        return Attribution(
            scores=tf.nest.map_structure(_single, means),
            residual=total(errors),
            outputs=values,
            baseline_outputs=tf.fill(tf.shape(values), float("nan")),
            errors=errors,
            evaluations=tf.fill(tf.shape(values), float(self.cost())),
        )

    def _standard_error(self, mean: tf.Tensor, squares: tf.Tensor) -> tf.Tensor:
        """NaN where there is one sample."""
        variance = tf.maximum(squares / self.samples - mean**2, 0)
        return _single(tf.sqrt(variance / (self.samples - 1))) if self.samples > 1 else _single(mean * math.nan)


def draws(samples: int, count: int, seed: int) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Row of the background, of `count`, and a in [0, 1] of each sample.

    Every `count` samples in turn use each row once, with a in as many neighbouring intervals, so that a row that is
    used m times gets about one a in each m-th of [0, 1].
    """
    random = np.random.default_rng(seed)
    turns = [np.arange(start, min(start + count, samples)) for start in range(0, samples, count)]
    chosen = np.concatenate([random.permutation(count)[: len(turn)] for turn in turns])
    strata = np.concatenate([random.permutation(turn) for turn in turns])
    return chosen.astype(np.int32), ((strata + random.random(samples)) / samples).astype(np.float32)


def _single(tensor: tf.Tensor) -> tf.Tensor:
    return tf.cast(tensor, tf.float32)
