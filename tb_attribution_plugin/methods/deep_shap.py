"""Deep SHAP: DeepLIFT averaged over a background."""

from __future__ import annotations

import dataclasses
from typing import Any, ClassVar

from tb_attribution_plugin.attribution import Attribution
from tb_attribution_plugin.methods import baselines
from tb_attribution_plugin.methods.backward.carried import Rules
from tb_attribution_plugin.methods.backward.differences import DIFFERENCES
from tb_attribution_plugin.methods.contract import Model
from tb_attribution_plugin.methods.rescaled import rescaled
from tb_attribution_plugin.methods.rows import Structure


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class DeepSHAP:
    """The mean of DeepLIFT's scores over the rows of a background.

        scores = E[m (x - x0)],  x0 a row of the background, m as in DeepLIFT

    Lundberg and Lee, 2017, sec. 4.2 (arXiv:1705.07874), with every row of the background as reference (Chen, Lundberg
    and Lee, 2019, arXiv:1911.11888), as shap and captum compute it; where their rules end, those of DeepLIFT here go
    on. It approximates Shapley values: it equals them where the model is linear, or a nonlinearity of one sum of
    features. A recurrent layer that loops is followed step by step: the trace, made once, takes time in proportion to
    its steps, seconds for a hundred. The residual is the completeness gap, f(x) - E f(x0) - sum of scores.

    It misleads where features depend on each other, because rows of the background are taken as if any of them could
    have been, and it is no bound on how far its scores are from Shapley values: compare with KernelSHAP.

    Attributes:
      background: rows [K, ...] in the structure of the inputs; None takes the probe's, else the inputs themselves.
        Cost is two evaluations for each row; memory does not depend on their number.
    """

    background: Any = None

    name: ClassVar[str] = "deep_shap"
    error_kind: ClassVar[str] = "gap"
    additive: ClassVar[bool] = True
    class_sensitive: ClassVar[bool] = True
    weight_sensitive: ClassVar[bool] = True
    rules: ClassVar[Rules] = DIFFERENCES

    @property
    def signed(self) -> bool:
        return True

    def cost(self) -> int:
        return 2 * (self.background.count if isinstance(self.background, baselines.Points) else 1)

    def __call__(self, model: Model, inputs: Structure) -> Attribution:
        points = self.background
        if not isinstance(points, baselines.Points):
            points = baselines.resolve(baselines.Rows(), inputs, points, model.takes_ids(inputs))
        return rescaled(model, inputs, points)
