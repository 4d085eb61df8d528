"""SmoothGrad, SquareGrad and VarGrad: moments of the gradient around the input."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Hashable
from typing import Any, ClassVar

import tensorflow as tf

from tb_attribution_plugin.attribution import Attribution
from tb_attribution_plugin.methods import noise, rows
from tb_attribution_plugin.methods.arguments import check_choice, check_count
from tb_attribution_plugin.methods.contract import Model
from tb_attribution_plugin.methods.rows import Structure
from tb_attribution_plugin.methods.straight import total

REDUCTIONS = ("mean", "square", "variance")


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class SmoothGrad:
    """A moment of the gradient over noisy copies of the input.

        mean      E[g],           g = d f / d x at x + noise * (max x - min x) * e,  e normal
        square    E[g^2]
        variance  E[g^2] - E[g]^2

    SmoothGrad: Smilkov et al., 2017, sec. 3 (arXiv:1706.03825). SquareGrad: Hooker et al., 2019 (arXiv:1806.10758).
    VarGrad: Adebayo et al., 2018 (arXiv:1810.03307), divided by the number of samples.

    Signs and channels are kept. All examples get the same e, at every step of training; max and min are those of the
    example's own input (of its embedding, for token ids, whose scores are summed over the embedding axis). Copies of an
    example of one value only are not noisy. `errors` are standard errors, |a - b| / 2 for the results a and b of two
    halves of the samples, NaN for one sample; the residual is their sum over the example, in units of the scores.

    It misleads where noisy copies are nothing that the model knows (large `noise` explains those, not x), and in
    "square" and "variance", which show how strong and how unsteady a gradient is, for the target or against it.

    Attributes:
      samples: noisy copies. Cost is `samples` + 1 gradients per example, memory does not depend on it.
      noise: standard deviation, a fraction of max - min; or the noise itself in units of the input, an array
        [samples, ...] (in the structure of the inputs), whose length then counts.
      reduce: "mean", "square" or "variance". The ones asked for together share all gradients.
      seed: of the noise.
    """

    samples: int = 50
    noise: Any = 0.15
    reduce: str = "mean"
    seed: int = 0

    name: ClassVar[str] = "smooth_grad"
    error_kind: ClassVar[str] = "standard_error"
    additive: ClassVar[bool] = False
    class_sensitive: ClassVar[bool] = True
    weight_sensitive: ClassVar[bool] = True

    def __post_init__(self) -> None:
        check_count("samples", self.samples)
        check_choice("reduce", self.reduce, REDUCTIONS)
        noise.check(self.noise, self.seed)

    @property
    def signed(self) -> bool:
        return self.reduce == "mean"

    @property
    def tag(self) -> str:
        return self.name if self.reduce == "mean" else f"{self.name}_{self.reduce}"

    @property
    def shares(self) -> Hashable:
        return self.name, self._count, id(self.noise) if noise.count(self.noise) else self.noise, self.seed

    def cost(self) -> int:
        return self._count + 1

    def __call__(self, model: Model, inputs: Structure) -> Attribution:
        values, center = model.gradients(inputs)
        sums = model.once(self.shares, inputs, lambda: self._sums(model, inputs, center))

        def scores(count: int, sums: Structure) -> Structure:
            return model.onto_inputs(tf.nest.map_structure(lambda c, *two: self._moment(c, count, *two), center, *sums))

        counts = [-(-self._count // 2), self._count // 2]
        halves = [scores(count, tf.nest.map_structure(lambda t, i=i: t[i], sums)) for i, count in enumerate(counts)]
        # What n / 2 samples each tell twice is off by |a - b| / 2 where the halves are equal.
        factor = math.sqrt(math.prod(counts)) / self._count
        errors = tf.nest.map_structure(lambda a, b: factor * tf.abs(a - b), *halves)
        return Attribution(
            scores=scores(self._count, tf.nest.map_structure(lambda t: tf.reduce_sum(t, 0), sums)),
            residual=total(errors),
            outputs=values,
            baseline_outputs=tf.fill(tf.shape(values), float("nan")),
            errors=errors,
            evaluations=tf.fill(tf.shape(values), float(self.cost())),
        )

    @property
    def _count(self) -> int:
        return noise.count(self.noise) or self.samples

    def _sums(self, model: Model, inputs: Structure, center: Structure) -> tuple[Structure, Structure]:
        """Sums of g - g(x) and of its square over either half of the samples, each [2, B, ...].

        Taken around g(x), small variances do not drown in rounding, and a linear model has none.
        """
        ends = model.features(inputs)
        examples = tf.nest.flatten(inputs)[0].shape[0]
        noise.check_fit(self.noise, ends)

        def deviations(row: tf.Tensor) -> tuple[Structure, Structure]:
            example, sample = row % examples, row // examples
            row_model, row_inputs = model.take(inputs, example)
            added = noise.drawn(self.noise, self.seed, ends, example, sample)
            at = tf.nest.map_structure(tf.add, rows.gather(ends, example), added)
            _, gradients = row_model.gradients(row_inputs, at)
            found = tf.nest.map_structure(tf.subtract, gradients, rows.gather(center, example))
            return found, tf.nest.map_structure(tf.square, found)

        row = tf.range(self._count * examples)
        group = (row // examples) % 2 * examples + row % examples
        sums = rows.summed(deviations, group, 2 * examples, model.batch_size)
        return tf.nest.map_structure(lambda t: tf.reshape(t, tf.concat([[2, examples], tf.shape(t)[1:]], 0)), sums)

    def _moment(self, center: tf.Tensor, count: int, first: tf.Tensor, second: tf.Tensor) -> tf.Tensor:
        shift = first / count
        mean = center + shift
        if self.reduce == "mean":
            return mean
        variance = tf.maximum(second / count - shift**2, 0)
        return variance if self.reduce == "variance" else variance + mean**2
