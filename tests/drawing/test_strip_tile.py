"""Strips of series."""

from __future__ import annotations

import numpy as np

from tb_attribution_plugin.drawing import strip_tile
from tb_attribution_plugin.drawing.lookup import Scale
from tb_attribution_plugin.drawing.tile import Look, Map

LOOK = Look(Scale(1.0, signed=True), "RdBu")
RED, BLUE = [0xB2, 0x18, 0x2B], [0x21, 0x66, 0xAC]


def drawn(values: np.ndarray, inputs: np.ndarray | None = None, channels: int = 1, **more: object) -> np.ndarray:
    map_ = Map(values.astype(np.float32), (len(values), channels), inputs=inputs, **more)
    return np.asarray(strip_tile.draw(map_, LOOK))


def test_each_time_has_the_colour_of_its_score():
    pixels = drawn(np.array([[1.0], [-1.0]]))
    assert pixels[20, 10].tolist() == RED
    assert pixels[20, 330].tolist() == BLUE


def test_each_channel_has_a_strip_and_summed_ones_colour_all_alike():
    own = drawn(np.array([[1.0, -1.0]] * 4), channels=2)
    assert own.shape[0] == 2 * 56 + 3
    assert (own[20, 100].tolist(), own[80, 100].tolist()) == (RED, BLUE)
    summed = drawn(np.full((4, 1), 1.0), channels=2)
    assert (summed[20, 100].tolist(), summed[80, 100].tolist()) == (RED, RED)


def test_the_line_runs_from_its_lowest_value_to_its_highest():
    pixels = drawn(np.zeros((340, 1)), np.arange(340, dtype=np.float32)[:, None])
    dark = (pixels.sum(-1) < 300).argmax(0)
    assert dark[5] > 45
    assert dark[335] < 10


def test_the_strongest_of_a_long_run_is_seen():
    values = np.zeros(3400, np.float32)
    values[1705] = 1
    assert strip_tile.strongest(values, 340)[170] == 1
    values[1701] = np.nan
    assert np.isnan(strip_tile.strongest(values, 340)[170])
    assert (drawn(values[:, None])[20] == RED).all(-1).sum() == 0  # what is not finite wins


def test_channels_beyond_16_are_counted():
    many = drawn(np.zeros((4, 1000)), channels=1000)
    assert many.shape[0] == 16 * 59 - 3 + 20


def test_a_line_that_is_nowhere_finite_is_left_out():
    assert (drawn(np.zeros((4, 1)), np.full((4, 1), np.nan, np.float32)) == 0xF7).all()
