"""Occlusion and ablation."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from tb_attribution_plugin.methods import FeatureAblation, Occlusion, contract

TOTAL = contract.from_function(lambda x: tf.reduce_sum(tf.reshape(x, (x.shape[0], -1)), 1))


def network(x: tf.Tensor) -> tf.Tensor:
    hidden = tf.nn.relu(tf.reduce_sum(x, 1, keepdims=True) + tf.constant([-10.0, 1.0, 1.0, 1.0]))
    return tf.reduce_sum(hidden, 1) - 1


@pytest.mark.parametrize("method", [Occlusion(window=1, baseline=0.0), FeatureAblation(baseline=0.0)])
def test_leaves_out_one_column_at_a_time(method: Any) -> None:
    found = method(contract.from_function(network), tf.constant([[20.0, 50.0, 30.0]]))
    np.testing.assert_allclose(found.scores, [[80, 200, 120]], rtol=1e-6)


def test_a_window_of_an_image_counts_for_all_that_it_covers() -> None:
    image = np.arange(16, dtype=np.float32).reshape(1, 4, 4, 1)
    found = Occlusion(window=2, stride=2, baseline=0.0)(TOTAL, tf.constant(image))
    sums = image[0, :, :, 0].reshape(2, 2, 2, 2).sum((1, 3))
    np.testing.assert_allclose(found.scores[0, :, :, 0], np.kron(sums, np.ones((2, 2))))
    np.testing.assert_array_equal(found.evaluations, [5])


def test_overlapping_windows_are_averaged_and_the_last_one_is_clipped() -> None:
    series = np.array([[1.0, 2.0, 4.0, 8.0, 16.0]], np.float32)[..., None]
    found = Occlusion(window=3, stride=2, baseline=0.0)(TOTAL, tf.constant(series))
    np.testing.assert_allclose(found.scores[0, :, 0], [7, 7, 17.5, 28, 28])  # windows of 7 and 28
    found = Occlusion(window=2, stride=2, baseline=0.0)(TOTAL, tf.constant(series))
    np.testing.assert_allclose(found.scores[0, :, 0], [3, 3, 12, 12, 16])  # of 3, 12 and what is left, 16


def test_sides_and_strides_by_axis() -> None:
    image = np.random.default_rng(0).normal(size=(2, 4, 6, 3)).astype(np.float32)
    found = Occlusion(window=(4, 1), stride=(4, 1), baseline=0.0)(TOTAL, tf.constant(image))
    expected = np.broadcast_to(image.sum((1, 3))[:, None, :, None], image.shape)
    np.testing.assert_allclose(found.scores, expected, rtol=1e-5, atol=1e-5)


def test_what_no_window_covers_has_none() -> None:
    found = Occlusion(window=1, stride=3, baseline=0.0)(TOTAL, tf.constant([[1.0, 2.0, 3.0, 4.0]]))
    np.testing.assert_allclose(found.scores, [[1, 0, 0, 4]])


def test_several_inputs_are_covered_one_after_the_other() -> None:
    model = contract.from_function(lambda x: tf.reduce_sum(x["a"], 1) * tf.reduce_sum(x["b"], 1))
    inputs = {"a": tf.constant([[1.0, 2.0]]), "b": tf.constant([[3.0, 4.0, 5.0]])}
    found = Occlusion(window=1, baseline=0.0)(model, inputs)
    np.testing.assert_allclose(found.scores["a"], [[12, 24]])
    np.testing.assert_allclose(found.scores["b"], [[9, 12, 15]])


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"window": 0}, "window must be a whole number above 0"),
        ({"window": 2, "stride": -1}, "stride must be a whole number above 0"),
        ({"window": 5}, r"window 5 is larger than the input, \(4,\)"),
        ({"window": (2, 2)}, "has 2 sides, but inputs of shape .* have 1 axes"),
    ],
)
def test_windows_that_cannot_be(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Occlusion(baseline=0.0, **fields)(TOTAL, tf.ones((1, 4)))
