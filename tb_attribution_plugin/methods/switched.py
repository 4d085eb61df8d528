"""A model evaluated where features are absent: what all methods that switch features share.

An absent feature has the value of a reference point, and a value is the mean over the points: v(S) = mean over rows b
of f(x where S, b elsewhere). Evaluations run in chunks of the best batch size and are averaged as they come, so that
memory holds one number per mask, whatever the number of points.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Hashable

import tensorflow as tf

from tb_attribution_plugin.methods import baselines, rows
from tb_attribution_plugin.methods.choice import chosen, of_channels
from tb_attribution_plugin.methods.contract import Model
from tb_attribution_plugin.methods.rows import Structure
from tb_attribution_plugin.methods.straight import start_of, starts_of

# Chunks of whole masks are made in half the time of rows that are gathered one by one, which is what small models take;
# they are not worth it where filling up the last one takes a larger share of the evaluations.
_MOST_FILLING = 1 / 16


@dataclasses.dataclass(frozen=True)
class Masks:
    """Which features are present, by the number of the mask: bool, or float between absent (0) and present (1).

    Attributes:
      each: masks [r] and examples [r], int32 -> structure of the features, each [r, *S], axes of size 1 broadcast.
      block: masks [m] -> structure of the features, each [m, B or 1, *S].
    """

    each: Callable[[tf.Tensor, tf.Tensor], Structure]
    block: Callable[[tf.Tensor], Structure]


def shared(present: Callable[[tf.Tensor], Structure]) -> Masks:
    """Masks that are the same for all examples: [m] -> structure of the features, each [m, *S]."""
    return Masks(
        lambda mask, example: present(mask),
        lambda mask: tf.nest.map_structure(lambda one: one[:, None], present(mask)),
    )


def values(
    model: Model, inputs: Structure, points: baselines.Points, masks: Masks, count: int, key: Hashable
) -> tf.Tensor:
    """The explained scalar under every mask.

    Args:
      count: masks of each example.
      key: equal where points and masks are; methods and targets that give an equal one share the evaluations.

    Returns:
      [count, B], float64 means over the points. Cost is `count` times `points.count` forward evaluations per example.
    """

    def all_targets() -> tf.Tensor:
        ends = model.features(inputs)
        starts = starts_of(model, points, ends)
        examples = tf.nest.flatten(inputs)[0].shape[0]
        at = model.together.at(inputs)
        paired = points.count * examples
        if count * paired >= 2**31:
            raise ValueError(
                f"{count} masks x {points.count} background rows x {examples} examples are too many evaluations; "
                "give fewer rows or samples"
            )

        def of_rows(row: tf.Tensor) -> tf.Tensor:
            example, point = row % examples, row // examples % points.count
            start, mask = start_of(starts, example, point), masks.each(row // paired, example)
            features = tf.nest.map_structure(_between, rows.gather(ends, example), start, mask)
            return tf.cast(at(example, features), tf.float64)

        def of_masks(mask: tf.Tensor) -> tf.Tensor:
            def features(end: tf.Tensor, start: tf.Tensor, mask: tf.Tensor) -> tf.Tensor:
                return _flat(_between(end[None, None], start[None], mask[:, None]))

            found = tf.nest.map_structure(features, ends, starts, masks.block(mask))
            scores = at(tf.range(tf.shape(mask)[0] * paired) % examples, found)
            by_point = tf.reshape(scores, (-1, points.count, examples, model.together.count))
            return tf.reduce_sum(tf.cast(by_point, tf.float64), 1)

        at_once = model.batch_size // paired
        chunks, size = rows.balanced(count, at_once)
        if at_once and chunks * size - count <= _MOST_FILLING * count:
            return rows.mapped(of_masks, count, at_once) / points.count
        _, size = rows.balanced(count * paired, model.batch_size)
        sums = rows.summed_into(
            tf.zeros((count * examples, model.together.count), tf.float64),
            of_rows,
            lambda row: row // paired * examples + row % examples,
            tf.constant(count * paired),
            size,
        )
        return tf.reshape(sums / points.count, (count, examples, model.together.count))

    return model.together.once(key, inputs, all_targets)[..., model.place]


def _between(end: tf.Tensor, start: tf.Tensor, mask: tf.Tensor) -> tf.Tensor:
    if mask.dtype == tf.bool:
        return chosen(mask, end, start)
    return start + of_channels(mask, end.shape[-1]) * (end - start)


def _flat(tensor: tf.Tensor) -> tf.Tensor:
    """[m, points, B, ...] as [m * points * B, ...]."""
    return tf.reshape(tensor, tf.concat([[-1], tf.shape(tensor)[3:]], 0))
