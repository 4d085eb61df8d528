"""Regions of an image by how much attribution they hold, from overlapping masks."""

from __future__ import annotations

import tensorflow as tf


def densities(scores: tf.Tensor, cells: tf.Tensor, members: tf.Tensor, *, least: float, from_whole: bool) -> tf.Tensor:
    """The mean score of each pixel's region, float32 [B, H, W].

    A region is what the best mask adds to those before it, best by the mean score of what it adds (or, `from_whole`, of
    the mask as a whole). What no mask adds is one last region. Sums over an example stay as they are. An example with a
    score that is not finite is NaN everywhere.

    Args:
      scores: float32 [B, H, W].
      cells, members: of `overlapping.Masks`, for B examples or for all.
      least: share of the image that a mask must add to count.
    """
    examples, pixels = scores.shape[0], tf.size(scores[0])
    cells, members = (tf.repeat(one, examples // one.shape[0], 0) for one in (cells, members))
    count = tf.shape(members)[1]
    numbers = tf.reshape(cells + count * tf.range(examples)[:, None, None], (-1,))

    def of_cells(values: tf.Tensor) -> tf.Tensor:
        flat = tf.reshape(tf.cast(values, tf.float64), (-1,))
        return tf.reshape(tf.math.unsorted_segment_sum(flat, numbers, examples * count), (examples, count))

    fewest = tf.maximum(tf.round(least * tf.cast(pixels, tf.float64)), 1)
    found = tf.map_fn(
        lambda one: _of_example(*one, fewest=fewest, from_whole=from_whole),
        (of_cells(scores), of_cells(tf.ones_like(scores)), members),
        fn_output_signature=tf.float64,
    )
    return tf.cast(tf.gather(found, cells, batch_dims=1), tf.float32)


def _of_example(
    totals: tf.Tensor, sizes: tf.Tensor, members: tf.Tensor, *, fewest: tf.Tensor, from_whole: bool
) -> tf.Tensor:
    """Args: of cells, float64 [cells] and bool [cells, masks]. Returns densities [cells]."""
    both = tf.stack([totals, sizes])

    def over(chosen: tf.Tensor) -> tf.Tensor:
        """Totals and sizes of all masks, [2, masks], in the cells `chosen`."""
        return tf.matmul(tf.gather(both, chosen, axis=1), tf.cast(tf.gather(members, chosen), tf.float64))

    def mean(sums: tf.Tensor) -> tf.Tensor:
        return tf.math.divide_no_nan(sums[0], sums[1])

    whole = over(tf.range(tf.size(totals)))
    # Where one score is none, no mask is the best one: nothing is ranked.
    finite = tf.reduce_all(tf.math.is_finite(totals))

    def counts(left: tf.Tensor) -> tf.Tensor:
        return left[1] >= fewest

    def add(found: tf.Tensor, open_: tf.Tensor, left: tf.Tensor) -> tuple[tf.Tensor, ...]:
        """The best mask. `left` is what all masks would add, and every cell is taken from it once."""
        rank = mean(whole) if from_whole else mean(left)
        best = tf.argmax(tf.where(counts(left), rank, float("-inf")))
        new = open_ & tf.gather(members, best, axis=1)
        found = tf.where(new, mean(left[:, best]), found)
        taken = left - over(tf.reshape(tf.where(new), (-1,)))
        # Exactly nothing is left of the mask itself, whatever the rounding.
        left = tf.where(tf.range(tf.shape(left)[1]) == tf.cast(best, tf.int32), tf.zeros_like(left), taken)
        return found, open_ & ~new, left

    found, open_, _ = tf.while_loop(
        lambda found, open_, left: finite & tf.reduce_any(counts(left)),
        add,
        (tf.zeros_like(totals), tf.ones_like(totals, tf.bool), whole),
        parallel_iterations=1,
    )
    ranked = tf.where(open_, mean(tf.reduce_sum(tf.where(open_, both, 0), 1)), found)
    return tf.where(finite, ranked, float("nan"))
