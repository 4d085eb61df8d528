"""XRAI against regions that one can check by hand, and against plain loops over masks."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

import tb_attribution_plugin as tba
from tb_attribution_plugin.methods import XRAI, IntegratedGradients, contract, overlapping, ranking
from tests.methods import models
from tests.oracle.paths import ranked

# Attributions of 2 x 4 pixels, and masks over them: the left half, the right half, one column, and a part of the right.
PIXELS = np.array([[[8.0, 2.0, 3.0, 1.0], [4.0, 2.0, 3.0, 1.0]]], np.float32)
LEFT, RIGHT = np.repeat([[1, 1, 0, 0]], 2, 0), np.repeat([[0, 0, 1, 1]], 2, 0)
FIRST, THIRD = np.repeat([[1, 0, 0, 0]], 2, 0), np.repeat([[0, 0, 1, 0]], 2, 0)


def densities(pixels: Any, masks: Any, least: float = 0.0, from_whole: bool = False) -> np.ndarray:
    images = tf.constant(pixels, tf.float32)[..., None]
    found = overlapping.resolve(np.array(masks, bool), images)
    cells, members = (tf.constant(one) for one in (found.cells, found.members))
    return ranking.densities(images[..., 0], cells, members, least=least, from_whole=from_whole).numpy()


def explain(function: Any, x: Any, **fields: Any) -> tba.Attribution:
    found = XRAI(**fields)(contract.from_function(function), tf.constant(x, tf.float32))
    return tf.nest.map_structure(np.asarray, found)


def test_each_mask_counts_with_what_it_adds() -> None:
    # The first column has mean 6; the left half then adds the second column, of mean 2; the third column has 3.
    found = densities(PIXELS, [LEFT, FIRST, THIRD, RIGHT])
    np.testing.assert_array_equal(found[0], np.repeat([[6.0, 2.0, 3.0, 1.0]], 2, 0))


def test_from_whole_ranks_by_all_of_a_mask() -> None:
    # All of the first three columns has mean 22 / 6, more than the third column has, which then adds nothing.
    three = FIRST | LEFT | THIRD
    found = densities(PIXELS, [three, FIRST, THIRD], from_whole=True)
    np.testing.assert_array_equal(found[0], np.repeat([[6.0, 2.5, 2.5, 1.0]], 2, 0))
    found = densities(PIXELS, [three, FIRST, THIRD])
    np.testing.assert_array_equal(found[0], np.repeat([[6.0, 2.0, 3.0, 1.0]], 2, 0))


@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize("from_whole", [False, True])
def test_an_example_with_a_score_that_is_not_finite_is_not_ranked_and_the_others_are(
    value: float, from_whole: bool
) -> None:
    pixels = np.repeat(PIXELS, 2, 0)
    pixels[0, 0, 0] = value
    found = densities(pixels, [LEFT, FIRST, THIRD, RIGHT], from_whole=from_whole)
    assert np.isnan(found[0]).all()
    np.testing.assert_array_equal(found[1], np.repeat([[6.0, 2.0, 3.0, 1.0]], 2, 0))


def test_a_mask_that_adds_too_little_is_left_out() -> None:
    # Of 8 pixels 0.3 are 2.4, rounded 2: columns still count; 0.4 are 3.2, rounded 3: they do not.
    np.testing.assert_array_equal(densities(PIXELS, [LEFT, FIRST], least=0.3)[0, 0], [6.0, 2.0, 2.0, 2.0])
    np.testing.assert_array_equal(densities(PIXELS, [LEFT, FIRST], least=0.4)[0, 0], [4.0, 4.0, 2.0, 2.0])


@pytest.mark.parametrize("from_whole", [False, True])
def test_random_masks_are_ranked_as_by_plain_loops(from_whole: bool) -> None:
    random = np.random.default_rng(0)
    pixels = random.normal(size=(3, 9, 7)).astype(np.float32)
    masks = random.random((3, 20, 9, 7)) < random.random((3, 20, 1, 1))
    found = densities(pixels, masks, least=0.05, from_whole=from_whole)
    expected = [ranked(p, m, least=0.05, from_whole=from_whole) for p, m in zip(pixels, masks, strict=True)]
    np.testing.assert_allclose(found, expected, atol=1e-6)
    np.testing.assert_allclose(found.sum((1, 2)), pixels.sum((1, 2)), rtol=1e-4)


def test_regions_keep_the_sums_of_integrated_gradients() -> None:
    x = models.images()
    masks = np.random.default_rng(0).random((6, 8, 8)) < 0.3

    def f(x: tf.Tensor) -> tf.Tensor:
        return tf.reduce_sum(tf.sin(x) * x**2, (1, 2, 3))

    found = explain(f, x, masks=masks, steps=3)
    straight = IntegratedGradients(steps=3)(contract.from_function(f), tf.constant(x))
    np.testing.assert_allclose(found.scores.sum((1, 2, 3)), np.sum(straight.scores, (1, 2, 3)), rtol=1e-4)
    for field in ("residual", "outputs", "baseline_outputs", "evaluations"):
        np.testing.assert_array_equal(getattr(found, field), getattr(straight, field))
    # A pixel's channels share its value, and a mask's pixels that no better one holds have one.
    np.testing.assert_array_equal(found.scores, np.repeat(found.scores[..., :1], 3, -1))


def test_the_largest_channel_is_what_pair_saliency_takes() -> None:
    # f = 3 r - g + b / 2 of ones, from 0: the channels have 3, -1 and 1/2.
    for reduce, expected in (("sum", 3.0 - 1.0 + 0.5), ("max", 3.0)):
        method = XRAI(reduce=reduce, masks=np.ones((1, 2, 2), bool), baseline=0.0)
        f = contract.from_function(lambda x: tf.reduce_sum(x * tf.constant([3.0, -1.0, 0.5]), (1, 2, 3)))
        found = method(f, tf.ones((1, 2, 2, 3)))
        np.testing.assert_allclose(np.sum(found.scores, -1), np.full((1, 2, 2), expected), rtol=1e-6)
        assert method.additive == (reduce == "sum")


def picture_model() -> keras.Model:
    keras.utils.set_random_seed(0)
    L = keras.layers
    return keras.Sequential([keras.Input((16, 16, 3)), L.Conv2D(4, 3, activation="relu"), L.Flatten(), L.Dense(3)])


def test_masks_are_made_of_the_images_where_none_are_given() -> None:
    x = np.zeros((2, 16, 16, 3), np.float32)
    x[0, :, 8:], x[1, 8:] = 1.0, 1.0
    found = tba.explain(picture_model(), x, "xrai", 0)
    assert found.scores.shape == x.shape
    # Halves: what is cut is the same all along their edge, and so is the map.
    for scores, axis in ((found.scores[0], 0), (found.scores[1], 1)):
        np.testing.assert_allclose(scores, np.broadcast_to(scores.take([0], axis), scores.shape), rtol=1e-6)
        assert len(np.unique(scores.take([0], axis))) > 1
    alone = tba.explain(picture_model(), x[1:], XRAI(baseline=tba.methods.baselines.Constants((0.0, 1.0))), 0)
    np.testing.assert_allclose(alone.scores[0], found.scores[1], rtol=1e-5)


def test_a_direct_call_needs_masks() -> None:
    with pytest.raises(ValueError, match=r"masks is None: tba.explain and the callback make them; .*XRAI\(masks="):
        explain(lambda x: tf.reduce_sum(x, (1, 2, 3)), models.images())


@pytest.mark.parametrize(
    "masks",
    [np.ones((8, 8)), np.ones((2, 8, 7)), np.ones((3, 2, 8, 8)), np.zeros((0, 8, 8)), np.full((2, 8, 8), 0.5)],
)
def test_masks_that_do_not_fit_are_refused(masks: np.ndarray) -> None:
    with pytest.raises(ValueError, match=r"True or False, \[masks, 8, 8\] for all examples or \[5, masks, 8, 8\]"):
        explain(lambda x: tf.reduce_sum(x, (1, 2, 3)), models.images(), masks=masks)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"steps": 0}, "steps must be"),
        ({"from_whole": 1}, "from_whole must be True or False; got 1"),
        ({"reduce": "mean"}, "reduce must be one of sum, max; got 'mean'"),
        ({"least": 1.0}, r"least must be a share of the image, at least 0 and below 1; got 1\.0"),
    ],
)
def test_wrong_fields_are_refused_when_they_are_written(fields: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        XRAI(**fields)


def test_what_is_no_image_is_refused_before_it_is_cut() -> None:
    model = keras.Sequential([keras.Input((6,)), keras.layers.Dense(2)])
    with pytest.raises(ValueError, match=r"xrai explains images, .*; the input is float32\(5, 6\); use 'integrated"):
        tba.explain(model, models.numbers(), "xrai", 0)
