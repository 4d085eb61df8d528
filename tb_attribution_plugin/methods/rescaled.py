"""Contributions by the rules of differences, averaged over reference points: what DeepLIFT and Deep SHAP share."""

from __future__ import annotations

import tensorflow as tf

from tb_attribution_plugin.attribution import Attribution
from tb_attribution_plugin.methods import baselines, rows
from tb_attribution_plugin.methods.backward.differences import DIFFERENCES
from tb_attribution_plugin.methods.contract import Model
from tb_attribution_plugin.methods.rows import Structure
from tb_attribution_plugin.methods.straight import start_of, starts_of, total


def rescaled(model: Model, inputs: Structure, points: baselines.Points) -> Attribution:
    """Memory does not depend on the number of points.

    Raises:
      ValueError: an operation has no rule; names it.
    """
    paths, examples = points.count, tf.nest.flatten(inputs)[0].shape[0]
    ends = model.features(inputs)
    starts = starts_of(model, points, ends)

    def contributions(row: tf.Tensor) -> tuple[Structure, tf.Tensor, tf.Tensor]:
        example = row % examples
        row_model, row_inputs = model.take(inputs, example)
        end, start = rows.gather(ends, example), start_of(starts, example, row // examples)
        found = row_model.carried(row_inputs, DIFFERENCES, end, start)
        scores = tf.nest.map_structure(lambda m, e, s: m * (e - s), found.features, end, start)
        return scores, found.values, found.reference_values

    count = paths * examples
    # Each row is evaluated twice, so that half as many fit.
    size = max(1, model.batch_size // 2)
    sums = rows.summed(contributions, tf.range(count) % examples, examples, size)
    scores, values, reference_values = tf.nest.map_structure(lambda t: t / paths, sums)
    return Attribution(
        scores=model.onto_inputs(scores),
        residual=values - reference_values - total(scores),
        outputs=values,
        baseline_outputs=reference_values,
        evaluations=tf.fill((examples,), float(2 * paths)),
    )
