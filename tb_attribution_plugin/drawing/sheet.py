"""A sheet of tiles: a row for each example, a column for each series or step, and the scales below."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from PIL import Image

from tb_attribution_plugin.drawing import fonts
from tb_attribution_plugin.drawing.legend import WIDTH, Legend, drawn
from tb_attribution_plugin.drawing.paper import INK, QUIET, WARN, Paper

_MARGIN, _GAP, _CAPTION = 16, 16, 4
_NARROWEST = 150  # a narrower column leaves no room for its words


class Cell(NamedTuple):
    """A picture and the lines below it; `warning` is a line that must not be missed."""

    picture: Image.Image | None
    lines: Sequence[str] = ()
    warning: str = ""


class Column(NamedTuple):
    """Lines above, the first one bold, and a cell for each row."""

    head: Sequence[str]
    cells: Sequence[Cell]


def draw(
    title: str, lines: Sequence[str], columns: Sequence[Column], legends: Sequence[Legend], *, room: int = 0
) -> Image.Image:
    """
    Args:
      room: lines that there is room for below each picture at least.
    """
    widths = [max([_NARROWEST, *(c.picture.width for c in column.cells if c.picture)]) for column in columns]
    across = max(WIDTH, sum(widths) + _GAP * (len(widths) - 1))
    top = _paragraphs([title], across, INK, bold=True) + _paragraphs(lines, across, QUIET)
    heads = [_head(column.head, width) for column, width in zip(columns, widths, strict=True)]
    rows = [
        [(cell.picture, _below(cell, width)) for cell, width in zip(cells, widths, strict=True)]
        for cells in zip(*(column.cells for column in columns), strict=True)
    ]
    bars = [drawn(legend) for legend in legends]
    beside = (across + _GAP) // (WIDTH + _GAP)
    bar_rows = [bars[at : at + beside] for at in range(0, len(bars), beside)]
    body = _MARGIN + (len(top) + max(map(len, heads), default=0)) * fonts.LINE + _GAP // 2
    heights = [max(_height(*cell, room) for cell in row) + _GAP for row in rows]
    bar_heights = [max(bar.height for bar in row) + _GAP for row in bar_rows]
    paper = Paper(across + 2 * _MARGIN, body + sum(heights) + sum(bar_heights) + _MARGIN - _GAP)
    below = paper.write_lines(top, _MARGIN, _MARGIN) + _GAP // 2
    for head, x in zip(heads, _lefts(widths), strict=True):
        paper.write_lines(head, x, below)
    y = body
    for row, height in zip(rows, heights, strict=True):
        for (picture, words), x in zip(row, _lefts(widths), strict=True):
            if picture is not None:
                paper.lay(picture, x, y)
            paper.write_lines(words, x, y + (picture.height + _CAPTION if picture else 0))
        y += height
    for bar_row, height in zip(bar_rows, bar_heights, strict=True):
        for bar, x in zip(bar_row, _lefts([WIDTH] * len(bar_row)), strict=True):
            paper.lay(bar, x, y)
        y += height
    return paper.image


def _lefts(widths: Sequence[int]) -> list[int]:
    return [_MARGIN + sum(widths[:at]) + at * _GAP for at in range(len(widths))]


def _paragraphs(texts: Sequence[str], width: int, ink: str, *, bold: bool = False) -> list[tuple[str, str, bool]]:
    return [(line, ink, bold) for text in texts if text for line in fonts.wrapped(text, width, bold=bold)]


def _head(lines: Sequence[str], width: int) -> list[tuple[str, str, bool]]:
    return _paragraphs(lines[:1], width, INK, bold=True) + _paragraphs(lines[1:], width, QUIET)


def _below(cell: Cell, width: int) -> list[tuple[str, str, bool]]:
    return _paragraphs(cell.lines, width, INK) + _paragraphs([cell.warning], width, WARN)


def _height(picture: Image.Image | None, words: Sequence[object], room: int) -> int:
    return (picture.height + _CAPTION if picture else 0) + max(room, len(words)) * fonts.LINE
