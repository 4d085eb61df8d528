"""Guided Grad-CAM: guided backpropagation, where Grad-CAM says."""

from __future__ import annotations

import dataclasses
from typing import ClassVar

import tensorflow as tf

from tb_attribution_plugin.attribution import Attribution
from tb_attribution_plugin.methods.backward.carried import Rules
from tb_attribution_plugin.methods.backward.rectified import GUIDED
from tb_attribution_plugin.methods.contract import Model
from tb_attribution_plugin.methods.enlarged import covered, laid_over
from tb_attribution_plugin.methods.grad_cam import GradCAM
from tb_attribution_plugin.methods.rows import Structure


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class GuidedGradCAM:
    """Guided backpropagation times Grad-CAM, enlarged to the input.

        scores = guided backpropagation * max(Grad-CAM, 0)

    Selvaraju et al., 2017, sec. 3.2 (arXiv:1610.02391): GuidedBackprop for what is fine, GradCAM for the class.

    It misleads as GuidedBackprop does: within the places that Grad-CAM marks it draws edges of the input, whether the
    model uses them or not.

    Attributes:
      layer: of the Grad-CAM, as there; None is the deepest with a grid, after its activation.
      enlarge: "linear" between cells, corner on corner; "nearest" repeats each cell, as captum does by default.
    """

    layer: str | None = None
    enlarge: str = "linear"

    name: ClassVar[str] = "guided_grad_cam"
    error_kind: ClassVar[str] = "none"
    additive: ClassVar[bool] = False
    class_sensitive: ClassVar[bool] = True
    weight_sensitive: ClassVar[bool] = True
    rules: ClassVar[Rules] = GUIDED

    def __post_init__(self) -> None:
        if self.enlarge not in ("linear", "nearest"):
            raise ValueError(f"enlarge must be 'linear' or 'nearest'; got {self.enlarge!r}")

    @property
    def signed(self) -> bool:
        return True

    def cost(self) -> int:
        return 2

    def __call__(self, model: Model, inputs: Structure) -> Attribution:
        coarse = GradCAM(layer=self.layer)(model, inputs)
        weights = tf.nn.relu(coarse.scores[..., 0])
        fine = model.carried(inputs, self.rules).features
        under = covered(fine, weights.shape[1:], model.layer(self.layer))
        flat = [
            one * laid_over(one, weights, self.enlarge == "nearest") if place in under else tf.zeros_like(one)
            for place, one in enumerate(tf.nest.flatten(fine))
        ]
        scores = model.onto_inputs(tf.nest.pack_sequence_as(fine, flat))
        return coarse._replace(scores=scores, evaluations=tf.fill(tf.shape(coarse.outputs), 2.0))
