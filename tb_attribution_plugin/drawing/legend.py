"""The colour bar with what its colours mean."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageDraw

from tb_attribution_plugin.drawing import fonts
from tb_attribution_plugin.drawing.colours import DIVERGING, END_WORDS
from tb_attribution_plugin.drawing.lookup import Scale, colourise, unbend
from tb_attribution_plugin.drawing.numerals import numeral, signed
from tb_attribution_plugin.drawing.paper import INK, LINE_INK, QUIET, Paper

WIDTH = 544
_BAR = 14  # height
_GAP = 6

# Where the scalar grows with how much a class is preferred, a score speaks for it or against it. Of a number as the
# model gives it, nobody knows what more of it means (frontend/src/widgets/explained.ts).
_FOR_A_CLASS = ("margin", "contrast", "probability")
_MOVES = {"logit": "logit", "as_is": "output"}

Lines = list[tuple[str, str, bool]]


class Legend(NamedTuple):
    """What is said of the scale that some tiles share.

    Attributes:
      head: of what the scale is.
      scalar: what is explained: "margin", "logit" ...; "" where it is not known.
      notes: what else a reader must know, a paragraph each.
    """

    head: str
    scale: Scale
    colours: str
    scalar: str
    notes: Sequence[str] = ()


def effect(scalar: str) -> tuple[str, str]:
    """What a positive and a negative score do to what is explained."""
    if scalar in _FOR_A_CLASS:
        return "supports the target", "against the target"
    moved = _MOVES.get(scalar, "value")
    return f"raises the {moved}", f"lowers the {moved}"


def explained(scalar: str, target: str) -> str:
    """ "margin of dog"; a regression has one value and no target to name."""
    return scalar or "score" if target in ("", scalar) else f"{scalar or 'score'} of {target}"


def drawn(legend: Legend) -> Image.Image:
    head = _lines([legend.head], INK, bold=True)
    notes = _lines(legend.notes, QUIET)
    ends = [fonts.wrapped(one, WIDTH // 2 - 16) for one in end_words(legend)]
    below = max(map(len, ends)) if legend.scale.known else 0
    room = _BAR + _GAP if legend.scale.known else 0
    paper = Paper(WIDTH, (len(head) + below + len(notes)) * fonts.LINE + room)
    y = paper.write_lines(head, 0, 0)
    if legend.scale.known:
        paper.lay(strip(legend), 0, y + 2)
        y += room
        for line, text in enumerate(ends[0]):
            paper.write(text, 0, y + line * fonts.LINE)
        for line, text in enumerate(ends[1]):
            paper.write(text, WIDTH, y + line * fonts.LINE, to="r")
        if legend.scale.signed:
            paper.write("0", WIDTH // 2, y, to="m")
        y += below * fonts.LINE
    paper.write_lines(notes, 0, y)
    return paper.image


def _lines(texts: Sequence[str], ink: str, *, bold: bool = False) -> Lines:
    return [(line, ink, bold) for text in texts if text for line in fonts.wrapped(text, WIDTH, bold=bold)]


def end_words(legend: Legend) -> tuple[str, str]:
    """What the ends of the bar mean."""
    scale, (positive, negative) = legend.scale, effect(legend.scalar)
    if not scale.signed:
        return "0", f"\u2265 {numeral(scale.vmax)} strength"
    red, blue = END_WORDS[legend.colours] if legend.colours in DIVERGING else ("", "")
    return (
        f"\u2264 {signed(-scale.vmax)} {blue}: {negative}",
        f"\u2265 {signed(scale.vmax)} {red}: {positive}",
    )


def strip(legend: Legend, width: int = WIDTH) -> Image.Image:
    """Colours evenly spread, an odd number of them: the middle one of a signed scale is exactly zero."""
    scale, low = legend.scale, -1 if legend.scale.signed else 0
    values = scale.vmax * unbend(np.linspace(low, 1, 2 * width + 1), scale.gamma)
    colours = colourise(values.astype(np.float32), scale, legend.colours)[1::2, :3]
    picture = Image.fromarray(np.repeat(colours[None], _BAR, axis=0))
    ImageDraw.Draw(picture).rectangle((0, 0, width - 1, _BAR - 1), outline=LINE_INK)
    return picture
