"""Blur Integrated Gradients: along the path from a blurred image to the image."""

from __future__ import annotations

import dataclasses
import math
from typing import ClassVar, NamedTuple

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from tb_attribution_plugin.attribution import Attribution
from tb_attribution_plugin.methods import blur, images, rows
from tb_attribution_plugin.methods.arguments import check_choice, check_count, is_number
from tb_attribution_plugin.methods.contract import Model
from tb_attribution_plugin.methods.rows import Structure
from tb_attribution_plugin.methods.straight import along, total

RULES = ("chords", "left")
# Of the forward difference of rule "left", in pixels, as in PAIR saliency.
_STEP = 0.01


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class BlurIG:
    """Integrates the gradient along the path on which details appear.

        scores = - integral over s in [0, max_sigma] of grad f(L(s)) * dL(s) / ds,  L(s) = x blurred by s pixels

    Xu, Venugopalan and Sundararajan, 2020 (arXiv:2004.03383). Beyond its edges an image is zero, in units of the
    inputs, so that its border darkens as it is blurred. Departure: the path is walked in `steps` chords between
    L(max_sigma (k / steps)^2), with the gradient at the middle of each, so that the scores of a linear or quadratic
    model add up exactly; sharp images, which change fastest, get short chords. The residual is the completeness gap,
    f(x) - f(L(max_sigma)) - sum of scores.

    It misleads where colour or brightness decides: what stays in the blurred image is not explained. It depends on the
    class and on the weights of all layers. Images [batch, height, width, channels] only.

    Attributes:
      steps: points on the path. Cost is `steps` gradients per example, f(x) and the value at the blurred end.
      max_sigma: standard deviation of the last blur, in pixels.
      rule: "chords", or "left": PAIR saliency's sum, gradients at the sharp ends of equal intervals of s and dL / ds by
        a forward difference of 0.01.
    """

    steps: int = 50
    max_sigma: float = 50.0
    rule: str = "chords"

    name: ClassVar[str] = "blur_ig"
    error_kind: ClassVar[str] = "gap"
    additive: ClassVar[bool] = True
    class_sensitive: ClassVar[bool] = True
    weight_sensitive: ClassVar[bool] = True

    def __post_init__(self) -> None:
        check_count("steps", self.steps)
        if not (is_number(self.max_sigma) and 0 < self.max_sigma < math.inf):
            raise ValueError(f"max_sigma must be a number of pixels above 0; got {self.max_sigma!r}")
        check_choice("rule", self.rule, RULES)

    @property
    def signed(self) -> bool:
        return True

    def cost(self) -> int:
        return self.steps + 2

    def __call__(self, model: Model, inputs: Structure) -> Attribution:
        images.check(self.name, inputs, model.takes_ids(inputs))
        ends, values, path = model.features(inputs), model.values(inputs), self._path()
        examples = tf.nest.flatten(inputs)[0].shape[0]
        pieces, last = blur.Blurs(path.sharper, path.softer, ends), np.array([self.max_sigma])
        blurred_end = blur.Blurs(last, last, ends)

        def weighted(row: tf.Tensor) -> Structure:
            example, point = row % examples, row // examples
            row_model, row_inputs = model.take(inputs, example)
            sharper, more = pieces(rows.gather(ends, example), point)
            at = tf.nest.map_structure(lambda s, m: s - path.node * m, sharper, more)
            _, gradients = row_model.gradients(row_inputs, at)
            factor = tf.gather(tf.constant(path.factors, tf.float32), point)
            return tf.nest.map_structure(lambda g, m: g * along(factor, m) * m, gradients, more)

        def end_value(row: tf.Tensor) -> tf.Tensor:
            row_model, row_inputs = model.take(inputs, row)
            return row_model.values(row_inputs, blurred_end(rows.gather(ends, row), tf.zeros_like(row))[0])

        baseline_outputs = rows.mapped(end_value, examples, model.batch_size)
        row = tf.range(self.steps * examples)
        scores = model.onto_inputs(rows.summed(weighted, row % examples, examples, model.batch_size))
        return Attribution(
            scores=scores,
            residual=values - baseline_outputs - total(scores),
            outputs=values,
            baseline_outputs=baseline_outputs,
            evaluations=tf.fill((examples,), float(self.cost())),
        )

    def _path(self) -> _Path:
        places = np.arange(self.steps + 1) / self.steps
        if self.rule == "left":
            sigmas = self.max_sigma * places[:-1]
            return _Path(sigmas, sigmas + _STEP, 0.0, np.full(self.steps, self.max_sigma / self.steps / _STEP))
        sigmas = self.max_sigma * places**2
        return _Path(sigmas[:-1], sigmas[1:], 0.5, np.ones(self.steps))


class _Path(NamedTuple):
    """Each piece: its two blurs, where between them the gradient is taken, and how often its difference counts."""

    sharper: NDArray[np.float64]
    softer: NDArray[np.float64]
    node: float
    factors: NDArray[np.float64]
