"""Chips of tokens."""

from __future__ import annotations

import numpy as np
import pytest

from tb_attribution_plugin.drawing import chip_tile
from tb_attribution_plugin.drawing.colours import rgb
from tb_attribution_plugin.drawing.lookup import Scale
from tb_attribution_plugin.drawing.tile import Look, Map

LOOK = Look(Scale(2.0, signed=True), "RdBu")


def drawn(values: list[float], names: list[str], **more: object) -> np.ndarray:
    array = np.array(values, np.float32)
    return np.asarray(chip_tile.draw(Map(array, array.shape, names=names, **more), LOOK))


@pytest.mark.parametrize(
    ("token", "words"),
    [
        (" a", "\u00b7a"), ("\n", "\u23ce"), ("", "\u2205"), ("\x1b", "\u241b"), ("\x9b", "\ufffd"),
        ("x" * 90, "x" * 80 + "\u2026"),
    ],
)  # fmt: skip
def test_what_nobody_sees_is_something_to_see(token, words):
    assert chip_tile.visible(token) == words


def test_a_chip_has_the_colour_of_its_score():
    pixels = drawn([1.0, -2.0], ["aa", "aa"])
    assert pixels[2, 10].tolist() == rgb("RdBu", 0.5).tolist()
    row = pixels[2].reshape(-1, 3)
    assert (row == rgb("RdBu", -1.0)).all(-1).sum() > 10
    assert pixels[2, -1].tolist() == [255] * 3


def test_what_has_no_score_has_no_colour():
    outside = drawn([2.0], ["aaaa"], ids=np.array([-1], np.int32))
    assert outside[2, 12].tolist() == [255] * 3
    hatched = drawn([np.nan], ["aaaa"])
    assert (hatched[1, :30] == 0).all(-1).sum() >= 4


def test_a_text_of_any_length_takes_24_lines_and_says_what_is_left():
    few, many = drawn([1.0] * 2, ["word"] * 2), drawn([1.0] * 100_000, ["word"] * 100_000)
    assert few.shape[0] == 21
    assert many.shape[0] == 24 * 21 + 17


def test_tokens_without_names_are_numbered():
    assert drawn([1.0, 2.0, 3.0], []).shape == (21, 340, 3)


def test_words_are_cut_as_keras_cuts_them():
    assert chip_tile.cut("A quiet film ,  well -- acted!") == ["A", "quiet", "film", "well", "acted!"]


@pytest.mark.parametrize("value", [-np.inf, np.inf, np.nan])
def test_what_is_not_finite_is_hatched_without_negative_parts_too(value):
    map_ = Map(np.array([value], np.float32), (1,), names=["aaaa"])
    pixels = np.asarray(chip_tile.draw(map_, LOOK._replace(relu=True)))
    assert (pixels[1, :30] == 0).all(-1).sum() >= 4
