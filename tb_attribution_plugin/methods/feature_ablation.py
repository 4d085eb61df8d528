"""What the explained scalar loses without each segment."""

from __future__ import annotations

import dataclasses
import math
from typing import Any, ClassVar

import tensorflow as tf

from tb_attribution_plugin.attribution import Attribution
from tb_attribution_plugin.methods import coalitions
from tb_attribution_plugin.methods.coalitions import Found
from tb_attribution_plugin.methods.contract import Model
from tb_attribution_plugin.methods.rows import Structure


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class FeatureAblation:
    """Leaves out one segment at a time.

        score of k = f(x) - f(x with segment k at the baseline)

    As in captum. The mean over several points of a baseline. `segment_scores` are these differences; a feature has its
    segment's divided by the number of its features (captum gives it the whole). They do not sum to anything: what two
    segments do together counts for both or for neither.

    It misleads where segments stand in for each other: without one of two that say the same nothing changes, and both
    get 0.

    Attributes:
      segments: int ids in the structure of the inputs; None takes the probe's, else every feature is one.
      baseline: x0, in the units of the inputs; "auto" is resolved from the probe. Cost is segments + 1 forward
        evaluations for each of its points, and f(x).
    """

    segments: Any = None
    baseline: Any = "auto"

    name: ClassVar[str] = "feature_ablation"
    error_kind: ClassVar[str] = "none"
    additive: ClassVar[bool] = False
    class_sensitive: ClassVar[bool] = True
    weight_sensitive: ClassVar[bool] = True
    joins_targets: ClassVar[bool] = True

    @property
    def signed(self) -> bool:
        return True

    def cost(self) -> int:
        """Of a resolved method."""
        return coalitions.cost(self, Ablations)

    def __call__(self, model: Model, inputs: Structure) -> Attribution:
        return coalitions.explained(self, model, inputs, Ablations)


@dataclasses.dataclass(frozen=True)
class Ablations:
    """Nobody, then everybody but one."""

    players: int

    @property
    def count(self) -> int:
        return self.players + 1

    def switches(self, mask: tf.Tensor) -> tf.Tensor:
        missing = mask[:, None] - 1
        return (tf.range(self.players) != missing) & (missing >= 0)

    def scores(self, values: tf.Tensor, whole: tf.Tensor) -> Found:
        return Found(whole[:, None] - tf.transpose(values[1:]), None, whole * math.nan)
