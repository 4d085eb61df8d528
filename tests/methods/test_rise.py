"""RISE: what random masks leave, and what the output makes of it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from tb_attribution_plugin.methods import RISE, contract, grids
from tb_attribution_plugin.methods.soft_masks import SoftMasks
from tests.methods.joined import rows_of_two_targets

pytestmark = pytest.mark.once

X = tf.ones((2, 12, 12, 1))


def drawn(method: RISE, features: tf.Tensor = X) -> np.ndarray:
    """The masks of an input, [masks, *S]."""
    masks = SoftMasks(grids.resolve(method.grid, features), method.keep, method.seed)
    return masks.present(tf.range(method.masks), features).numpy()[..., 0].astype(np.float64)


def one_pixel(x: tf.Tensor) -> tf.Tensor:
    return 2 * x[:, 3, 4, 0]


def test_scores_are_the_covariance_with_the_masks_over_their_mean() -> None:
    method = RISE(masks=300, grid=4, baseline=0.0)
    found = method(contract.from_function(one_pixel), X)
    m = drawn(method)
    f = 2 * m[:, 3, 4]
    expected = (f[:, None, None] * m).mean(0) / m.mean(0) - f.mean()
    np.testing.assert_allclose(found.scores[0, ..., 0], expected, atol=1e-6)
    np.testing.assert_array_equal(found.scores[0], found.scores[1])


def test_the_one_pixel_that_counts_has_the_highest_score_and_far_ones_have_none() -> None:
    found = RISE(masks=2000, grid=4, baseline=0.0)(contract.from_function(one_pixel), X)
    scores, errors = found.scores[0, ..., 0].numpy(), found.errors[0, ..., 0].numpy()
    assert np.unravel_index(scores.argmax(), scores.shape) == (3, 4)
    far = scores[9:, 10:]  # masks are independent two cells away
    assert np.abs(far / errors[9:, 10:]).max() < 4
    assert scores[3, 4] > 10 * np.abs(far).max()


def test_the_variance_of_a_mask_is_that_of_its_enlarged_cells() -> None:
    # f = m at a place: its score is var(m) / E[m]. A place between two cells at distance t, along one axis, has the
    # variance keep (1 - keep) E[t^2 + (1 - t)^2] = keep (1 - keep) 2 / 3, t uniform.
    x = tf.ones((1, 20))
    found = RISE(masks=4000, grid=5, keep=0.3, baseline=0.0)(contract.from_function(lambda x: x[:, 10]), x)
    assert abs(found.scores[0, 10] - 0.7 * 2 / 3) < 4 * found.errors[0, 10]
    assert found.errors[0, 10] < 0.02


def test_a_constant_has_exactly_zero_without_any_error() -> None:
    found = RISE(masks=51, grid=3)(contract.from_function(lambda x: 0 * x[:, 0, 0, 0] + 0.1), X)
    assert not np.any(found.scores)
    assert not np.any(found.errors)
    assert not np.any(found.residual)


def test_the_original_adds_the_mean_of_f() -> None:
    def f(x: tf.Tensor) -> tf.Tensor:
        return tf.reduce_sum(x, (1, 2, 3)) ** 2

    model, fields = contract.from_function(f), {"masks": 64, "grid": 3, "baseline": 0.0}
    ours, paper = RISE(**fields)(model, X), RISE(**fields, original=True)(model, X)
    mean = (drawn(RISE(**fields)).sum((1, 2)) ** 2).mean()
    np.testing.assert_allclose(paper.scores - ours.scores, np.full((2, 12, 12, 1), mean), rtol=1e-4)


@pytest.mark.parametrize("original", [False, True])
def test_errors_are_the_spread_over_seeds(original: bool) -> None:
    model = contract.from_function(lambda x: x[:, 2] * x[:, 5] + x[:, 9])
    x = tf.constant(np.random.default_rng(0).normal(1, 1, (1, 12)), tf.float32)
    many = [RISE(masks=60, grid=4, seed=seed, baseline=0.0, original=original)(model, x) for seed in range(80)]
    spread = np.std([one.scores[0] for one in many], axis=0, ddof=1)
    stated = np.sqrt(np.mean([one.errors[0].numpy() ** 2 for one in many], axis=0))
    assert np.abs(np.log(stated / spread)).max() < np.log(1.35)
    np.testing.assert_allclose(many[0].residual, [many[0].errors.numpy().sum()], rtol=1e-5)


def test_a_feature_that_no_mask_shows_has_no_error_that_is_known() -> None:
    found = RISE(masks=2, grid=12, keep=0.01, baseline=0.0)(contract.from_function(one_pixel), X)
    hidden = drawn(RISE(masks=2, grid=12, keep=0.01)).max(0) == 0
    assert hidden.any()
    assert not np.any(found.scores[0, ..., 0].numpy()[hidden])
    assert np.isnan(found.errors[0, ..., 0].numpy()[hidden]).all()


def test_masks_are_the_same_wherever_a_chunk_begins() -> None:
    masks = SoftMasks(grids.resolve(3, X), 0.5, 7)
    whole = masks.present(tf.range(100), X).numpy()
    np.testing.assert_array_equal(masks.present(tf.range(60, 70), X), whole[60:70])
    assert whole.shape == (100, 12, 12, 1)
    assert whole.min() >= 0
    assert whole.max() <= 1
    assert abs(whole.mean() - 0.5) < 0.05


def test_a_mask_covers_all_channels_and_each_input_has_its_own() -> None:
    inputs = [tf.ones((1, 6, 8, 3)), tf.ones((1, 10))]
    found = RISE(masks=40, grid=2, baseline=0.0)(
        contract.from_function(lambda x: x[0][:, 1, 1, 2] + 3 * x[1][:, 0]), inputs
    )
    assert [one.shape for one in found.scores] == [(1, 6, 8, 3), (1, 10)]
    np.testing.assert_array_equal(found.scores[0][..., 0], found.scores[0][..., 2])
    assert np.argmax(found.scores[1]) == 0


def test_two_targets_cost_the_passes_of_one() -> None:
    assert rows_of_two_targets(RISE(masks=30, grid=2, baseline=0.0)) == [30, 0]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"masks": 1}, "masks must be a whole number above 1, as errors need two; got 1"),
        ({"masks": True}, "masks must be a whole number above 1"),
        ({"keep": 0.0}, r"keep must be a number between 0 and 1, both excluded; got 0\.0"),
        ({"keep": 1}, "keep must be a number between 0 and 1"),
        ({"grid": 0}, "grid must be a whole number above 0, or one for each axis; got 0"),
        ({"seed": -1}, "seed must be a whole number"),
    ],
)
def test_fields_that_make_no_sense_are_refused(fields: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        RISE(**fields)


def test_a_grid_that_does_not_fit_is_refused() -> None:
    model = contract.from_function(one_pixel)
    with pytest.raises(ValueError, match=r"grid \(13, 2\) has more cells than the input has places, \(12, 12\)"):
        RISE(grid=(13, 2))(model, X)
    with pytest.raises(ValueError, match=r"grid \(2, 2, 2\) has 3 sides, but inputs of shape .* have 2 axes"):
        RISE(grid=(2, 2, 2))(model, X)


def test_a_short_axis_has_a_cell_for_each_place() -> None:
    assert grids.resolve(7, tf.ones((1, 5, 20, 3))).cells == ((5, 7),)
    assert grids.resolve(7, [tf.ones((1, 3)), tf.ones((1, 9))]).cells == ((3,), (7,))
