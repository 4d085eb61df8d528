"""Fonts that are there, and texts that can be read in them."""

from __future__ import annotations

import functools
from typing import Any

from PIL import ImageFont

from tb_attribution_plugin.drawing.plain_text import one_line

SIZE = 13
LINE = 17  # pixels from one line of text to the next

# Found by name where the system has them; Pillow's own has ASCII alone.
_PLAIN = ("DejaVuSans.ttf", "LiberationSans-Regular.ttf", "Arial.ttf", "Helvetica.ttc")
_BOLD = ("DejaVuSans-Bold.ttf", "LiberationSans-Bold.ttf", "Arial Bold.ttf", "arialbd.ttf")
# How what a poor font lacks is written.
_SPELT = {"\u2212": "-", "\u2264": "<=", "\u2265": ">=", "\u00d7": "x", "\u2026": "...", "\u2192": "->", "\u2717": "x"}


@functools.cache
def font(size: int = SIZE, bold: bool = False) -> Any:
    for name in _BOLD if bold else _PLAIN:
        try:
            return ImageFont.truetype(name, size)
        except OSError:
            continue
    return ImageFont.load_default(size)


def readable(text: str, bold: bool = False) -> str:
    """One line, with what the font lacks spelt out: "\\u4e2d", never a box that could be any character."""
    return "".join(_in_font(character, bold) for character in one_line(text))


def width(text: str, size: int = SIZE, bold: bool = False) -> int:
    """Pixels that a readable text takes."""
    return int(font(size, bold).getlength(text) + 0.999)


def fitted(text: str, room: int, size: int = SIZE, bold: bool = False) -> str:
    """A readable text, cut off where the room ends."""
    end = _fitting(text, "", room, size, bold)
    if end == len(text):
        return text
    more = readable("\u2026", bold)
    return text[: _fitting(text, more, room, size, bold)].rstrip() + more


def wrapped(text: str, room: int, lines: int = 3, *, bold: bool = False) -> list[str]:
    """The lines that a text takes, broken between words, and inside those that fill a line; at most so many."""
    rest = readable(text, bold)
    found: list[str] = []
    while rest:
        end = _fitting(rest, "", room, SIZE, bold)
        if end == len(rest) or len(found) == lines - 1:
            return [*found, fitted(rest, room, bold=bold)]
        space = rest.rfind(" ", 0, end + 1)
        stop = space if space > 0 else end
        found.append(rest[:stop])
        rest = rest[stop + 1 if space > 0 else stop :]
    return found


def _fitting(text: str, end: str, room: int, size: int, bold: bool) -> int:
    """How many of the characters fit with `end` behind them, at least one."""
    if width(text + end, size, bold) <= room:
        return len(text)
    low, high = 1, max(1, len(text) - 1)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if width(text[:middle] + end, size, bold) <= room else (low, middle - 1)
    return low


@functools.lru_cache(maxsize=4096)
def _in_font(character: str, bold: bool) -> str:
    if character == " " or _has(character, bold):
        return character
    spelt = _SPELT.get(character)
    return spelt if spelt is not None else f"\\u{ord(character):04x}"


def _has(character: str, bold: bool) -> bool:
    drawn = bytes(font(SIZE, bold).getmask(character))
    return bool(drawn) and drawn != _missing(bold)


@functools.cache
def _missing(bold: bool) -> bytes:
    return bytes(font(SIZE, bold).getmask("\uffff"))
