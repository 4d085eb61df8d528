"""Texts that can be read, whatever fonts there are."""

from __future__ import annotations

import pytest

from tb_attribution_plugin.drawing import fonts
from tb_attribution_plugin.drawing.plain_text import file_name, one_line


@pytest.fixture
def poor(monkeypatch: pytest.MonkeyPatch):
    """A system without fonts: Pillow's own has ASCII alone."""
    known = (fonts.font, fonts._in_font, fonts._missing)
    monkeypatch.setattr(fonts, "_PLAIN", ())
    monkeypatch.setattr(fonts, "_BOLD", ())
    for one in known:
        one.cache_clear()
    yield
    for one in known:
        one.cache_clear()


@pytest.mark.usefixtures("poor")
def test_what_a_poor_font_lacks_is_spelt_out():
    assert fonts.readable("\u2265 \u22120.5 \u00d7 2 \u2192 \u4e2d\u00e9") == ">= -0.5 x 2 -> \\u4e2d\\u00e9"


@pytest.mark.usefixtures("poor")
def test_a_poor_font_still_measures_and_cuts():
    lines = fonts.wrapped("word " * 100, 100, lines=2)
    assert len(lines) == 2
    assert max(map(fonts.width, lines)) <= 100


def test_lines_are_no_wider_than_their_room():
    lines = fonts.wrapped("short words and aVeryLongOneThatFillsMoreThanALineByItself in between", 120, lines=9)
    assert len(lines) > 3
    assert max(map(fonts.width, lines)) <= 120
    assert "".join(lines).replace(" ", "") == "shortwordsandaVeryLongOneThatFillsMoreThanALineByItselfinbetween"


def test_what_is_left_of_the_last_line_is_cut_off():
    (line,) = fonts.wrapped("word " * 100, 120, lines=1)
    assert fonts.width(line) <= 120
    assert line.endswith(fonts.readable("\u2026"))


@pytest.mark.parametrize("text", ["a\x1b[31m\n\tb", "a\u202eb\u2066c\u200f", "\ud800", "x" * 10_000])
def test_a_line_of_any_origin_is_one_line(text):
    line = one_line(text)
    assert len(line) <= 300
    assert line.isprintable()


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("grad_cam/dog", "grad_cam_dog"),
        ("../../etc/x", "etc_x"),
        ("=1+1", "1_1"),
        ("\u4e2d", "_"),
        ("", "_"),
        ("a" * 99, "a" * 80),
    ],
)
def test_a_file_s_name_is_no_path(text, name):
    assert file_name(text) == name
