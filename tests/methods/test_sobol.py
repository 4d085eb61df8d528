"""Total Sobol indices: shares of a variance that is known."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from tb_attribution_plugin.attribution import Attribution
from tb_attribution_plugin.methods import Sobol, cells, contract
from tests.methods.joined import rows_of_two_targets

pytestmark = pytest.mark.once

# Columns of a table are cells by themselves, and at x = 1 from 0 a column is its mask.
X = tf.ones((1, 3))


def found(function: Any, **fields: Any) -> Attribution:
    return Sobol(**{"grid": 3, "designs": 2000, "baseline": 0.0, **fields})(contract.from_function(function), X)


def assert_near(attribution: Attribution, expected: list[float]) -> None:
    """Within four standard errors, which are small."""
    assert np.abs((attribution.scores[0] - expected) / attribution.errors[0]).max() < 4
    assert np.max(attribution.errors) < 0.035


def test_of_an_additive_function_indices_are_shares_of_the_variance() -> None:
    # 3, 2 and -1 times uniform numbers: variances 9, 4 and 1 in 14.
    assert_near(found(lambda x: 3 * x[:, 0] + 2 * x[:, 1] - x[:, 2]), [9 / 14, 4 / 14, 1 / 14])


def test_of_a_product_both_factors_have_what_they_do_together() -> None:
    # var(m n) = 1/9 - 1/16 = 7/144, and E[n^2] var(m) = 4/144; the third cell does nothing.
    attribution = found(lambda x: x[:, 0] * x[:, 1])
    assert_near(Attribution(attribution.scores[:, :2], errors=attribution.errors[:, :2]), [4 / 7, 4 / 7])
    assert attribution.scores[0, 2] == attribution.errors[0, 2] == 0


def test_ishigami() -> None:
    def ishigami(x: tf.Tensor) -> tf.Tensor:
        z = np.pi * (2 * x - 1)
        return tf.sin(z[:, 0]) + 7 * tf.sin(z[:, 1]) ** 2 + 0.1 * z[:, 2] ** 4 * tf.sin(z[:, 0])

    # Ishigami and Homma, 1990: with a = 7, b = 0.1.
    first, second, both = (1 + 0.1 * np.pi**4 / 5) ** 2 / 2, 49 / 8, 8 * 0.01 * np.pi**8 / 225
    whole = first + second + both
    assert_near(found(ishigami), [(first + both) / whole, second / whole, both / whole])


def test_a_constant_has_zero() -> None:
    attribution = found(lambda x: 0 * x[:, 0] + 0.1, designs=5)
    assert not np.any(attribution.scores)
    assert not np.any(attribution.errors)


def test_errors_are_not_below_the_spread_over_seeds() -> None:
    x = tf.ones((1, 3))
    model = contract.from_function(lambda x: x[:, 0] * x[:, 1] + x[:, 2])
    many = [Sobol(grid=3, designs=64, seed=seed, baseline=0.0)(model, x) for seed in range(60)]
    spread = np.std([one.scores[0] for one in many], axis=0, ddof=1)
    stated = np.mean([one.errors[0] for one in many], axis=0)
    assert (stated > 0.75 * spread).all()
    assert (stated < 3 * spread).all()


def test_all_of_a_cell_has_its_score_and_each_input_its_own_cells() -> None:
    inputs = [tf.ones((2, 4, 6, 3)), tf.ones((2, 5))]
    attribution = Sobol(grid=2, designs=8, baseline=0.0)(
        contract.from_function(lambda x: x[0][:, 1, 4, 2] + 2 * x[1][:, 4]), inputs
    )
    image, table = (one.numpy() for one in attribution.scores)
    assert image.shape == (2, 4, 6, 3)
    assert len(np.unique(image[0, :2, 3:])) == 1  # the cell on the upper right
    assert image[0, 0, 3, 0] > 0
    assert not image[:, 2:].any()
    assert not image[:, :, :3].any()
    assert table[0].tolist() == [0, 0, 0, table[0, 4], table[0, 4]]  # 5 columns in cells of 3 and 2
    assert table[0, 4] > image.max()


def test_every_column_of_a_latin_hypercube_fills_all_intervals() -> None:
    drawn = cells.latin(9, 5, seed=3)
    np.testing.assert_array_equal(np.sort((drawn * 9).astype(int), 0), np.arange(9)[:, None] * np.ones((1, 5)))
    np.testing.assert_array_equal(drawn, cells.latin(9, 5, seed=3))
    assert (drawn != cells.latin(9, 5, seed=4)).all()


def test_two_targets_cost_the_passes_of_one() -> None:
    # 4 designs of A, B, and A with each of 3 cells.
    assert rows_of_two_targets(Sobol(grid=3, designs=4, baseline=0.0)) == [4 * 5, 0]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"designs": 1}, "designs must be a whole number above 1, as errors need two; got 1"),
        ({"designs": 2.0}, "designs must be a whole number above 1"),
        ({"grid": (2, 0)}, "grid must be a whole number above 0, or one for each axis"),
        ({"seed": 0.5}, "seed must be a whole number"),
    ],
)
def test_fields_that_make_no_sense_are_refused(fields: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Sobol(**fields)


def test_a_grid_that_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match=r"grid \(4,\) has more cells than the input has places, \(3,\)"):
        found(lambda x: x[:, 0], grid=(4,))
    with pytest.raises(ValueError, match="the inputs have 1 segments"):
        found(lambda x: x[:, 0], grid=1)
