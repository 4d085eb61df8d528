from __future__ import annotations

import numpy as np
import tensorflow as tf

from tb_attribution_plugin.methods.blur import blurred


def test_blur_keeps_the_mean_and_spreads_a_point_as_a_gaussian() -> None:
    image = np.zeros((1, 17, 17, 2), np.float32)
    image[0, 8, 8] = (1.0, 3.0)
    found = blurred(tf.constant(image), 1.0).numpy()
    np.testing.assert_allclose(found.sum((1, 2)), [[1, 3]], rtol=1e-5)
    kernel = np.exp(-0.5 * np.arange(-8, 9) ** 2)
    kernel[np.abs(np.arange(-8, 9)) > 4] = 0
    kernel /= kernel.sum()
    np.testing.assert_allclose(found[0, :, :, 0], np.outer(kernel, kernel), atol=1e-6)
    np.testing.assert_allclose(found[0, :, :, 1], 3 * np.outer(kernel, kernel), atol=1e-6)


def test_blur_reflects_at_the_edges() -> None:
    image = np.full((1, 3, 5, 1), 2.5, np.float32)
    np.testing.assert_allclose(blurred(tf.constant(image), 10.0), image, rtol=1e-6)
