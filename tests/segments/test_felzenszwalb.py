"""Segments at several scales: what they cover, and what they leave alone."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from tb_attribution_plugin.segments import felzenszwalb


def halves(side: int, channels: int = 3) -> np.ndarray:
    """Dark on the left, bright on the right."""
    image = np.zeros((side, side, channels), np.float32)
    image[:, side // 2 :] = 0.9
    return image


def test_each_half_is_one_segment_at_every_scale() -> None:
    found = felzenszwalb.masks(halves(224))
    assert found.dtype == bool
    assert found.shape[1:] == (224, 224)
    # But for the blurred columns between them, by which a segment also grows.
    left, right = found[:, :, :100].all((1, 2)), found[:, :, 124:].all((1, 2))
    assert left.sum() == right.sum() == 6
    assert not found[left][:, :, 124:].any()
    assert not found[right][:, :, :100].any()


def test_a_segment_grows_by_five_of_224_pixels() -> None:
    mask = np.zeros((224, 224), bool)
    mask[100:110, 50:60] = True
    grown = felzenszwalb.grown(mask, 5)
    assert grown[:, 55].nonzero()[0].tolist() == list(range(95, 115))
    assert grown[105].nonzero()[0].tolist() == list(range(45, 65))
    assert not grown[95, 45]


@pytest.mark.parametrize("channels", [1, 5])
def test_enlarged_edges_stay_straight(channels: int) -> None:
    found = felzenszwalb.masks(halves(16, channels))
    assert found.shape[1:] == (16, 16)
    np.testing.assert_array_equal(found, np.broadcast_to(found[:, :1], found.shape))


def test_range_and_offset_of_the_values_do_not_matter() -> None:
    image = np.random.default_rng(0).random((24, 24, 3))
    expected = felzenszwalb.masks(image)
    np.testing.assert_array_equal(felzenszwalb.masks(128 * image - 64), expected)


def test_every_pixel_is_in_a_segment_of_every_scale() -> None:
    found = felzenszwalb.masks(np.random.default_rng(0).random((20, 30, 3)))
    assert found.sum(0).min() >= 6


def test_an_even_image_is_cut_without_a_division_by_zero() -> None:
    with np.errstate(all="raise"):
        found = felzenszwalb.masks(np.full((16, 16, 1), 7, np.uint8))
    assert found.all(axis=(1, 2)).any()


def test_a_missing_scikit_image_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "skimage.segmentation", None)
    with pytest.raises(
        ImportError, match=r"scikit-image, .* pip install 'tb-attribution-plugin\[train\]', or pass XRAI"
    ):
        felzenszwalb.masks(halves(16))
