"""The sheet's colours are those of the page, and each column has a scale of its own."""

from __future__ import annotations

from pathlib import Path

import contact_sheet
import numpy as np
import pytest
from PIL import Image

pytestmark = pytest.mark.once

ROOT = Path(contact_sheet.__file__).parents[1]
TILE = contact_sheet.TILE


def photo() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (TILE, TILE, 3)).astype(np.float32)


def test_the_knots_are_those_that_the_page_is_built_from():
    schemes = ROOT / "frontend" / "node_modules" / "d3-scale-chromatic" / "dist" / "d3-scale-chromatic.mjs"
    assert contact_sheet.RDBU.replace(" ", "") in schemes.read_text()


def test_the_positive_end_is_red_and_zero_is_neutral():
    np.testing.assert_array_equal(
        contact_sheet.colours(np.array([1, 0, -1])), [[0xB2, 0x18, 0x2B], [0xF7, 0xF7, 0xF7], [0x21, 0x66, 0xAC]]
    )


def test_zero_is_transparent_and_two_thirds_of_the_scale_are_opaque():
    picture = Image.fromarray(photo().astype(np.uint8))
    grey = np.asarray(picture.convert("L"))
    for places, expected in ((0.0, grey[..., None]), (2 / 3, contact_sheet.colours(np.array(2 / 3)))):
        drawn = contact_sheet.overlaid(picture, np.full((TILE, TILE), places))
        assert np.abs(drawn.astype(float) - expected).max() <= 0.5


def test_each_column_ends_at_its_own_percentile():
    """The same map a thousand times as large looks the same."""
    scores = np.random.default_rng(1).normal(size=(1, 7, 7))
    columns = [contact_sheet.Column(size * scores, "a", "b", ("", "")) for size in (1, 1000)]
    sheet = np.asarray(contact_sheet.draw("title", (), [contact_sheet.Row(photo(), "row", ())], columns))
    step, top = TILE + contact_sheet.GAP, contact_sheet.HEAD
    lefts = [contact_sheet.CAPTION + place * step for place in (1, 2)]
    tiles = [sheet[top : top + TILE, left : left + TILE].astype(int) for left in lefts]
    assert np.abs(tiles[0] - tiles[1]).max() <= 1  # float32 maps
    maps = [contact_sheet.resized(one) for one in scores]
    assert contact_sheet.end_of_scale(maps) == pytest.approx(np.percentile(np.abs(maps), 99))


def test_a_column_of_zeros_is_the_grey_photo():
    picture = photo()
    column = contact_sheet.Column(np.zeros((1, 7, 7)), "a", "b", ("", ""))
    sheet = contact_sheet.draw("title", (), [contact_sheet.Row(picture, "row", ())], [column])
    left = contact_sheet.CAPTION + TILE + contact_sheet.GAP
    box = (left, contact_sheet.HEAD, left + TILE, contact_sheet.HEAD + TILE)
    grey = np.asarray(Image.fromarray(picture.astype(np.uint8)).convert("L").convert("RGB"))
    np.testing.assert_array_equal(np.asarray(sheet.crop(box)), grey)
