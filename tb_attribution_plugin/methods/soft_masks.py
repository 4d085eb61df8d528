"""Random masks with soft edges: a coarse grid of cells that are on or off, enlarged and shifted."""

from __future__ import annotations

import dataclasses

import numpy as np
import tensorflow as tf

from tb_attribution_plugin.methods import noise
from tb_attribution_plugin.methods.grids import Grid
from tb_attribution_plugin.methods.rows import Structure


@dataclasses.dataclass(frozen=True)
class SoftMasks:
    """Numbered masks that are made anew where they are needed, the same for all examples.

    A grid with one cell more than asked for along each axis is enlarged linearly, and the input lies under it at a
    place that is uniform over one cell (Petsiuk, Das and Saenko, 2018, section 3.2, arXiv:1806.07421). The mean of a
    mask over all that can be drawn is `keep` everywhere. Departures from the paper's code: places are not rounded to
    whole features, and cells need not divide the input.
    """

    grid: Grid
    keep: float
    seed: int

    def present(self, mask: tf.Tensor, features: Structure) -> Structure:
        """How much of each feature masks [m], ascending, leave: in the structure of the features, each [m, *S], from
        0 to 1, channels of size 1."""
        first, found = mask[0], []
        count, flat = mask[-1] - first + 1, tf.nest.flatten(features)
        for stream, (cells, sides, feature) in enumerate(zip(self.grid.cells, self.grid.sides, flat, strict=True)):
            drawn = int(np.prod([one + 1 for one in cells]))
            # The cells, and behind them the shift along each axis.
            numbers = noise.uniforms(first, count, tf.constant([drawn + len(cells)]), self.seed, stream)
            enlarged = tf.cast(numbers[:, :drawn] < self.keep, tf.float32)
            for axis, (of_axis, side) in enumerate(zip(cells, sides, strict=True)):
                weights = _weights(of_axis, side, numbers[:, drawn + axis])
                # The axis goes from the front to the back, so that after all of them the order is the first one.
                enlarged = tf.reshape(enlarged, (count, of_axis + 1, -1))
                enlarged = tf.matmul(enlarged, weights, transpose_a=True, transpose_b=True)
            channels = [1] * (feature.shape.rank - 1 - len(sides))
            found.append(tf.gather(tf.reshape(enlarged, (count, *sides, *channels)), mask - first))
        return tf.nest.pack_sequence_as(features, found)


def _weights(cells: int, side: int, shift: tf.Tensor) -> tf.Tensor:
    """What each of cells + 1 counts at each place, [m, side, cells + 1], shifts [m] in cells.

    A cell counts most in its middle; outside of the first and the last middle there is one cell alone.
    """
    middles = (tf.range(side, dtype=tf.float32) + 0.5) * (cells / side) - 0.5
    place = tf.clip_by_value(middles + shift[:, None], 0.0, float(cells))
    return tf.nn.relu(1 - tf.abs(place[..., None] - tf.range(cells + 1, dtype=tf.float32)))
