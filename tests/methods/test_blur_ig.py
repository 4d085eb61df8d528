"""Blur Integrated Gradients against closed forms and SciPy's blur."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from scipy import ndimage

import tb_attribution_plugin as tba
from tb_attribution_plugin.methods import BlurIG, contract
from tb_attribution_plugin.methods.blur import Blurs
from tests.methods import models

PICTURES = models.images()


def explain(function: Any, x: Any, **fields: Any) -> tba.Attribution:
    found = BlurIG(**fields)(contract.from_function(function), tf.constant(x, tf.float32))
    return tf.nest.map_structure(np.asarray, found)


def scipy_blur(images: np.ndarray, sigma: float) -> np.ndarray:
    return ndimage.gaussian_filter(images.astype(np.float64), (0, sigma, sigma, 0), mode="constant")


@pytest.mark.parametrize("shape", [(2, 8, 8, 3), (2, 17, 5, 1)])
@pytest.mark.parametrize("pair", [(0.0, 0.01), (0.3, 0.7), (2.0, 2.01), (20.0, 50.0)])
def test_pairs_of_blurs_are_those_of_scipy(shape: tuple[int, ...], pair: tuple[float, float]) -> None:
    x = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    sharper, more = Blurs(*np.array(pair)[:, None], x)(tf.constant(x), tf.zeros(2, tf.int32))
    near, far = (scipy_blur(x, sigma) for sigma in pair)
    np.testing.assert_allclose(sharper, near, atol=1e-6)
    # Small differences of two blurs keep their digits.
    np.testing.assert_allclose(more, near - far, atol=1e-6 * np.abs(near - far).max())


@pytest.mark.parametrize("steps", [1, 7])
def test_a_linear_model_scores_what_the_blur_takes_away(steps: int) -> None:
    weights = np.random.default_rng(1).normal(size=PICTURES.shape[1:])
    found = explain(
        lambda x: tf.reduce_sum(x * tf.constant(weights, tf.float32), (1, 2, 3)), PICTURES, steps=steps, max_sigma=3.0
    )
    end = scipy_blur(PICTURES, 3.0)
    np.testing.assert_allclose(found.scores, weights * (PICTURES - end), atol=1e-5)
    np.testing.assert_allclose(found.baseline_outputs, (weights * end).sum((1, 2, 3)), atol=1e-4)
    np.testing.assert_allclose(found.residual, 0, atol=1e-4)


def test_scores_of_a_quadratic_model_add_up_in_one_chord() -> None:
    found = explain(lambda x: tf.reduce_sum(x**2, (1, 2, 3)), PICTURES, steps=1, max_sigma=2.0)
    end = scipy_blur(PICTURES, 2.0)
    np.testing.assert_allclose(found.scores, PICTURES**2 - end**2, atol=1e-5)
    np.testing.assert_allclose(found.residual, 0, atol=1e-4)
    np.testing.assert_array_equal(found.evaluations, [3] * len(PICTURES))


def test_the_residual_is_the_completeness_gap() -> None:
    # On a cubic f the mean of 3 x^2 along a chord from b to a is a^2 + ab + b^2; its middle gives 3/4 (a + b)^2.
    found = explain(lambda x: tf.reduce_sum(x**3, (1, 2, 3)), PICTURES, steps=1, max_sigma=1.0)
    end = scipy_blur(PICTURES, 1.0)
    np.testing.assert_allclose(found.residual, ((PICTURES - end) ** 3 / 4).sum((1, 2, 3)), rtol=1e-3)


def test_rule_left_is_the_sum_of_pair_saliency() -> None:
    # f = sum x^2: -sum of ds * 2 L(s) * (L(s + 0.01) - L(s)) / 0.01 at s = 0 and 1.5.
    found = explain(lambda x: tf.reduce_sum(x**2, (1, 2, 3)), PICTURES, steps=2, max_sigma=3.0, rule="left")
    pieces = [1.5 * 2 * scipy_blur(PICTURES, s) * (scipy_blur(PICTURES, s) - scipy_blur(PICTURES, s + 0.01)) / 0.01
              for s in (0.0, 1.5)]  # fmt: skip
    np.testing.assert_allclose(found.scores, np.sum(pieces, 0), atol=1e-5)


@pytest.mark.parametrize(
    ("x", "words"),
    [
        (np.zeros((2, 6)), r"blur_ig explains images, .*; the input is float32\(2, 6\); use 'integrated_gradients'"),
        (np.zeros((2, 8, 8)), "give grey pictures an axis of one channel"),
    ],
)
def test_what_is_no_image_is_refused(x: np.ndarray, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        explain(lambda x: tf.reduce_sum(tf.reshape(x, (2, -1)), 1), x)


def test_an_input_that_is_no_image_is_named() -> None:
    x = {"picture": tf.constant(PICTURES), "table": tf.constant(models.numbers())}
    f = contract.from_function(lambda x: tf.reduce_sum(x["picture"], (1, 2, 3)))
    with pytest.raises(ValueError, match=r"blur_ig explains images, .*; input 1 is float32\(5, 6\)"):
        BlurIG()(f, x)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"steps": 0}, "steps must be a whole number above 0; got 0"),
        ({"max_sigma": 0}, "max_sigma must be a number of pixels above 0; got 0"),
        ({"rule": "right"}, "rule must be one of chords, left; got 'right'"),
    ],
)
def test_wrong_fields_are_refused_when_they_are_written(fields: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        BlurIG(**fields)
