"""Many evaluations in chunks of one size: the model runs at the batch size it is fastest at, memory stays bounded.

A *row* is one evaluation of one example (a point on a path, a noisy copy, a masked copy). Rows are cut into equal
chunks, so that the chunk is traced once; the few rows that fill up the last chunk are clipped copies and do not count.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tensorflow as tf

Structure = Any  # a tensor, or a list / dict of tensors


def gather(structure: Structure, index: tf.Tensor) -> Structure:
    """Rows `index` of the first axis of every tensor; None stays."""
    return tf.nest.map_structure(lambda tensor: None if tensor is None else tf.gather(tensor, index), structure)


def mapped(evaluate: Callable[[tf.Tensor], Structure], count: int, batch_size: int) -> Structure:
    """`evaluate` over rows 0 .. count - 1, at most `batch_size` at a time.

    Args:
      evaluate: int32 row numbers [r] -> structure of tensors [r, ...].

    Returns:
      The structure with first axis `count`.
    """
    chunks, size = balanced(count, batch_size)
    if chunks == 1:
        return evaluate(tf.range(count))
    first = evaluate(_chunk(0, size, count)[0])
    arrays = [
        tf.TensorArray(tensor.dtype, size=chunks, element_shape=tensor.shape).write(0, tensor)
        for tensor in tf.nest.flatten(first)
    ]

    def body(chunk: tf.Tensor, arrays: list[tf.TensorArray]) -> tuple[tf.Tensor, list[tf.TensorArray]]:
        results = tf.nest.flatten(evaluate(_chunk(chunk, size, count)[0]))
        return chunk + 1, [array.write(chunk, one) for array, one in zip(arrays, results, strict=True)]

    _, arrays = tf.while_loop(lambda chunk, _: chunk < chunks, body, (tf.constant(1), arrays), parallel_iterations=1)
    flat = [tf.ensure_shape(array.concat()[:count], (count, *array.element_shape[1:])) for array in arrays]
    return tf.nest.pack_sequence_as(first, flat)


def summed(evaluate: Callable[[tf.Tensor], Structure], group: tf.Tensor, groups: int, batch_size: int) -> Structure:
    """Sums of `evaluate` over the rows of each group, accumulated as they come.

    Args:
      evaluate: int32 row numbers [r] -> structure of float tensors [r, ...].
      group: int32 [count], the group of each row.
      groups: number of groups.

    Returns:
      The structure with first axis `groups`; memory does not depend on the number of rows.
    """
    count = group.shape[0]
    chunks, size = balanced(count, batch_size)

    def chunk_sums(chunk: tf.Tensor) -> Structure:
        rows, counts = _chunk(chunk, size, count)
        segment = tf.where(counts, tf.gather(group, rows), -1)  # a negative segment is dropped
        return tf.nest.map_structure(lambda t: tf.math.unsorted_segment_sum(t, segment, groups), evaluate(rows))

    total = chunk_sums(tf.constant(0))
    if chunks == 1:
        return total

    def body(chunk: tf.Tensor, total: Structure) -> tuple[tf.Tensor, Structure]:
        return chunk + 1, tf.nest.map_structure(tf.add, total, chunk_sums(chunk))

    _, total = tf.while_loop(lambda chunk, _: chunk < chunks, body, (tf.constant(1), total), parallel_iterations=1)
    return total


def summed_into(
    total: Structure,
    evaluate: Callable[[tf.Tensor], Structure],
    group: Callable[[tf.Tensor], tf.Tensor],
    count: tf.Tensor,
    size: int,
) -> Structure:
    """As `summed`, for a number of rows that the graph works out.

    Args:
      total: what the sums are added to, in the structure of `evaluate`, first axis the groups.
      group: int32 row numbers [r] -> int32 [r], the group of each.
      count: int32 [], number of rows; 0 is possible.
      size: rows at a time.
    """

    def body(chunk: tf.Tensor, total: Structure) -> tuple[tf.Tensor, Structure]:
        rows = chunk * size + tf.range(size)
        counts = rows < count
        rows = tf.minimum(rows, count - 1)
        segment = tf.where(counts, group(rows), -1)
        added = tf.nest.map_structure(
            lambda t, s: s + tf.math.unsorted_segment_sum(t, segment, tf.shape(s)[0]), evaluate(rows), total
        )
        return chunk + 1, tf.nest.map_structure(lambda a, t: tf.ensure_shape(a, t.shape), added, total)

    _, total = tf.while_loop(
        lambda chunk, _: chunk * size < count, body, (tf.constant(0), total), parallel_iterations=1
    )
    return total


def summed_changes(
    evaluate: Callable[[tf.Tensor], Structure],
    change: Callable[[Structure, Structure], tf.Tensor],
    group: tf.Tensor,
    points: int,
    groups: int,
    batch_size: int,
) -> tf.Tensor:
    """Sums of `change(before, after)` over neighbouring points of several sequences.

    Sequences run side by side: row = point * sequences + sequence.

    Args:
      evaluate: int32 row numbers [r] -> structure of float tensors [r, ...].
      change: what it gives at points, and at the points that follow each -> [r, ...].
      group: int32 [sequences], the group of each sequence.

    Returns:
      [groups, ...]; memory does not depend on the number of points.
    """
    sequences = group.shape[0]
    count = points * sequences
    chunks, size = balanced(count, batch_size)

    def after(chunk: tf.Tensor, last: Structure) -> tuple[tf.Tensor, Structure]:
        """Sums of a chunk, and its last `sequences` rows, given those before it."""
        rows, counts = _chunk(chunk, size, count)
        found = evaluate(rows)
        if last is None:
            last = tf.nest.map_structure(lambda t: tf.repeat(t[:1], sequences, 0), found)
        both = tf.nest.map_structure(lambda *parts: tf.concat(parts, 0), last, found)
        changes = change(tf.nest.map_structure(lambda t: t[:size], both), found)
        segment = tf.where(counts & (rows >= sequences), tf.gather(group, rows % sequences), -1)
        return tf.math.unsorted_segment_sum(changes, segment, groups), tf.nest.map_structure(lambda t: t[size:], both)

    total, last = after(tf.constant(0), None)

    def body(chunk: tf.Tensor, total: tf.Tensor, last: Structure) -> tuple[tf.Tensor, tf.Tensor, Structure]:
        added, last = after(chunk, last)
        return chunk + 1, total + added, last

    if chunks > 1:
        state = (tf.constant(1), total, last)
        _, total, _ = tf.while_loop(lambda chunk, *_: chunk < chunks, body, state, parallel_iterations=1)
    return total


def balanced(count: int, batch_size: int) -> tuple[int, int]:
    """Number of chunks of `count` rows and their equal size: at most `chunks - 1` rows are spent on filling up."""
    chunks = max(1, -(-count // max(1, batch_size)))
    return chunks, -(-count // chunks)


def _chunk(chunk: Any, size: int, count: int) -> tuple[tf.Tensor, tf.Tensor]:
    rows = chunk * size + tf.range(size)
    return tf.minimum(rows, count - 1), rows < count
