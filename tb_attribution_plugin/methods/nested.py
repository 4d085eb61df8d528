"""A nested pair of quadrature rules on [0, 1]: each example gets points until its map no longer changes.

Midpoints of n cells are every third of the midpoints of 3 n, so that refining keeps all that was computed. What counts
is the change of the map, not of its sum: a small completeness gap is not yet a right map.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import tensorflow as tf

from tb_attribution_plugin.methods import rows
from tb_attribution_plugin.methods.rows import Structure

REFINEMENTS = 3


class Integral(NamedTuple):
    """Attributes:
    fine, coarse: the mean over paths, by the finer and the coarser rule of the last pair; each [B, ...].
    points: on each path, int32 [B].
    """

    fine: Structure
    coarse: Structure
    points: tf.Tensor


def integral(
    at: Callable[[tf.Tensor, tf.Tensor, tf.Tensor], Structure],
    change: Callable[[Structure, Structure], tf.Tensor],
    *,
    examples: int,
    paths: int,
    cells: int,
    tolerance: float,
    batch_size: int,
) -> Integral:
    """Integrates with `cells` and 3 `cells` midpoints, then refines the examples whose change exceeds the tolerance.

    Args:
      at: int32 example [r], int32 path [r] and node [r] in [0, 1] -> the integrand there, [r, ...].
      change: fine and coarse -> [B].
    """
    first = 3 * cells

    def pair(row: tf.Tensor) -> Structure:
        node = (tf.cast((row // examples) % first, tf.float32) + 0.5) / first
        return at(row % examples, row // (examples * first), node)

    row = tf.range(examples * first * paths)
    in_both = tf.cast((row // examples) % 3 == 1, tf.int32)  # 3 cells are a multiple of 3: paths do not shift it
    sums = rows.summed(pair, in_both * examples + row % examples, 2 * examples, batch_size)
    total = tf.nest.map_structure(lambda t: t[:examples] + t[examples:], sums)
    coarse = tf.nest.map_structure(lambda t: t[examples:] / (cells * paths), sums)
    fine = tf.nest.map_structure(lambda t: t / (first * paths), total)
    size = min(batch_size, 2 * first * paths * examples)

    def body(cells: tf.Tensor, points: tf.Tensor, open_: tf.Tensor, total: Any, fine: Any, coarse: Any) -> Any:
        """Two new midpoints in each cell."""
        chosen = tf.cast(tf.where(open_)[:, 0], tf.int32)
        count = tf.size(chosen)

        def new(row: tf.Tensor) -> Structure:
            point = (row // count) % (2 * cells)
            place = tf.cast(point // 2, tf.float32) + tf.cast(1 + 4 * (point % 2), tf.float32) / 6
            node = place / tf.cast(cells, tf.float32)
            return at(tf.gather(chosen, row % count), row // (count * 2 * cells), node)

        added = rows.summed_into(
            tf.nest.map_structure(tf.zeros_like, total),
            new,
            lambda row: tf.gather(chosen, row % count),
            count * 2 * cells * paths,
            size,
        )
        cells = 3 * cells
        total = tf.nest.map_structure(tf.add, total, added)
        finer = tf.nest.map_structure(lambda t: t / tf.cast(cells * paths, tf.float32), total)
        coarse = tf.nest.map_structure(lambda f, c: tf.where(_along(open_, f), f, c), fine, coarse)
        fine = tf.nest.map_structure(lambda f, n: tf.where(_along(open_, f), n, f), fine, finer)
        points = tf.where(open_, cells, points)
        return cells, points, open_ & (change(fine, coarse) > tolerance), total, fine, coarse

    most = first * 3**REFINEMENTS
    state = (tf.constant(first), tf.fill((examples,), first), change(fine, coarse) > tolerance, total, fine, coarse)
    state = tf.while_loop(
        lambda cells, points, open_, *maps: tf.reduce_any(open_) & (cells < most), body, state, parallel_iterations=1
    )
    return Integral(fine=state[4], coarse=state[5], points=state[1])


def _along(flags: tf.Tensor, like: tf.Tensor) -> tf.Tensor:
    return tf.reshape(flags, (-1, *[1] * (like.shape.rank - 1)))
