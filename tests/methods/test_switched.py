"""A model where features are absent."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from tb_attribution_plugin.methods import baselines, contract, switched


@pytest.mark.parametrize(
    ("count", "rows"),
    [
        # 10 rows are 5 masks of 2 examples, 6 times.
        (30, [10] * 6),
        # A seventh chunk of masks would be 4 masks too long: rows are gathered one by one, 62 of them and one more.
        (31, [9] * 7),
    ],
)
def test_masks_are_evaluated_whole_where_the_last_chunk_is_about_full(count: int, rows: list[int]) -> None:
    seen: list[int] = []

    def total(inputs: tf.Tensor) -> tf.Tensor:
        seen.append(inputs.shape[0])
        return tf.reduce_sum(inputs, 1)

    inputs = tf.constant([[1.0, 2.0, 4.0], [10.0, 20.0, 40.0]])
    points = baselines.resolve(0.0, inputs, None, False)
    masks = switched.shared(lambda mask: tf.bitwise.right_shift(mask[:, None], tf.range(3)) % 2 == 1)
    values = switched.values(contract.from_function(total, batch_size=10), inputs, points, masks, count, "it")
    # The first rows tell the columns, which are there once.
    assert seen[-len(rows) :] == rows
    numbers = np.arange(count) % 8
    np.testing.assert_array_equal(values, np.stack([numbers, 10 * numbers], 1))
