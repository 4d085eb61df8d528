"""Shares that can be counted by hand."""

from __future__ import annotations

import numpy as np
import pytest

from tb_attribution_plugin.evaluation.regions import coverage, region_share


def test_share_of_a_flat_map_is_the_share_of_the_area():
    mask = np.zeros((1, 4, 4), bool)
    mask[0, :2, :2] = True
    np.testing.assert_allclose(region_share(np.ones((1, 4, 4)), mask), [0.25])


def test_signs_and_channels_do_not_cancel():
    mask = np.array([[True, False]])
    scores = np.array([[[3.0, -3.0], [1.0, 1.0]]])  # [1, 2, channels]
    np.testing.assert_allclose(region_share(scores, mask), [6 / 8])


def test_a_coarse_map_counts_the_covered_part_of_each_cell():
    mask = np.zeros((1, 4, 4), bool)
    mask[0, 0, :3] = True  # half of the upper left quarter, a quarter of the upper right
    np.testing.assert_allclose(coverage(mask, (2, 2)), [[[0.5, 0.25], [0.0, 0.0]]])
    scores = np.array([[[2.0, 4.0], [1.0, 1.0]]])
    np.testing.assert_allclose(region_share(scores, mask), [(2 * 0.5 + 4 * 0.25) / 8])


def test_cells_that_cut_pixels_share_them():
    # Two cells over three pixels: the middle pixel belongs half to each.
    np.testing.assert_allclose(coverage(np.array([[0, 1, 0]]), (2,)), [[1 / 3, 1 / 3]])


def test_a_finer_map_than_the_mask():
    np.testing.assert_allclose(coverage(np.array([[1, 0]]), (4,)), [[1, 1, 0, 0]])


@pytest.mark.parametrize(("cells", "side"), [(7, 224), (7, 30), (112, 130), (30, 7), (5, 5), (1, 9)])
def test_coverage_keeps_the_mean(cells, side):
    mask = np.sin(np.arange(side))[None] > 0
    np.testing.assert_allclose(coverage(mask, (cells,)).mean(), mask.mean(), atol=1e-12)


def test_nan_cells_are_left_out_and_empty_maps_have_no_share():
    mask = np.array([[True, False, False]])
    scores = np.array([[1.0, np.nan, 3.0], [0.0, 0.0, 0.0], [np.nan, np.inf, -np.inf]])
    np.testing.assert_array_equal(region_share(scores, mask), [0.25, np.nan, np.nan])


@pytest.mark.parametrize("scale", [1e-42, 1e-30, 1e30, 1e38])
def test_the_share_does_not_depend_on_the_scale(scale):
    scores = np.array([[1.0, 3.0]], np.float32) * np.float32(scale)
    np.testing.assert_allclose(region_share(scores, np.array([[True, False]])), [0.25], rtol=1e-3)


def test_a_map_without_the_masks_grid_has_no_share():
    np.testing.assert_array_equal(region_share(np.ones((2, 5)), np.ones((2, 4, 4), bool)), [np.nan, np.nan])


def test_masks_of_another_batch_are_refused():
    with pytest.raises(ValueError, match="mask of 3 examples for scores of 2"):
        region_share(np.ones((2, 4)), np.ones((3, 4), bool))
