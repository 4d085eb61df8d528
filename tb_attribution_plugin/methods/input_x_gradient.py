"""Input x gradient: what a linear model of the same slope would add for each feature."""

from __future__ import annotations

import dataclasses
from typing import ClassVar

import tensorflow as tf

from tb_attribution_plugin.attribution import Attribution
from tb_attribution_plugin.methods.contract import Model
from tb_attribution_plugin.methods.rows import Structure


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class InputXGradient:
    """The input times the gradient of the explained scalar there.

        scores = x * d f(x) / d x

    Shrikumar et al., 2016, sec. 3 (arXiv:1605.01713). On a piecewise linear network the scores add up to f(x) but for
    what the biases add. For token ids x is the embedding.

    It misleads where the model saturates, as the gradient does, and where 0 means something: a feature whose value is 0
    scores 0, whatever its absence would change.
    """

    name: ClassVar[str] = "input_x_gradient"
    error_kind: ClassVar[str] = "none"
    additive: ClassVar[bool] = True
    class_sensitive: ClassVar[bool] = True
    weight_sensitive: ClassVar[bool] = True

    @property
    def signed(self) -> bool:
        return True

    def cost(self) -> int:
        return 1

    def __call__(self, model: Model, inputs: Structure) -> Attribution:
        values, gradients = model.gradients(inputs)
        nothing = tf.fill(tf.shape(values), float("nan"))
        return Attribution(
            scores=model.onto_inputs(tf.nest.map_structure(tf.multiply, model.features(inputs), gradients)),
            residual=nothing,
            outputs=values,
            baseline_outputs=nothing,
            evaluations=tf.ones_like(values),
        )
