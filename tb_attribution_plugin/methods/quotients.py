"""Means of values under random masks, feature by feature, and how wrong they are."""

from __future__ import annotations

import math
from typing import NamedTuple

import tensorflow as tf

from tb_attribution_plugin.methods import rows
from tb_attribution_plugin.methods.rows import Structure
from tb_attribution_plugin.methods.soft_masks import SoftMasks

# Numbers of masks whose sums are taken at once, 8 MiB: more of them take memory and save nothing.
_AT_ONCE = 2**20


class Quotients(NamedTuple):
    """In the structure of the features, each [B, *S], float32, channels of size 1."""

    scores: Structure  # 0 where no mask shows the feature
    errors: Structure  # standard errors; NaN where no mask does


def quotients(masks: SoftMasks, features: Structure, values: tf.Tensor, *, centred: bool) -> Quotients:
    """E[f m] / E[m], less E[f] where `centred`.

    Args:
      values: of the masks from 0 on, float64 [masks, B].
    """
    count, examples = values.shape
    mean = tf.reduce_mean(values, 0)
    apart = tf.transpose(values - mean)  # g below; of it, nothing is lost between large sums
    largest = max(map(math.prod, masks.grid.sides))
    at_once = max(1, min(count, _AT_ONCE // largest))
    chunks = -(-count // at_once)
    factors = tf.concat([tf.ones((1, count), tf.float64), apart, apart**2], 0)
    factors = tf.pad(factors, [[0, 0], [0, chunks * at_once - count]])  # what fills up the last chunk counts 0

    def sums(chunk: tf.Tensor) -> Structure:
        """Of 1, g and g^2, times m and m^2: each [1, 2, 1 + 2B, *S]."""
        mask = chunk[0] * at_once + tf.range(at_once)
        factor = tf.gather(factors, mask, axis=1)

        def of_input(present: tf.Tensor) -> tf.Tensor:
            present = tf.cast(present, tf.float64)
            return tf.stack([tf.tensordot(factor, power, 1) for power in (present, present**2)])[None]

        return tf.nest.map_structure(of_input, masks.present(mask, features))

    totals = rows.summed(sums, tf.zeros(chunks, tf.int32), 1, 1)
    variance = tf.reduce_mean(apart**2, 1)

    def found(total: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        (m, gm, ggm), (mm, gmm, ggmm) = (tf.split(one / count, [1, examples, examples]) for one in tf.unstack(total[0]))
        score = tf.math.divide_no_nan(gm, m)
        of_example = (examples, *[1] * (score.shape.rank - 1))
        # The variance of psi = (g - score) m / E[m] - g, the last term where E[f] is subtracted (delta method).
        squares = (ggmm - 2 * score * gmm + score**2 * mm) / m**2
        if centred:
            squares += tf.reshape(variance, of_example) - 2 * (ggm - score * gm) / m
        else:
            score += tf.reshape(mean, of_example)
        error = tf.sqrt(tf.maximum(squares, 0) / (count - 1))
        return tf.cast(score, tf.float32), tf.cast(error, tf.float32)

    scores, errors = zip(*[found(total) for total in tf.nest.flatten(totals)], strict=True)
    return Quotients(tf.nest.pack_sequence_as(features, scores), tf.nest.pack_sequence_as(features, errors))
