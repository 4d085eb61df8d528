"""Owen values of segments in a hierarchy of halves."""

from __future__ import annotations

import dataclasses
from typing import Any, ClassVar

from tb_attribution_plugin.attribution import Attribution
from tb_attribution_plugin.methods import coalitions
from tb_attribution_plugin.methods.arguments import is_whole
from tb_attribution_plugin.methods.contract import Model
from tb_attribution_plugin.methods.halves import Halves
from tb_attribution_plugin.methods.rows import Structure


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class PartitionSHAP:
    """What each segment adds, averaged over the orders in which no part of a hierarchy is broken up.

        scores of k = mean over such orders of v(those before k, and k) - v(those before k)

    Owen, 1977 (doi:10.1007/978-3-642-45494-3_7), with parts in parts: Winter, 1989 (doi:10.1007/BF01294739); see
    Lopez and Saborido-Rey, 2009, for how to sum them, and the partition explainer of the package shap for models. v is
    that of KernelSHAP. The hierarchy halves the segments along the axis on which they lie farthest apart, then the
    halves, and so on: height and width of images, the order of tokens, times and columns. The largest part is halved
    next, until that would take more than `samples` coalitions (a part of the n-th level takes 2^n, two for each of the
    levels above it); segments of a part that is left whole share its score. Departure: shap halves where the output
    changes most, which differs from step to step; here it is the same for all examples and steps.

    Scores sum to f(x) minus the mean of f over the background, whatever the samples: that is no sign of quality, and
    nothing says how much finer parts would differ, so that there is no residual.

    It misleads where segments that act together lie in different halves, as they share what they do by the halves that
    hold them, and where ExactShapley does.

    Attributes:
      segments: int ids in the structure of the inputs; None takes the probe's.
      background: as of KernelSHAP.
      samples: coalitions at most, at least 4; with (2/3) (segments^2 - 1) + 2, where segments are a power of 2, each is
        alone. Cost is at most (samples - 1) K + 1 forward evaluations.
    """

    segments: Any = None
    background: Any = None
    samples: int = 500

    name: ClassVar[str] = "partition_shap"
    error_kind: ClassVar[str] = "none"
    additive: ClassVar[bool] = True
    class_sensitive: ClassVar[bool] = True
    weight_sensitive: ClassVar[bool] = True
    joins_targets: ClassVar[bool] = True
    by_position: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if not is_whole(self.samples, 4):
            raise ValueError(
                f"samples must be a whole number, at least 4: nothing, either half and all; got {self.samples!r}"
            )

    @property
    def signed(self) -> bool:
        return True

    def cost(self) -> int:
        """Of a resolved method."""
        return coalitions.cost(self, self._design)

    def __call__(self, model: Model, inputs: Structure) -> Attribution:
        return coalitions.explained(self, model, inputs, self._design)

    def _design(self, players: int) -> Halves:
        return Halves(players, self.samples)
