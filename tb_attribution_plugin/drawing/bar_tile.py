"""Signed bars, one for each column of a table (frontend/src/views/tabular.ts)."""

from __future__ import annotations

import math

import numpy as np
from PIL import Image

from tb_attribution_plugin.drawing import fonts, hatch
from tb_attribution_plugin.drawing.colours import rgb
from tb_attribution_plugin.drawing.numerals import MINUS, numeral, signed
from tb_attribution_plugin.drawing.paper import LINE_INK, QUIET, Paper
from tb_attribution_plugin.drawing.tile import Floats, Look, Map, drawn

WIDTH = 384
_ROWS = 14  # what does not fit is summed in one line
_HEIGHT = 18
_INPUT, _TRACK, _BAR, _SCORE = 176, 184, 110, 384  # where columns end, begin, and how wide the track is
_INSET = 3
_LONGEST = _INPUT * 2 // 3  # of an input's words


def bar_box(t: float, is_signed: bool) -> tuple[float, float]:
    """(left, width) of a bar in shares of its track; beyond the end of the scale, it ends there.

    Args:
      t: score in units of the scale's end.
    """
    zero = 0.5 if is_signed else 0.0
    bounded = max(-1.0, min(1.0, t)) if math.isfinite(t) else 0.0
    width = abs(bounded) * (1 - zero)
    return (zero - width if bounded < 0 else zero), width


def draw(map_: Map, look: Look) -> Image.Image:
    values = np.asarray(map_.values, np.float32).ravel()
    order = [*look.order] or list(range(len(values)))
    shown, others = order[:_ROWS], order[_ROWS:]
    paper = Paper(WIDTH, _HEIGHT * (len(shown) + bool(others)))
    for place, column in enumerate(shown):
        _row(paper, place * _HEIGHT, column, map_, look, values)
    if others:
        kind = "unit" if map_.units else "feature"
        total = "" if map_.ids is not None else f", sum {signed(float(values[others].sum(dtype=np.float64)))}"
        paper.write(fonts.readable(f"{len(others)} more {kind}s{total}"), 0, len(shown) * _HEIGHT + 2, ink=QUIET)
    return paper.image


def _row(paper: Paper, top: int, column: int, map_: Map, look: Look, values: Floats) -> None:
    value = float(values[column])
    shown = float(drawn(values[column : column + 1], look)[0])
    name = map_.names[column] if column < len(map_.names) else f"{'unit' if map_.units else 'feature'} {column}"
    taken = 0
    if map_.inputs is not None and column < map_.inputs.size and not map_.units:
        words = fonts.fitted(fonts.readable(input_words(map_, column)), _LONGEST)
        paper.write(words, _INPUT, top + 2, ink=QUIET, to="r")
        taken = fonts.width(words) + 8
    paper.write(fonts.fitted(fonts.readable(name), _INPUT - taken), 0, top + 2)
    outside = map_.ids is not None and int(map_.ids.ravel()[column]) < 0
    beyond = " >" if abs(shown) > look.scale.vmax else ""
    words = "-" if outside else signed(value) + beyond
    paper.write(fonts.readable(words if words != "-" else MINUS), _SCORE, top + 2, to="r")
    _track(paper, top, shown, look, None if map_.errors is None else float(map_.errors.ravel()[column]))


def _track(paper: Paper, top: int, value: float, look: Look, error: float | None) -> None:
    box = (_TRACK, top + _INSET - 1, _TRACK + _BAR, top + _HEIGHT - _INSET)
    paper.pen.rectangle(box, "#f6f7f8")
    left, width = bar_box(value / look.scale.vmax, look.scale.signed)
    colour = rgb(look.colours, (-1 if value < 0 else 1) if look.scale.signed else 0.7)
    x0, x1 = round(_TRACK + left * _BAR), round(_TRACK + (left + width) * _BAR)
    if x1 > x0:
        bar = (x0, top + _INSET, x1 - 1, top + _HEIGHT - _INSET - 1)
        paper.pen.rectangle(bar, tuple(colour.tolist()))
    hatched = not math.isfinite(value) or (error is not None and abs(value) < error)
    if hatched:
        place = box if not math.isfinite(value) else (x0, box[1], x1, box[3])
        _hatch(paper, place, value, error)
    zero = _TRACK + (_BAR // 2 if look.scale.signed else 0)
    paper.pen.line((zero, box[1], zero, box[3]), LINE_INK)


def _hatch(paper: Paper, box: tuple[int, int, int, int], value: float, error: float | None) -> None:
    width, height = box[2] - box[0], box[3] - box[1]
    if width <= 0:
        return
    cell = np.array([[value]], np.float32)
    lines = hatch.hatch(cell, None if error is None else np.array([[error]], np.float32), height, width)
    paper.lay(hatch.over(paper.image.crop(box), lines), box[0], box[1])


def input_words(map_: Map, column: int) -> str:
    """A value of the input: its words where it has some; not a number is none."""
    value = float(np.ravel(map_.inputs)[column]) if map_.inputs is not None else math.nan
    named = map_.words[column] if column < len(map_.words) else ""
    return named or ("missing" if math.isnan(value) else numeral(value))
