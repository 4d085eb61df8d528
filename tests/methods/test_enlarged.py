"""Maps that are laid over an input keep their corners and are linear in between."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from tb_attribution_plugin.methods.enlarged import enlarged


def test_corners_stay_and_all_between_is_linear() -> None:
    maps = tf.constant([[[0.0, 3.0], [6.0, 9.0]]])
    found = enlarged(maps, [tf.constant(3), tf.constant(4)])
    np.testing.assert_allclose(found[0], [[0, 1, 2, 3], [3, 4, 5, 6], [6, 7, 8, 9]], atol=1e-6)


def test_its_own_size_changes_nothing_and_one_cell_fills_its_axis() -> None:
    maps = tf.constant(np.random.default_rng(0).normal(size=(2, 3, 1, 2)).astype(np.float32))
    found = enlarged(maps, [tf.constant(3), tf.constant(4), tf.constant(2)])
    np.testing.assert_allclose(found, np.repeat(maps, 4, 2), atol=1e-6)
