"""Sheets and their legends: where things stand, and that nothing is lost."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from tb_attribution_plugin.drawing import legend, sheet
from tb_attribution_plugin.drawing.legend import Legend
from tb_attribution_plugin.drawing.lookup import Scale
from tb_attribution_plugin.drawing.sheet import Cell, Column

GREEN = Image.new("RGB", (200, 50), (0, 200, 0))
SIGNED = Scale(2.5, signed=True)
LONG = "long " * 500


def green(picture: Image.Image) -> np.ndarray:
    return (np.asarray(picture) == (0, 200, 0)).all(-1)


def test_pictures_stand_in_rows_and_columns_and_are_whole():
    columns = [
        Column(["head"], [Cell(GREEN, ["a"]), Cell(GREEN, ["a", "b"])]),
        Column(["head"], [Cell(None), Cell(GREEN)]),
    ]
    found = green(sheet.draw("title", [], columns, []))
    assert found.sum() == 3 * 200 * 50
    assert np.flatnonzero(found.any(0))[0] == 16
    assert np.flatnonzero(found[:, 16 + 200 + 16 :].any(1)).tolist() == np.flatnonzero(found.any(1))[50:].tolist()


def test_names_of_any_length_stay_in_their_place():
    columns = [Column([LONG, LONG], [Cell(GREEN, [LONG] * 2, LONG)])]
    scale = Scale(1.0, signed=True)
    found = sheet.draw(LONG, [LONG], columns, [Legend(LONG, scale, "RdBu", LONG, [LONG])])
    assert found.width == 16 + legend.WIDTH + 16
    assert (np.asarray(found)[:, -16:] == 255).all()
    assert green(found).sum() == 200 * 50


def test_sheets_with_the_same_room_have_everything_in_the_same_place():
    few = [Column(["head"], [Cell(None), Cell(GREEN, ["a"])])]
    many = [Column([LONG], [Cell(GREEN, [LONG] * 2, LONG), Cell(GREEN)])]
    least = sheet.room("title", [LONG], many, sheet.room("", [], few))
    found = [sheet.draw("title", [], columns, [], least=least) for columns in (few, many)]
    width, height = sheet.draw("title", [LONG], many, []).size
    assert found[0].size == found[1].size == (width, height + 17)  # the line below the second picture of the few
    assert np.flatnonzero(green(found[0]).any(1)).tolist() == np.flatnonzero(green(found[1]).any(1)).tolist()[50:]


def test_a_sheet_that_no_viewer_opens_is_refused():
    columns = [Column([], [Cell(Image.new("RGB", (20000, 10)))] * 400)]
    with pytest.raises(ValueError, match="choose fewer examples, series or steps"):
        sheet.draw("", [], columns, [])


def test_the_bar_runs_from_end_to_end_and_its_middle_is_neutral():
    colours = np.asarray(legend.strip(Legend("", Scale(3.0, signed=True), "RdBu", "margin"), 481))[7]
    assert colours[1].tolist() == pytest.approx([0x21, 0x66, 0xAC], abs=3)
    assert colours[240].tolist() == [0xF7] * 3
    assert colours[-2].tolist() == pytest.approx([0xB2, 0x18, 0x2B], abs=3)


@pytest.mark.parametrize(
    ("scale", "scalar", "low", "high"),
    [
        (
            SIGNED,
            "margin",
            "\u2264 \u22122.50 blue: against the target",
            "\u2265 +2.50 red: supports the target",
        ),
        (SIGNED, "logit", "\u2264 \u22122.50 blue: lowers the logit", "\u2265 +2.50 red: raises the logit"),
        (SIGNED, "", "\u2264 \u22122.50 blue: lowers the value", "\u2265 +2.50 red: raises the value"),
        (Scale(2.5, signed=False), "margin", "0", "\u2265 2.50 strength"),
    ],
)
def test_the_ends_of_a_bar_say_what_they_mean(scale, scalar, low, high):
    colours = "RdBu" if scale.signed else "viridis"
    assert legend.end_words(Legend("", scale, colours, scalar)) == (low, high)


def test_a_scale_of_nothing_has_words_and_no_bar():
    known = legend.drawn(Legend("head", Scale(1.0, True), "RdBu", "", ["note"]))
    unknown = legend.drawn(Legend("head", Scale(1.0, True, known=False), "RdBu", "", ["note"]))
    assert known.height - unknown.height == 14 + 6 + 17
