"""Pixels of maps over pictures."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from tb_attribution_plugin.drawing import image_tile
from tb_attribution_plugin.drawing.lookup import Scale, table
from tb_attribution_plugin.drawing.tile import Look, Map

SIGNED = Look(Scale(2.0, signed=True), "RdBu")
PICTURE = Image.new("RGB", (32, 32), (250, 100, 20))
GREY = round(0.2126 * 250 + 0.7152 * 100 + 0.0722 * 20)


def tile(values: np.ndarray, look: Look = SIGNED, **more: object) -> np.ndarray:
    return np.asarray(image_tile.draw(Map(values.astype(np.float32), (32, 32, 3), **more), look))


def test_zero_shows_the_grey_picture_and_the_end_of_the_scale_its_colour():
    values = np.zeros((32, 32))
    values[:, 16:] = 2
    drawn = tile(values, picture=PICTURE)
    assert drawn.shape == (224, 224, 3)
    assert drawn[50, 20].tolist() == [GREY] * 3
    mixed = 0.9 * np.array([0xB2, 0x18, 0x2B]) + 0.1 * GREY
    assert np.abs(drawn[50, 170] - mixed).max() <= 0.5


def test_without_a_picture_colours_are_those_of_the_table():
    drawn = tile(np.full((32, 32), -1.0))
    assert (drawn == table("RdBu", True, 1.0, False)[2048 - 1024, :3]).all()


def test_a_coarse_grid_is_enlarged_by_value_and_its_corner_keeps_it():
    values = np.zeros((7, 7))
    values[0, 0] = 2
    drawn = tile(values)
    assert drawn[0, 0].tolist() == [0xB2, 0x18, 0x2B]
    assert drawn[223, 223].tolist() == [0xF7] * 3
    assert len(np.unique(drawn[5, :30], axis=0)) > 5


def test_a_score_of_each_pixel_of_a_small_picture_is_a_square():
    values = np.zeros((32, 32))
    values[3, 5] = 2
    drawn = tile(values)
    found = np.argwhere((drawn == [0xB2, 0x18, 0x2B]).all(-1))
    assert (found.min(0).tolist(), found.max(0).tolist()) == ([21, 35], [27, 41])
    assert len(np.unique(drawn.reshape(-1, 3), axis=0)) == 2


def test_segments_stay_sharp_and_have_borders():
    ids = np.repeat(np.array([[0, 1]], np.int32), 16, axis=1).repeat(32, axis=0)
    drawn = tile(np.where(ids, 2.0, -2.0), ids=ids)
    assert drawn[9, 90].tolist() == [0x21, 0x66, 0xAC]
    assert drawn[9, 120].tolist() == [0xB2, 0x18, 0x2B]
    assert drawn[9, 112].sum() < drawn[9, 120].sum() / 2  # the line between them


def test_what_is_not_finite_is_hatched_over_no_colour():
    values = np.full((32, 32), 2.0)
    values[:16] = np.nan
    drawn = tile(values)
    assert {tuple(pixel) for pixel in drawn[10].tolist()} == {(0, 0, 0), (236, 238, 240)}
    assert (drawn[10].sum(-1) == 0).sum() == pytest.approx(224 / 6, abs=1)


def test_below_its_error_a_cell_is_hatched_and_above_it_not():
    values = np.full((32, 32), 1.0)
    errors = np.where(np.arange(32) < 16, 1.5, 0.5) * np.ones((32, 1))
    drawn = tile(values, errors=errors.astype(np.float32))
    assert len(np.unique(drawn[:, :100].reshape(-1, 3), axis=0)) == 3
    assert len(np.unique(drawn[:, 120:].reshape(-1, 3), axis=0)) == 1


def test_relu_draws_negative_cells_as_zero():
    drawn = tile(np.full((32, 32), -2.0) + 4 * np.eye(32), Look(Scale(2.0, signed=False), "viridis", relu=True))
    assert drawn[5, 100].tolist() == [0x44, 0x01, 0x54]


def test_a_map_of_zeros_is_hatched():
    drawn = tile(np.zeros((32, 32)))
    assert len(np.unique(drawn.reshape(-1, 3), axis=0)) == 2


@pytest.mark.parametrize(("shape", "height"), [((32, 64), 112), ((1, 10**9), 28), ((10**9, 1), 896), ((0, 0), 28)])
def test_a_tile_has_the_proportions_of_its_input_within_bounds(shape, height):
    assert image_tile.size(shape) == (224, height)
