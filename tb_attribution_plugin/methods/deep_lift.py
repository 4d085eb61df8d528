"""DeepLIFT with the rescale rule, on any traced graph."""

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
class DeepLIFT:
    """Follows the difference to a baseline back through every operation.

        scores = m (x - x0),  m = D output / D input of every nonlinearity, by the chain rule

    Shrikumar, Greenside and Kundaje, 2017, the rescale rule of sec. 3.5.2 (arXiv:1704.02685); products, softmax and
    maxima have rules that close too (backward/differences.py). Several baselines are averaged over. For token ids the
    difference is between embeddings, and scores are summed over the embedding axis. An operation without a rule is an
    error, never its gradient. A recurrent layer that loops is followed step by step: the trace, made once, takes time
    in proportion to its steps, seconds for a hundred. The residual is the completeness gap, f(x) - f(x0) - sum of
    scores: rounding, where nothing else is wrong.

    It misleads where the baseline means something, as every comparison does, and where features interact: the rules
    divide what two features do together by convention.

    Attributes:
      baseline: x0, in the units of the inputs; "auto" is resolved from the probe (baselines.py).
    """

    baseline: Any = "auto"

    name: ClassVar[str] = "deep_lift"
    error_kind: ClassVar[str] = "gap"
    additive: ClassVar[bool] = True
    class_sensitive: ClassVar[bool] = True
    weight_sensitive: ClassVar[bool] = True
    rules: ClassVar[Rules] = DIFFERENCES

    @property
    def signed(self) -> bool:
        return True

    def cost(self) -> int:
        return 2 * (self.baseline.count if isinstance(self.baseline, baselines.Points) else 1)

    def __call__(self, model: Model, inputs: Structure) -> Attribution:
        return rescaled(model, inputs, baselines.resolve(self.baseline, inputs, ids=model.takes_ids(inputs)))
