"""Bars of a table, pixel by pixel."""

from __future__ import annotations

import numpy as np
import pytest

from tb_attribution_plugin.drawing import bar_tile
from tb_attribution_plugin.drawing.lookup import Scale
from tb_attribution_plugin.drawing.tile import Look, Map

LOOK = Look(Scale(2.0, signed=True), "RdBu")
RED, BLUE = [0xB2, 0x18, 0x2B], [0x21, 0x66, 0xAC]
TRACK = slice(184, 184 + 111)


def drawn(values: list[float], look: Look = LOOK, **more: object) -> np.ndarray:
    """[rows, height, width, 3]."""
    array = np.array(values, np.float32)
    pixels = np.asarray(bar_tile.draw(Map(array, array.shape, **more), look))
    return pixels.reshape(-1, 18, bar_tile.WIDTH, 3)


def width_of(row: np.ndarray, colour: list[int]) -> int:
    return int((row[9, TRACK] == colour).all(-1).sum())


@pytest.mark.parametrize(
    ("t", "signed", "box"),
    [
        (0.5, True, (0.5, 0.25)),
        (-1, True, (0, 0.5)),
        (-9, True, (0, 0.5)),
        (0.5, False, (0, 0.5)),
        (np.nan, True, (0.5, 0)),
    ],
)  # fmt: skip
def test_a_bar_begins_at_zero_and_ends_at_its_share_of_the_scale(t, signed, box):
    assert bar_tile.bar_box(t, signed) == box


def test_bars_are_as_long_as_their_scores_and_have_the_colour_of_their_sign():
    half, whole, beyond = drawn([1.0, -2.0, 7.0])
    assert abs(width_of(half, RED) - 110 / 4) <= 2  # the line at zero is one pixel of it
    assert abs(width_of(whole, BLUE) - 110 / 2) <= 2
    assert abs(width_of(beyond, RED) - 110 / 2) <= 2
    assert width_of(half, BLUE) == 0


def test_rows_stand_in_the_order_that_is_asked_for():
    first, second = drawn([1.0, -1.0], LOOK._replace(order=[1, 0]))
    assert width_of(first, BLUE) > 0
    assert width_of(second, RED) > 0


def test_more_rows_than_fit_are_one_line():
    assert len(drawn([1.0] * 14)) == 14
    assert len(drawn([1.0] * 500)) == 15


def test_what_is_not_finite_has_a_hatched_track_and_no_bar():
    (row,) = drawn([np.nan])
    track = row[9, 190:290]
    assert width_of(row, RED) + width_of(row, BLUE) == 0
    assert (track == 0).all(-1).sum() == pytest.approx(100 / 6, abs=2)


def test_a_score_below_its_error_has_a_hatched_bar():
    below, above = drawn([1.0, 1.0], errors=np.array([1.5, 0.5], np.float32))
    assert width_of(below, RED) < width_of(above, RED)


def test_unsigned_bars_begin_at_the_left_and_have_one_colour():
    (row,) = drawn([2.0], Look(Scale(2.0, signed=False), "viridis"))
    colours = np.unique(row[9, 190:290].reshape(-1, 3), axis=0)
    assert len(colours) == 1


def test_values_of_the_input_are_words_numbers_or_missing():
    map_ = Map(np.zeros(4), [4], inputs=np.array([2, 2, 0.12345, np.nan]), words=["red", "", "", ""])
    assert [bar_tile.input_words(map_, column) for column in range(4)] == ["red", "2.00", "0.123", "missing"]
    assert bar_tile.input_words(map_._replace(words=()), 0) == "2.00"


@pytest.mark.parametrize("value", [-np.inf, np.inf, np.nan])
def test_what_is_not_finite_is_hatched_without_negative_parts_too(value):
    (row,) = drawn([value], Look(Scale(2.0, signed=False), "viridis", relu=True))
    assert (row[9, 190:290] == 0).all(-1).sum() == pytest.approx(100 / 6, abs=2)
