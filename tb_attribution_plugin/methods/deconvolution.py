"""Deconvolution: a gradient that rectifiers rectify on its way back, whatever came in."""

from __future__ import annotations

import dataclasses
from typing import ClassVar

from tb_attribution_plugin.attribution import Attribution
from tb_attribution_plugin.methods.backward.carried import Rules
from tb_attribution_plugin.methods.backward.rectified import DECONVOLVED
from tb_attribution_plugin.methods.contract import Model
from tb_attribution_plugin.methods.rows import Structure
from tb_attribution_plugin.methods.ruled_gradient import ruled_gradient


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Deconvolution:
    """The gradient of which every ReLU hands back what is positive, whether it was active or not.

        back through y = ReLU(x):  max(g, 0)

    Zeiler and Fergus, 2013, sec. 2.1 (arXiv:1311.2901), as a rule for the gradient (Springenberg et al., 2014, table 1,
    arXiv:1412.6806), at every ReLU and ReLU6 of the graph, max(x, 0) written out among them, in functions that it calls
    too; other operations hand back their gradient. A model without any is refused: that is Saliency.

    It misleads as GuidedBackprop does: it hardly changes with the class or with the weights, and without pooling
    layers, whose places it keeps, it does not even depend on the input.
    """

    name: ClassVar[str] = "deconvolution"
    error_kind: ClassVar[str] = "none"
    additive: ClassVar[bool] = False
    class_sensitive: ClassVar[bool] = True
    weight_sensitive: ClassVar[bool] = False
    rules: ClassVar[Rules] = DECONVOLVED

    @property
    def signed(self) -> bool:
        return True

    def cost(self) -> int:
        return 1

    def __call__(self, model: Model, inputs: Structure) -> Attribution:
        return ruled_gradient(model, inputs, self.rules)
