"""How the explained scalar goes with what random masks leave of the input."""

from __future__ import annotations

import dataclasses
import math
from typing import Any, ClassVar

import tensorflow as tf

from tb_attribution_plugin.attribution import Attribution
from tb_attribution_plugin.methods import grids, resolution, switched, windows
from tb_attribution_plugin.methods.arguments import check_seed, is_number, is_whole
from tb_attribution_plugin.methods.contract import Model
from tb_attribution_plugin.methods.quotients import quotients
from tb_attribution_plugin.methods.rows import Structure
from tb_attribution_plugin.methods.soft_masks import SoftMasks
from tb_attribution_plugin.methods.straight import total


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class RISE:
    """What f is on average where random masks leave a feature, less what it is on average.

        scores = E[f m] / E[m] - E[f],  f = f(x0 + m (x - x0)),  m from 0 (absent) to 1 (present)

    Petsiuk, Das and Saenko, 2018, eq. 6 (arXiv:1806.07421); masks are of its section 3.2, coarse grids that are
    enlarged and shifted (soft_masks.py), with all channels of a place together: they have the same score, which a log
    holds once. Departures: E[f] is subtracted, without which the map of every feature is mostly E[f], so that scores
    below 0 speak against the target; E[m] is the mean of the masks that were drawn, so that a constant f has exactly 0;
    and f is no probability unless you say so. Masks depend on the seed alone: they are the same for all examples and at
    every step of training.

    `errors` are standard errors (delta method for the quotient), the residual is their sum over the places of the
    example, in units of the scores. A feature that no mask shows has score 0 and the error NaN. Scores do not sum to
    anything.

    It misleads where features act only together, as most masks break them apart, and where the errors are not small
    beside the scores: neighbours share their masks, so that noise is as smooth as a map and looks like one.

    Attributes:
      masks: how many, at least 2. Cost is one forward evaluation per mask for each point of the baseline, and f(x).
      grid: cells along each axis of the input, at most as many as it is long; or one number for each, (height, width).
      keep: how likely a cell is on, between 0 and 1.
      seed: of the masks.
      baseline: x0, in the units of the inputs; "auto" is resolved from the probe. The paper has 0.
      original: E[f m] / E[m], as in the paper.
    """

    masks: int = 500
    grid: Any = 7
    keep: float = 0.5
    seed: int = 0
    baseline: Any = "auto"
    original: bool = False

    name: ClassVar[str] = "rise"
    error_kind: ClassVar[str] = "standard_error"
    additive: ClassVar[bool] = False
    class_sensitive: ClassVar[bool] = True
    weight_sensitive: ClassVar[bool] = True
    joins_targets: ClassVar[bool] = True
    per_place: ClassVar[bool] = True
    correlated_errors: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if not is_whole(self.masks, 2):
            raise ValueError(f"masks must be a whole number above 1, as errors need two; got {self.masks!r}")
        grids.check(self.grid)
        if not is_number(self.keep) or not 0 < self.keep < 1:
            raise ValueError(f"keep must be a number between 0 and 1, both excluded; got {self.keep!r}")
        check_seed(self.seed)

    @property
    def signed(self) -> bool:
        return True

    def cost(self) -> int:
        """Of a resolved method."""
        return int(self.masks * self.baseline.count + 1)

    def __call__(self, model: Model, inputs: Structure) -> Attribution:
        method = resolution.resolved(self, model, inputs)
        outputs, features = model.values(inputs), model.features(inputs)
        masks = SoftMasks(method.grid, float(self.keep), self.seed)
        of_all = switched.shared(lambda mask: masks.present(mask, features))
        values = switched.values(model, inputs, method.baseline, of_all, self.masks, method)
        found = quotients(masks, features, values, centred=not self.original)
        scores, errors = (
            tf.nest.map_structure(windows.whole, places, features, model.takes_ids(inputs)) for places in found
        )
        return Attribution(
            scores=scores,
            residual=total(found[1]),
            outputs=outputs,
            baseline_outputs=outputs * math.nan,
            errors=errors,
            evaluations=tf.fill(tf.shape(outputs), float(method.cost())),
        )
