"""Shapley values of a few segments, exactly."""

from __future__ import annotations

import dataclasses
import math
from typing import Any, ClassVar

from tb_attribution_plugin.attribution import Attribution
from tb_attribution_plugin.methods import coalitions
from tb_attribution_plugin.methods.contract import Model
from tb_attribution_plugin.methods.rows import Structure
from tb_attribution_plugin.methods.shapley_exact import Enumerated

MOST = 15


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class ExactShapley:
    """What each segment adds to the coalitions of the others, averaged over all orders in which they can come.

        scores = sum over S without k of |S|! (n - |S| - 1)! / n! (v(S + k) - v(S)),  v(S) = mean over b of f(x_S, b)

    Shapley, 1953 (doi:10.1515/9781400881970-018), for models: Lundberg and Lee, 2017, eq. 8 (arXiv:1705.07874), with
    absent features drawn from the background whatever the others are (the interventional value). Scores sum to
    f(x) minus the mean of f over the background by construction, so that a gap of 0 is no sign of quality: there is no
    residual. A feature has its segment's score divided by the number of its features.

    It misleads where features depend on each other: absent ones are replaced by values that never occur beside the
    present ones.

    Attributes:
      segments: int ids in the structure of the inputs, at most 15 different; None takes the probe's.
      background: rows [K, ...] in the structure of the inputs that absent features are taken from, or a baseline; None
        takes the probe's, else the inputs themselves, and the padding for texts. Cost is (2^segments - 1) K + 1
        forward evaluations.
    """

    segments: Any = None
    background: Any = None

    name: ClassVar[str] = "exact_shapley"
    error_kind: ClassVar[str] = "none"
    additive: ClassVar[bool] = True
    class_sensitive: ClassVar[bool] = True
    weight_sensitive: ClassVar[bool] = True
    joins_targets: ClassVar[bool] = True

    @property
    def signed(self) -> bool:
        return True

    def cost(self) -> int:
        """Of a resolved method."""
        return coalitions.cost(self, _design)

    def __call__(self, model: Model, inputs: Structure) -> Attribution:
        found = coalitions.explained(self, model, inputs, _design)
        return found._replace(residual=found.residual * math.nan, errors=None)


def _design(players: int) -> Enumerated:
    if players > MOST:
        raise ValueError(
            f"exact Shapley values of {players} segments need {2**players:,} coalitions, and at most {MOST} segments "
            f"({2**MOST:,}) are taken; give coarser segments, or use KernelSHAP or PermutationShapley"
        )
    return Enumerated(players)
