"""How much the explained scalar depends on whether each cell of a grid is there."""

from __future__ import annotations

import dataclasses
import math
from typing import Any, ClassVar

import numpy as np
import tensorflow as tf

from tb_attribution_plugin.attribution import Attribution
from tb_attribution_plugin.methods import cells, grids
from tb_attribution_plugin.methods.arguments import check_seed, is_whole
from tb_attribution_plugin.methods.contract import Model
from tb_attribution_plugin.methods.rows import Structure

# Numbers of the matrices [designs, designs] of one kind that are held at a time.
_AT_ONCE = 2**22


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class HSIC:
    """The Hilbert-Schmidt independence criterion between a cell's mask and f under the masks of all cells.

        scores of k = sum over i, j of K(m_ik, m_jk) (H L H)_ij / (n - 1)^2,  H = 1 - 1/n,
        K(a, b) = 1/2 - (a - b)^2,  L_ij = exp(-(f_i - f_j)^2 / (2 s^2)),  s = median over i < j of |f_i - f_j|

    Gretton et al., 2005, eq. 9 (doi:10.1007/11564089_7), for models: Novello, Fel and Vigouroux, 2022, eq. 5
    (arXiv:2206.06219). Where Sobol asks for the variance alone, this sees any dependence, from fewer evaluations: all
    cells share the same n. Where more than half of all pairs of f are equal, s is the mean. Masks are a Latin hypercube
    cut at 1/2, so that each cell is on in half of them; they depend on the seed alone. All channels of a cell are
    switched together, and every feature has the score of its cell: a log holds it once for all channels of a place.

    `errors` are standard errors of independent designs (the first term of the von Mises expansion), the residual is
    their sum over the places. A cell that f does not depend on has about (1 - mean of L) / (2 n), not 0: that is the
    bias of the criterion.

    It misleads where the sign matters, which it does not have, and where scores are not large beside those of cells
    that do nothing.

    Attributes:
      grid: cells along each axis of the input, at most as many as it is long; or one number for each, (height, width).
      designs: n, masks of all cells, at least 4. Cost is one forward evaluation per design for each point of the
        baseline, and f(x).
      seed: of the masks.
      baseline: x0, in the units of the inputs; "auto" is resolved from the probe.
    """

    grid: Any = 7
    designs: int = 500
    seed: int = 0
    baseline: Any = "auto"

    name: ClassVar[str] = "hsic"
    error_kind: ClassVar[str] = "standard_error"
    additive: ClassVar[bool] = False
    class_sensitive: ClassVar[bool] = True
    weight_sensitive: ClassVar[bool] = True
    joins_targets: ClassVar[bool] = True
    per_place: ClassVar[bool] = True
    correlated_errors: ClassVar[bool] = True

    def __post_init__(self) -> None:
        grids.check(self.grid)
        if not is_whole(self.designs, 4):
            raise ValueError(
                f"designs must be a whole number, at least 4, so that cells are on and off twice; got {self.designs!r}"
            )
        check_seed(self.seed)

    @property
    def signed(self) -> bool:
        return False

    def cost(self) -> int:
        """Of a resolved method."""
        return int(self.designs * self.baseline.count + 1)

    def __call__(self, model: Model, inputs: Structure) -> Attribution:
        return cells.explained(self, model, inputs, lambda _: self.designs, self._switches, self._criteria)

    def _on(self, count: int) -> tf.Tensor:
        """[designs, cells]."""
        return tf.constant(cells.latin(self.designs, count, self.seed) < 0.5)

    def _switches(self, count: int) -> cells.Switches:
        on = self._on(count)
        return lambda mask: tf.gather(on, mask)

    def _criteria(self, values: tf.Tensor, count: int) -> tuple[tf.Tensor, tf.Tensor]:
        # K of -1/2 and 1/2 is the product of signs, over 2: no [designs, designs] is needed for each cell. Float32
        # halves what is read and written and loses no more than the model's own float32.
        signs = tf.where(self._on(count), 1.0, -1.0)
        signs -= tf.reduce_mean(signs, 0)
        values = tf.transpose(values - tf.reduce_mean(values, 0))

        def of_example(given: tuple[tf.Tensor, tf.Tensor]) -> tuple[tf.Tensor, tf.Tensor]:
            value, width = given
            apart = tf.cast(value[:, None] - value[None], tf.float32)
            # All ones where all values are the same, as the width is 0 then.
            alike = tf.exp(-tf.square(apart * tf.cast(tf.math.reciprocal_no_nan(width * math.sqrt(2)), tf.float32)))
            along = tf.matmul(alike, signs)  # H signs = signs
            along = tf.cast(along - tf.reduce_mean(along, 0), tf.float64)
            rows = tf.cast(signs, tf.float64) * along / (2 * self.designs)  # their mean is the one over all i, j
            mean = tf.reduce_mean(rows, 0)
            errors = 2 * tf.sqrt(tf.reduce_mean((rows - mean) ** 2, 0) / (self.designs - 1))
            return tf.maximum(mean, 0) * (self.designs / (self.designs - 1)) ** 2, errors

        # A few examples at a time: [designs, designs] of all of them could fill the memory.
        specs = (tf.TensorSpec([count], tf.float64),) * 2
        found: tuple[tf.Tensor, tf.Tensor] = tf.map_fn(
            of_example,
            (values, _widths(values)),
            fn_output_signature=specs,
            parallel_iterations=max(1, min(8, _AT_ONCE // self.designs**2)),
        )
        return found


def _widths(values: tf.Tensor) -> tf.Tensor:
    """s of values [b, n], [b]; 0 where they are all the same."""
    ordered, count = tf.sort(values, axis=1), values.shape[1]
    pairs = count * (count - 1) // 2
    places = sorted({(pairs - 1) // 2, pairs // 2})
    middle = tf.add_n([_distance(ordered, place) for place in places]) / len(places)
    # Each value is the larger one of as many pairs as there are values before it.
    larger = 2 * tf.range(count, dtype=tf.float64) - (count - 1)
    return tf.where(middle > 0, middle, tf.linalg.matvec(ordered, larger) / pairs)


def _distance(ordered: tf.Tensor, place: int) -> tf.Tensor:
    """The distance of two values that `place` pairs are at most as far apart as, of values [b, n] that ascend, [b].

    Halves an interval until it is as narrow as float64 can tell: to sort or select among all pairs takes as long as a
    small network takes for the designs.
    """
    number = tf.range(1, ordered.shape[1] + 1)

    def is_within(width: tf.Tensor) -> tf.Tensor:
        upto = tf.searchsorted(ordered, ordered + width[:, None], side="right")
        return tf.reduce_sum(upto - number, 1) > place

    def halved(low: tf.Tensor, high: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        middle = (low + high) / 2
        within = is_within(middle)
        return tf.where(within, low, middle), tf.where(within, middle, high)

    low, high = tf.zeros_like(ordered[:, 0]), ordered[:, -1] - ordered[:, 0]
    _, found = tf.while_loop(lambda low, high: True, halved, (low, high), maximum_iterations=np.finfo(np.float64).nmant)
    return tf.where(is_within(low), low, found)
