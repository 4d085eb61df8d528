"""Guided backpropagation: a gradient that leaves out what rectifiers would pass back with a negative sign."""

from __future__ import annotations

import dataclasses
from typing import ClassVar

from tb_attribution_plugin.attribution import Attribution
from tb_attribution_plugin.methods.backward.carried import Rules
from tb_attribution_plugin.methods.backward.rectified import GUIDED
from tb_attribution_plugin.methods.contract import Model
from tb_attribution_plugin.methods.rows import Structure
from tb_attribution_plugin.methods.ruled_gradient import ruled_gradient


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class GuidedBackprop:
    """The gradient of which every ReLU hands back only what is positive, and only where it was active.

        back through y = ReLU(x):  max(g, 0) where x > 0, else 0

    Springenberg et al., 2014, sec. 3.4 (arXiv:1412.6806), at every ReLU and ReLU6 of the graph, max(x, 0) written out
    among them, in functions that it calls too; other operations hand back their gradient. A model without any is
    refused: that is Saliency.

    It misleads more than it shows: the maps are sharp because they restore edges of the input, and hardly change with
    the class or with the weights of upper layers (Adebayo et al., 2018, arXiv:1810.03292; Nie et al., 2018,
    arXiv:1805.07039).
    """

    name: ClassVar[str] = "guided_backprop"
    error_kind: ClassVar[str] = "none"
    additive: ClassVar[bool] = False
    class_sensitive: ClassVar[bool] = True
    weight_sensitive: ClassVar[bool] = False
    rules: ClassVar[Rules] = GUIDED

    @property
    def signed(self) -> bool:
        return True

    def cost(self) -> int:
        return 1

    def __call__(self, model: Model, inputs: Structure) -> Attribution:
        return ruled_gradient(model, inputs, self.rules)
