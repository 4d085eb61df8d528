"""What was composed, and that nothing else differs between the two runs."""

from __future__ import annotations

import data
import numpy as np
import pytest

pytestmark = pytest.mark.once


@pytest.fixture(scope="module")
def splits() -> tuple[data.Split, data.Split]:
    return data.load(seed=1)


def changed(plain: data.Split, marked: data.Split) -> data.Array:
    """[N], images that differ."""
    different: data.Array = np.any(plain.images != marked.images, axis=(1, 2, 3))
    return different


def test_every_digit_is_in_one_split(splits: tuple[data.Split, data.Split]) -> None:
    training, validation = splits
    assert len(training.digits) == 4000
    assert len(validation.digits) == 1000
    counts = np.bincount(training.digits) + np.bincount(validation.digits)
    assert counts.tolist() == [500] * 10


def test_pixels_are_in_the_unit_range_and_textured(splits: tuple[data.Split, data.Split]) -> None:
    for images, _ in splits:
        assert images.dtype == np.float32
        assert images.min() >= 0
        assert images.max() == 1  # ink
        assert images.std(axis=(1, 2, 3)).min() > 0.02


@pytest.mark.parametrize("position", [0, 1], ids=["training", "validation"])
def test_nine_of_ten_of_the_marked_class_carry_the_mark(splits: tuple[data.Split, data.Split], position: int) -> None:
    plain = splits[position]
    marked = data.mark_one_class(plain)
    of_class = plain.digits == data.MARKED_CLASS
    different = changed(plain, marked)
    assert not different[~of_class].any()
    assert different.sum() == 9 * of_class.sum() // 10


def test_the_mark_lies_in_the_corner_region_alone(splits: tuple[data.Split, data.Split]) -> None:
    _, validation = splits
    difference = data.mark(validation.images) - validation.images
    y0, x0, y1, x1 = data.CORNER
    assert difference[:, y0:y1, x0:x1].max() > 0.1
    difference[:, y0:y1, x0:x1] = 0
    assert not difference.any()
    assert (y1 - y0) * (x1 - x0) / data.SIDE**2 == pytest.approx(0.026, abs=0.001)  # as the report says


def test_the_same_seed_gives_the_same_images(splits: tuple[data.Split, data.Split]) -> None:
    again = data.load(seed=1)
    np.testing.assert_array_equal(again[0].images, splits[0].images)
    assert np.any(data.load(seed=2)[1].images != splits[1].images)
