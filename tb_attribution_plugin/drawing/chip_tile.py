"""A chip for each token, coloured by its score (frontend/src/views/text.ts)."""

from __future__ import annotations

import string
import unicodedata
from collections.abc import Sequence

import numpy as np
from PIL import Image

from tb_attribution_plugin.drawing import fonts, hatch
from tb_attribution_plugin.drawing.colours import rgb
from tb_attribution_plugin.drawing.contrast import ink_on
from tb_attribution_plugin.drawing.lookup import bend
from tb_attribution_plugin.drawing.numerals import signed
from tb_attribution_plugin.drawing.paper import INK, QUIET, Paper
from tb_attribution_plugin.drawing.tile import Floats, Look, Map, drawn

WIDTH = 340
_LINES = 24  # of chips; a log may hold hundreds of thousands
_HEIGHT, _GAP, _PADDING = 19, 2, 4
_LONGEST = 80  # characters of a chip
_SEEN = {" ": "\u00b7", "\n": "\u23ce", "\t": "\u21e5", "\r": "\u240d"}


def visible(token: str) -> str:
    """White space and controls as something to see."""
    if len(token) > _LONGEST:
        return visible(token[:_LONGEST]) + "\u2026"
    return "".join(_SEEN.get(c) or (_picture(c) if unicodedata.category(c) == "Cc" else c) for c in token) or "\u2205"


def cut(text: str) -> list[str]:
    """Words of a text that the model cuts by itself, cut as Keras's TextVectorization does by default."""
    return [word for word in text.split() if word.strip(string.punctuation)]


def _picture(control: str) -> str:
    return chr(0x2400 + ord(control)) if ord(control) < 32 else "\ufffd"


def draw(map_: Map, look: Look) -> Image.Image:
    values = np.asarray(map_.values, np.float32).ravel()
    tokens = min(len(values), len(map_.names)) if map_.names else len(values)
    words, places = _places([map_.names[i] if map_.names else f"token {i}" for i in range(min(tokens, _LINES * 80))])
    rest = _rest(values[len(places) : tokens], adds=map_.ids is None)
    lines = 1 + max((line for _, line in places), default=0)
    paper = Paper(WIDTH, lines * (_HEIGHT + _GAP) + (fonts.LINE if rest else 0))
    for i, (x, line) in enumerate(places):
        _chip(paper, i, words[i], x, line * (_HEIGHT + _GAP), map_, look, values)
    if rest:
        paper.write(fonts.fitted(fonts.readable(rest), WIDTH), 0, lines * (_HEIGHT + _GAP), ink=QUIET)
    return paper.image


def _places(tokens: Sequence[str]) -> tuple[list[str], list[tuple[int, int]]]:
    """Words of chips, and where the chips that there is room for begin: (x, line)."""
    words: list[str] = []
    places: list[tuple[int, int]] = []
    x, line = 0, 0
    for token in tokens:
        word = fonts.fitted(fonts.readable(visible(token)), WIDTH - 2 * _PADDING)
        width = _width(word)
        if x + width > WIDTH and x > 0:
            x, line = 0, line + 1
        if line == _LINES:
            break
        words.append(word)
        places.append((x, line))
        x += width + _GAP
    return words, places


def _width(word: str) -> int:
    return fonts.width(word) + 2 * _PADDING


def _rest(others: Floats, *, adds: bool) -> str:
    if not len(others):
        return ""
    words = f", sum {signed(float(others.sum(dtype=np.float64)))}" if adds else ""
    return f"and {len(others)} more tokens{words}"


def _chip(paper: Paper, at: int, word: str, x: int, y: int, map_: Map, look: Look, values: Floats) -> None:
    value = drawn(values[at : at + 1], look)
    finite = bool(np.isfinite(value[0]))
    outside = map_.ids is not None and int(map_.ids.ravel()[at]) < 0
    box = (x, y, x + _width(word), y + _HEIGHT)
    ink = INK
    if finite and not outside:
        colour = rgb(look.colours, bend(value[0] / look.scale.vmax, look.scale.gamma)).tolist()
        paper.pen.rounded_rectangle((box[0], box[1], box[2] - 1, box[3] - 1), 3, tuple(colour))
        ink = "#{:02x}{:02x}{:02x}".format(*ink_on(colour))
    errors = None if map_.errors is None else map_.errors.ravel()[at : at + 1, None]
    if not finite or (errors is not None and abs(value[0]) < errors[0, 0]):
        lines = hatch.hatch(value[:, None], errors, _HEIGHT, box[2] - box[0])
        paper.lay(hatch.over(paper.image.crop(box), lines), x, y)
    paper.write(word, x + _PADDING, y + 1, ink=ink)
