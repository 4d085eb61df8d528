"""The share of the variance of the explained scalar that each cell of a grid has a part in."""

from __future__ import annotations

import dataclasses
from typing import Any, ClassVar

import tensorflow as tf

from tb_attribution_plugin.attribution import Attribution
from tb_attribution_plugin.methods import cells, grids
from tb_attribution_plugin.methods.arguments import check_seed, is_whole
from tb_attribution_plugin.methods.contract import Model
from tb_attribution_plugin.methods.rows import Structure


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Sobol:
    """Total-order Sobol indices of cells that fade independently between the baseline and x.

        scores of k = E[(f(A) - f(A with B in k))^2] / (2 var f),  f(m) = f(x0 + m (x - x0)),  m uniform in [0, 1]

    Jansen, 1999 (doi:10.1016/S0010-4655(98)00154-4), for models: Fel, Cadene et al., 2021, eq. 5 (arXiv:2111.04138).
    An index is the variance that is left when all cells but k are known: it counts what k does alone and with others,
    so that indices add up to 1 where f is additive in the cells, and to more elsewhere. Departures: A and B are a Latin
    hypercube instead of a Sobol sequence, which at 32 rows of 98 columns fills them no better, and the variance is that
    of A and B together. They depend on the seed alone. All channels of a cell fade together, and every feature has the
    score of its cell: a log holds it once for all channels of a place.

    `errors` are standard errors of independent designs (delta method), mostly above the true ones, the residual is
    their sum over the places. A constant f has 0.

    It misleads where the sign matters, which squares do not have, and where a half-faded input looks like nothing that
    the model knows.

    Attributes:
      grid: cells along each axis of the input, at most as many as it is long; or one number for each, (height, width).
      designs: rows of A and of B, at least 2. Cost is designs (cells + 2) forward evaluations for each point of the
        baseline, and f(x).
      seed: of A and B.
      baseline: x0, in the units of the inputs; "auto" is resolved from the probe.
    """

    grid: Any = 7
    designs: int = 32
    seed: int = 0
    baseline: Any = "auto"

    name: ClassVar[str] = "sobol"
    error_kind: ClassVar[str] = "standard_error"
    additive: ClassVar[bool] = False
    class_sensitive: ClassVar[bool] = True
    weight_sensitive: ClassVar[bool] = True
    joins_targets: ClassVar[bool] = True
    per_place: ClassVar[bool] = True
    correlated_errors: ClassVar[bool] = True

    def __post_init__(self) -> None:
        grids.check(self.grid)
        if not is_whole(self.designs, 2):
            raise ValueError(f"designs must be a whole number above 1, as errors need two; got {self.designs!r}")
        check_seed(self.seed)

    @property
    def signed(self) -> bool:
        return False

    def cost(self) -> int:
        """Of a resolved method."""
        return int(self._masks(self.grid.count) * self.baseline.count + 1)

    def __call__(self, model: Model, inputs: Structure) -> Attribution:
        return cells.explained(self, model, inputs, self._masks, self._switches, self._indices)

    def _masks(self, count: int) -> int:
        return self.designs * (count + 2)

    def _switches(self, count: int) -> cells.Switches:
        """Masks are A, then B, then A with each column of B in turn."""
        both = cells.latin(self.designs, 2 * count, self.seed)

        def switches(mask: tf.Tensor) -> tf.Tensor:
            a, b = (
                tf.gather(tf.constant(one, tf.float32), mask % self.designs)
                for one in (both[:, :count], both[:, count:])
            )
            turn = mask // self.designs
            from_b = (turn[:, None] == 1) | (turn[:, None] - 2 == tf.range(count))
            return tf.where(from_b, b, a)

        return switches

    def _indices(self, values: tf.Tensor, count: int) -> tuple[tf.Tensor, tf.Tensor]:
        turns = tf.reshape(values, (count + 2, self.designs, -1))
        a, mixed = turns[0], turns[2:]
        apart = turns[:2] - tf.reduce_mean(turns[:2], (0, 1))
        squares = tf.reduce_mean(apart**2, 0)  # of each design, [designs, B]
        variance = tf.reduce_mean(squares, 0) * (2 * self.designs / (2 * self.designs - 1))
        halves = (a - mixed) ** 2 / 2  # [cells, designs, B]
        scores = tf.math.divide_no_nan(tf.reduce_mean(halves, 1), variance)
        psi = tf.math.divide_no_nan(halves - scores[:, None] * squares, variance)
        errors = tf.sqrt(tf.reduce_mean(psi**2, 1) / (self.designs - 1))
        return tf.transpose(scores), tf.transpose(errors)
