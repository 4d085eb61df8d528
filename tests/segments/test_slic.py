"""Superpixels: one piece each, along the edges, and more than one of any image."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from scipy import ndimage
from sklearn.datasets import load_digits, load_sample_images

from tb_attribution_plugin import segments
from tests.segments.facts import have_no_holes


def photos() -> np.ndarray:
    """China and a flower, 427 x 640."""
    return np.stack(load_sample_images().images)


def noise(side: int, channels: int) -> np.ndarray:
    return np.random.default_rng(0).random((2, side, side, channels))


def pieces_of(ids: np.ndarray) -> list[int]:
    return [ndimage.label(ids == number)[1] for number in range(ids.max() + 1)]


@pytest.mark.parametrize(
    ("images", "least", "most"),
    [
        (photos(), 40, 60),
        (photos()[:, ::12, ::12], 25, 60),
        (photos()[:, ::2, ::2, :1], 40, 60),
        (load_digits().images[:10, ..., None], 9, 16),  # 8 x 8: 4 pixels each
        (noise(32, 3), 25, 50),
        (noise(28, 1), 25, 50),
        (noise(24, 5), 25, 64),
        (np.full((1, 32, 32, 3), 7), 25, 50),
    ],
    ids=["photos", "small photos", "one channel", "digits", "noise", "grey noise", "five channels", "even"],
)
def test_every_pixel_is_in_one_connected_superpixel(images: np.ndarray, least: int, most: int) -> None:
    ids = segments.slic(images)
    assert (ids.dtype, ids.shape) == (np.int32, (*images.shape[:3], 1))
    assert have_no_holes(ids)
    for one in ids[..., 0]:
        assert least <= one.max() + 1 <= most
        assert set(pieces_of(one)) == {1}


def test_superpixels_end_at_an_edge() -> None:
    image = np.zeros((1, 60, 60, 3))
    image[:, :, 23:] = 1.0  # between the columns of a grid of 7
    ids = segments.slic(image)[0, ..., 0]
    assert set(ids[:, :23].ravel()).isdisjoint(ids[:, 23:].ravel())


def test_range_and_offset_of_the_values_do_not_matter() -> None:
    image = photos()[:1, ::4, ::4].astype(np.float32)
    expected = segments.slic(image)
    np.testing.assert_array_equal(segments.slic(image / 127.5 - 1), expected)
    np.testing.assert_array_equal(segments.slic(photos()[:1, ::4, ::4]), expected)


def test_images_without_a_channel_axis_have_ids_without_one() -> None:
    images = load_digits().images[:3]
    np.testing.assert_array_equal(segments.slic(images), segments.slic(images[..., None])[..., 0])


def test_fewer_superpixels_are_larger() -> None:
    counts = [segments.slic(photos()[1:], count).max() + 1 for count in (8, 50, 300)]
    assert counts[0] < 15 < 40 < counts[1] < 60 < 200 < counts[2]


def test_what_is_no_image_or_one_superpixel_is_refused() -> None:
    with pytest.raises(ValueError, match=r"images must be \[B, H, W, C\] or \[B, H, W\].*; got shape \[5, 4\]"):
        segments.slic(np.zeros((5, 4)))
    with pytest.raises(ValueError, match=r"count must be a whole number from 2, because a single .*; got 1"):
        segments.slic(noise(8, 1), 1)


def test_a_missing_scikit_image_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "skimage.segmentation", None)
    with pytest.raises(ImportError, match=r"scikit-image, .* pip install 'tb-attribution-plugin\[train\]', or .*grid"):
        segments.slic(noise(8, 1))


def test_images_with_gaps_are_refused_in_words() -> None:
    with pytest.raises(ValueError, match=r"images must be finite, but example 1 holds 1 NaN .*fill the gaps"):
        segments.slic(np.where(np.arange(128).reshape(2, 8, 8) == 70, np.nan, 1.0))
