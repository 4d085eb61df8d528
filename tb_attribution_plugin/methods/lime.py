"""A linear model of the network around the input."""

from __future__ import annotations

import dataclasses
import math
from typing import Any, ClassVar

from tb_attribution_plugin.attribution import Attribution
from tb_attribution_plugin.methods import coalitions, perturbations, resolution, surrogate
from tb_attribution_plugin.methods.arguments import check_count, check_seed, is_number
from tb_attribution_plugin.methods.coalitions import Design
from tb_attribution_plugin.methods.contract import Model
from tb_attribution_plugin.methods.rows import Structure


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class LIME:
    """Fits a linear model to f at random changes of the input, the closer to it the heavier.

        b, c = argmin of  sum over samples i of w_i (f(x_i) - c - z_i b)^2 + ridge |b|^2
        w_i  = sqrt(exp(-d_i^2 / kernel_width^2))

    Ribeiro, Singh and Guestrin, 2016, eq. 1 (arXiv:1602.04938), with the kernel and the penalty of the package lime
    0.2. What z is, and the distance d of z_i from that of the input, follow the perturbation (perturbations.py).
    `OnOff`: who is present; one minus the cosine. `Gaussian`: standardised values; Euclidean. `Bins`: 1 where a column
    is in the same quarter of the rows as the input's; Euclidean. The input itself is the first sample, and all features
    are kept. Departures: all coalitions are evaluated where 2^segments <= samples, else they come in pairs of
    complements, which leaves the expectation and takes noise away. Samples depend on the seed and on the number of
    segments or columns alone: they are the same at every step of training and for every example, whose map would else
    depend on those that stand before it in the probe.

    `segment_scores` are the coefficients b, and a feature has its segment's divided by the number of its features; for
    `Gaussian` and `Bins` the scores are the coefficients: per standard deviation of a column, and of being in the
    input's bin. The residual is 1 - R^2, weighted: what the linear model does not explain; 1 with a kernel so narrow
    that no sample weighs anything. Scores do not sum to anything.

    It misleads where the residual is not small: f is not linear between its samples, and another kernel or another seed
    gives another map.

    Attributes:
      segments: int ids in the structure of the inputs; None takes the probe's, else every feature is one.
      samples: at least segments (or columns) + 2. Cost is (samples - 1) K + 1 forward evaluations with `OnOff`, else
        samples.
      perturbation: `tba.perturbations.OnOff(baseline="auto")`, `Gaussian(mean=None, scale=None)` or `Bins(train=None)`;
        None is `Gaussian` for tables, unless segments join columns, and `OnOff` for everything else.
      kernel_width: the width of the kernel; None is 0.25 for `OnOff`, else 0.75 sqrt(columns).
      ridge: the penalty; 0 is least squares.
      seed: of the samples.
    """

    segments: Any = None
    samples: int = 1000
    perturbation: Any = None
    kernel_width: float | None = None
    ridge: float = 1.0
    seed: int = 0

    name: ClassVar[str] = "lime"
    error_kind: ClassVar[str] = "one_minus_r2"
    additive: ClassVar[bool] = False
    class_sensitive: ClassVar[bool] = True
    weight_sensitive: ClassVar[bool] = True
    joins_targets: ClassVar[bool] = True

    def __post_init__(self) -> None:
        check_count("samples", self.samples)
        check_seed(self.seed)
        width = self.kernel_width
        if width is not None and not (is_number(width) and 0 < width < math.inf):
            raise ValueError(f"kernel_width must be a number above 0, or None; got {width!r}")
        if not (is_number(self.ridge) and 0 <= self.ridge < math.inf):
            raise ValueError(f"ridge must be a number, at least 0; got {self.ridge!r}")

    @property
    def signed(self) -> bool:
        return True

    @property
    def baseline(self) -> Any:
        """What stands where a segment is absent; of a table, how its values are drawn."""
        if isinstance(self.perturbation, perturbations.OnOff):
            return self.perturbation.baseline
        return self.perturbation

    @property
    def width(self) -> float:
        """Of the kernel, resolved."""
        if self.kernel_width is not None:
            return float(self.kernel_width)
        law = self.perturbation
        return 0.25 if isinstance(law, perturbations.OnOff) else 0.75 * math.sqrt(law.columns)

    def cost(self) -> int:
        """Of a resolved method."""
        if isinstance(self.perturbation, perturbations.OnOff):
            return coalitions.cost(self, self._design)
        self._check_samples(self.perturbation.columns, "columns", "")
        return self.samples

    def __call__(self, model: Model, inputs: Structure) -> Attribution:
        method = resolution.resolved(self, model, inputs)
        if isinstance(method.perturbation, perturbations.OnOff):
            return coalitions.explained(method, model, inputs, method._design)
        method._check_samples(method.perturbation.columns, "columns", "")
        return surrogate.of_columns(method, model, inputs)

    def _design(self, players: int) -> Design:
        self._check_samples(players, "segments", " or coarser segments")
        return surrogate.OfSwitches(players, self.samples, self.width, float(self.ridge), self.seed)

    def _check_samples(self, count: int, what: str, fix: str) -> None:
        if self.samples < count + 2:
            raise ValueError(
                f"samples must be at least the number of {what} + 2, {count + 2}; got {self.samples}. Give more "
                f"samples{fix}"
            )
