"""One step of the path of Guided Integrated Gradients."""

from __future__ import annotations

import tensorflow as tf


def step(
    places: tf.Tensor, sizes: tf.Tensor, gradients: tf.Tensor, *, to: tf.Tensor, fraction: float, max_distance: float
) -> tf.Tensor:
    """Moves the features of least gradient until `to` of the L1 distance between the ends is covered.

    A `fraction` of all features goes at a time, by magnitude of the gradient, equal ones together, each as far as it
    may; of the last ones all go the same part of their way.

    Args:
      places: float64 [r, N] in [0, 1], where between its ends each feature is.
      sizes: float64 [r, N], distance between its ends.
      gradients: float32 [r, N].
      to: float64 [], share of the distance.
      fraction: of the features.
      max_distance: how far from `to` a feature may be.
    """
    lowest, highest = tf.maximum(to - max_distance, 0), tf.minimum(to + max_distance, 1)
    places = tf.maximum(places, lowest)
    magnitudes = tf.abs(gradients)
    can_move = (places < highest) & (sizes > 0) & tf.math.is_finite(magnitudes)
    keys = tf.where(can_move, magnitudes, float("inf"))
    rooms = tf.where(can_move, sizes * (highest - places), 0)
    needed = tf.reduce_sum(sizes * (1 - places), 1) - (1 - to) * tf.reduce_sum(sizes, 1)
    last = tf.shape(keys)[1] - 1
    more = tf.cast(tf.floor(fraction * tf.cast(last, tf.float64)), tf.int32)

    def up_to(bound: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        """A key, the room of all up to it, and their number."""
        among = keys <= bound[:, None]
        return bound, tf.reduce_sum(tf.where(among, rooms, 0), 1), tf.reduce_sum(tf.cast(among, tf.int32), 1)

    def unfinished(room: tf.Tensor, count: tf.Tensor) -> tf.Tensor:
        return (room < needed) & (count <= last)

    def body(
        passed: tf.Tensor, passed_room: tf.Tensor, bound: tf.Tensor, room: tf.Tensor, count: tf.Tensor
    ) -> tuple[tf.Tensor, ...]:
        goes_on = unfinished(room, count)
        found = up_to(_smallest(keys, tf.minimum(count + more, last)))
        new = [tf.where(goes_on, one, old) for one, old in zip(found, (bound, room, count), strict=True)]
        return tf.where(goes_on, bound, passed), tf.where(goes_on, room, passed_room), *new

    none = -tf.ones_like(needed)
    passed, passed_room, bound, room, _ = tf.while_loop(
        lambda *state: tf.reduce_any(unfinished(*state[3:])),
        body,
        (tf.cast(none, tf.float32), tf.zeros_like(needed), *up_to(tf.raw_ops.NthElement(input=keys, n=more))),
    )
    part = tf.clip_by_value(tf.math.divide_no_nan(needed - passed_room, room - passed_room), 0, 1)
    part = tf.where(keys <= passed[:, None], tf.ones_like(part)[:, None], part[:, None])
    moves = can_move & (keys <= bound[:, None])
    # What goes all the way arrives exactly, and is not moved again.
    return tf.where(moves, tf.where(part == 1, highest, places + part * (highest - places)), places)


def _smallest(keys: tf.Tensor, place: tf.Tensor) -> tf.Tensor:
    """The key at a place [r] of each row in ascending order, [r]; to sort large rows takes as long as a gradient."""

    def of_row(row: tuple[tf.Tensor, tf.Tensor]) -> tf.Tensor:
        return tf.raw_ops.NthElement(input=row[0], n=row[1])

    found: tf.Tensor = tf.map_fn(of_row, (keys, place), fn_output_signature=keys.dtype)
    return found
