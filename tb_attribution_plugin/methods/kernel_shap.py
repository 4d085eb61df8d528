"""Shapley values of any number of segments, by regression over some of their coalitions."""

from __future__ import annotations

import dataclasses
from typing import Any, ClassVar

from tb_attribution_plugin.attribution import Attribution
from tb_attribution_plugin.methods import coalitions
from tb_attribution_plugin.methods.arguments import check_count, check_seed
from tb_attribution_plugin.methods.coalitions import Design
from tb_attribution_plugin.methods.contract import Model
from tb_attribution_plugin.methods.least_angle import Few
from tb_attribution_plugin.methods.rows import Structure
from tb_attribution_plugin.methods.shapley_exact import Enumerated
from tb_attribution_plugin.methods.shapley_regression import regression

# Numbers of a design, its coalitions times their players, that are kept in memory: a GiB at most.
MOST = 2**26


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class KernelSHAP:
    """Shapley values (exact_shapley.py) from the values of `samples` coalitions.

        scores = E[Shapley values of v | v at the samples],  v(S) = mean over b of f(x_S, b)

    Lundberg and Lee, 2017, theorem 2 (arXiv:1705.07874): regression of v on who is present, with all coalitions where
    2^segments <= samples (then exact), else with pairs of complements, no coalition twice (Covert and Lee, 2021,
    arXiv:2012.01536). Departures: the regression has interactions too, which shrink with their order
    (random_games.py; without them it is the weighted least squares of the paper), and pairs are chosen one by one to
    tell most, not drawn; those beyond 1,024 are drawn, and what the others do not tell of them is regressed
    (many_pairs.py). Below 2 segments + 4 samples (and 2,052), where pairs would leave open who is worth what,
    coalitions are single ones that differ as much as they can (unpaired.py). Coalitions depend on the seed and the
    number of segments alone: they are the same at every step of training.

    With `features`, least angle regression chooses that many segments of each example, as shap's `num_features(k)`,
    along the path that all coalitions give (least_angle.py); the others have exactly 0 and those chosen share what they
    had. Standard errors are those of the segments chosen, not of the choice.

    `errors` are standard errors, the residual is their sum over the example, in units of the scores. They are those of
    a family of random games, averaged by how well each explains the values (shapley_regression.py), and never below
    what float32 rounds. Over seeds they are what they say (`python -m benchmarks.shapley`), but rough, up to twice too
    small or too large, with segments + 2 samples, of which one alone is left to tell, and around 3 a segment. Scores
    sum to f(x) minus the mean of f over the background, whatever the samples: that is no sign of quality.

    It misleads where features depend on each other (exact_shapley.py), and where standard errors are not small beside
    the scores: give more samples or coarser segments.

    Attributes:
      segments: int ids in the structure of the inputs; None takes the probe's.
      background: rows [K, ...] in the structure of the inputs that absent features are taken from, or a baseline; None
        takes the probe's, else the inputs themselves, and the padding for texts.
      samples: coalitions, at least segments + 2. Cost is (samples - 1) K + 1 forward evaluations.
      seed: of the choice of coalitions.
      features: how many segments of an example have a score; None is all of them.
    """

    segments: Any = None
    background: Any = None
    samples: int = 2048
    seed: int = 0
    features: int | None = None

    name: ClassVar[str] = "kernel_shap"
    error_kind: ClassVar[str] = "standard_error"
    additive: ClassVar[bool] = True
    class_sensitive: ClassVar[bool] = True
    weight_sensitive: ClassVar[bool] = True
    joins_targets: ClassVar[bool] = True

    def __post_init__(self) -> None:
        check_count("samples", self.samples)
        if self.features is not None:
            check_count("features", self.features)
        check_seed(self.seed)

    @property
    def signed(self) -> bool:
        return True

    def cost(self) -> int:
        """Of a resolved method."""
        return coalitions.cost(self, self._design)

    def __call__(self, model: Model, inputs: Structure) -> Attribution:
        return coalitions.explained(self, model, inputs, self._design)

    def _design(self, players: int) -> Design:
        if self.samples < players + 2:
            raise ValueError(
                f"samples must be at least the number of segments + 2, {players + 2}; got {self.samples}. Give more "
                "samples or coarser segments"
            )
        if self.features is not None and self.features > players:
            raise ValueError(
                f"features must be at most the number of segments, {players}; got {self.features}. Leave it out to "
                "keep all"
            )
        every = 2**players <= self.samples
        if min(self.samples, 2**players) * players > MOST:
            raise ValueError(
                f"samples must be at most {MOST // players:,} for {players} segments, as all coalitions are held in "
                f"memory ({MOST:,} numbers); got {self.samples:,}. Give fewer samples or coarser segments"
            )
        design: Design = Enumerated(players) if every else regression(players, self.samples, self.seed)
        return design if self.features is None else Few(design, players, self.features)
