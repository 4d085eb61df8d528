"""From the method's grid to the stored one: totals hold."""

from __future__ import annotations

import numpy as np
import pytest

from tb_attribution_plugin.logging.grids import block_means, of_places, stored, stored_errors


def image(height: int, width: int, channels: int = 3) -> np.ndarray:
    cells = 2 * height * width * channels
    return np.sin(np.arange(cells)).astype(np.float32).reshape(2, height, width, channels)


@pytest.mark.parametrize(
    ("shape", "resolution", "want"),
    [
        ((224, 224), 112, (112, 112)),
        ((112, 112), 112, (112, 112)),
        ((113, 112), 112, (57, 112)),
        ((7, 7), 112, (7, 7)),
        ((10, 7), 4, (4, 4)),
        ((300, 100), 112, (100, 100)),
        ((5, 5), 1, (1, 1)),
    ],
)
def test_stored_images_are_at_most_the_resolution_and_keep_their_sum(shape, resolution, want):
    maps = image(*shape)
    found = stored(maps, "image", resolution, channels=False)
    assert found.shape == (2, *want)
    np.testing.assert_allclose(found.sum(axis=(1, 2)), maps.astype(np.float64).sum(axis=(1, 2, 3)), atol=1e-3)


def test_the_last_block_is_narrower_where_blocks_do_not_divide():
    maps = np.ones((1, 5, 1, 1), np.float32)
    assert stored(maps, "image", 3, channels=False)[0, :, 0].tolist() == [2, 2, 1]


def test_channels_are_summed_or_kept():
    maps = image(6, 5)
    np.testing.assert_allclose(stored(maps, "image", 112, channels=False), maps.sum(axis=-1), atol=1e-6)
    np.testing.assert_array_equal(stored(maps, "image", 112, channels=True), maps)
    assert stored(image(8, 8), "image", 4, channels=True).shape == (2, 4, 4, 3)


def test_a_single_channel_is_dropped_either_way():
    cam = image(7, 7, 1)
    for channels in (False, True):
        np.testing.assert_array_equal(stored(cam, "image", 112, channels), cam[..., 0])


def test_columns_and_tokens_are_stored_one_by_one():
    wide = np.ones((2, 500), np.float32)
    for modality in ("tabular", "text"):
        assert stored(wide, modality, 112, channels=False).shape == (2, 500)
    embedded = np.ones((2, 9, 16), np.float32)
    np.testing.assert_array_equal(stored(embedded, "text", 112, channels=False), np.full((2, 9), 16.0))
    assert stored(embedded, "text", 112, channels=True).shape == (2, 9, 16)


def test_a_time_series_keeps_its_channels_and_sums_over_time():
    series = np.ones((2, 1000, 4), np.float32)
    np.testing.assert_array_equal(stored(series, "time_series", 112, channels=False)[:, 0], np.full((2, 4), 9.0))
    assert stored(series, "time_series", 112, channels=False).shape == (2, 112, 4)
    assert stored(series[..., 0], "time_series", 112, channels=False).shape == (2, 112)


def test_a_value_that_is_not_finite_marks_its_block():
    maps = np.ones((1, 4, 4, 1), np.float32)
    maps[0, 3, 3] = np.nan
    found = stored(maps, "image", 2, channels=False)[0]
    assert np.isnan(found).tolist() == [[False, False], [False, True]]


def test_sums_are_taken_in_double_precision():
    maps = np.full((1, 1000, 1000, 1), 0.1, np.float32)
    np.testing.assert_allclose(stored(maps, "image", 1, channels=False), 1e6 * np.float64(np.float32(0.1)), rtol=1e-7)


def test_standard_errors_add_in_squares_and_other_errors_by_magnitude():
    errors = np.full((1, 4, 4, 1), 3.0, np.float32)
    errors[0, 0, 0] = -3.0
    assert stored_errors(errors, "image", 2, False, independent=True)[0].tolist() == [[6, 6], [6, 6]]
    assert stored_errors(errors, "image", 2, False, independent=False)[0].tolist() == [[12, 12], [12, 12]]
    assert stored_errors(errors, "image", 112, False, independent=True).min() == 3.0


def test_thumbnails_are_block_means():
    maps = np.arange(6, dtype=np.float32).reshape(1, 2, 3)
    # Rows [0 1 2], [3 4 5]: columns in blocks of two, rows as they are (two rows fit two cells).
    assert block_means(maps, 2, 2)[0].tolist() == [[0.5, 2.0], [3.5, 5.0]]
    assert block_means(maps, 2, 1)[0].tolist() == [[2.5]]


def test_scores_of_places_are_one_channel_and_means_of_blocks():
    maps = np.repeat(np.arange(6, dtype=np.float32).reshape(1, 2, 3, 1), 3, -1)
    found = of_places(maps, "image")
    assert found.shape == (1, 2, 3, 1)
    assert stored(found, "image", 2, channels=False, means=True)[0].tolist() == [[0.5, 2.0], [3.5, 5.0]]
    assert stored_errors(found, "image", 1, False, independent=False, means=True)[0].tolist() == [[2.5]]
    # The standard error of a mean of six independent cells of 3 each, and of blocks of four and two.
    threes = np.full((1, 2, 3), 3, np.float32)
    assert stored_errors(threes, "image", 1, False, independent=True, means=True)[0, 0, 0] == np.float32(3 / 6**0.5)
    four, two = stored_errors(np.full((1, 4, 3), 3, np.float32), "image", 2, False, independent=True, means=True)[0, 0]
    assert (four, two) == (1.5, np.float32(3 / 2**0.5))
    assert of_places(maps[..., 0], "time_series").shape == (1, 2, 1)
    for modality, shape in (("image", (1, 2, 3)), ("time_series", (1, 2)), ("text", (1, 2)), ("tabular", (1, 2, 3, 4))):
        assert of_places(np.zeros(shape, np.float32), modality).shape == shape
