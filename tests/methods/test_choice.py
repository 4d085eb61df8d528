"""One of two tensors, element by element."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from tb_attribution_plugin.methods.choice import chosen


@pytest.mark.parametrize("dtype", [tf.float16, tf.bfloat16, tf.float32, tf.float64, tf.int32], ids=lambda d: d.name)
def test_every_bit_is_of_the_chosen_one(dtype: tf.DType) -> None:
    special = [0.0, -0.0, 1.0, 7.0] if dtype.is_integer else [np.nan, -np.inf, -0.0, 1e-6]
    one = tf.cast(tf.constant(special)[None, None, :, None] * tf.ones((1, 2, 4, 3)), dtype)  # 2 examples, 3 channels
    other = tf.cast(tf.reshape(tf.range(60.0), (5, 1, 4, 3)), dtype)  # 5 points
    mask = tf.constant([True, False, True, False])[None, None, :, None]
    wanted = tf.where(mask, one, other)
    found = chosen(mask, one, other)
    assert found.dtype == dtype
    assert found.numpy().tobytes() == wanted.numpy().tobytes()
    single = chosen(mask[..., 0], one[..., 0], other[..., 0])
    assert single.numpy().tobytes() == wanted[..., 0].numpy().tobytes()
