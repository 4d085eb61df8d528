"""Saliency: the gradient itself."""

from __future__ import annotations

import dataclasses
from typing import ClassVar

import tensorflow as tf

from tb_attribution_plugin.attribution import Attribution
from tb_attribution_plugin.methods.arguments import check_flag
from tb_attribution_plugin.methods.contract import Model
from tb_attribution_plugin.methods.rows import Structure


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Saliency:
    """The gradient of the explained scalar at the input.

        scores = d f(x) / d x

    Simonyan, Vedaldi and Zisserman, 2013, sec. 3 (arXiv:1312.6034). Theirs is |gradient|, maximum over channels; here
    the sign and the channels are kept, because the sign says in which direction a feature pushes.

    It misleads where the model saturates: the gradient says what a small change would do, so that a feature which
    decides alone can score 0.

    Attributes:
      absolute: scores = |gradient|, unsigned.
    """

    absolute: bool = False

    name: ClassVar[str] = "saliency"
    error_kind: ClassVar[str] = "none"
    additive: ClassVar[bool] = False
    class_sensitive: ClassVar[bool] = True
    weight_sensitive: ClassVar[bool] = True

    def __post_init__(self) -> None:
        check_flag("absolute", self.absolute)

    @property
    def signed(self) -> bool:
        return not self.absolute

    def cost(self) -> int:
        return 1

    def __call__(self, model: Model, inputs: Structure) -> Attribution:
        values, gradients = model.gradients(inputs)
        scores = model.onto_inputs(gradients)
        if self.absolute:
            scores = tf.nest.map_structure(tf.abs, scores)
        nothing = tf.fill(tf.shape(values), float("nan"))
        return Attribution(
            scores=scores,
            residual=nothing,
            outputs=values,
            baseline_outputs=nothing,
            evaluations=tf.ones_like(values),
        )
