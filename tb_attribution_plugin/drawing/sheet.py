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


class Room(NamedTuple):
    """Pixels that a sheet takes: the widths of its columns, where its rows begin, and their heights."""

    widths: Sequence[int]
    body: int
    rows: Sequence[int]


def room(title: str, lines: Sequence[str], columns: Sequence[Column], least: Room | None = None) -> Room:
    """What the columns need, and no less than `least`."""
    widths = [max([_NARROWEST, *(c.picture.width for c in column.cells if c.picture)]) for column in columns]
    if least is not None:
        widths = list(map(max, widths, least.widths))
    heads = [_head(column.head, width) for column, width in zip(columns, widths, strict=True)]
    top = len(_top(title, lines, widths)) + max(map(len, heads), default=0)
    rows = [
        max(_height(cell, width) for cell, width in zip(cells, widths, strict=True)) + _GAP
        for cells in zip(*(column.cells for column in columns), strict=True)
    ]
    body = _MARGIN + top * fonts.LINE + _GAP // 2
    if least is None:
        return Room(widths, body, rows)
    return Room(widths, max(body, least.body), list(map(max, rows, least.rows)))


def draw(
    title: str,
    lines: Sequence[str],
    columns: Sequence[Column],
    legends: Sequence[Legend],
    *,
    least: Room | None = None,
) -> Image.Image:
    """
    Args:
      least: the room that is left at least, so that several sheets have everything in the same place.
    """
    widths, body, heights = room(title, lines, columns, least)
    across = _across(widths)
    bars = [drawn(legend) for legend in legends]
    beside = (across + _GAP) // (WIDTH + _GAP)
    bar_rows = [bars[at : at + beside] for at in range(0, len(bars), beside)]
    bar_heights = [max(bar.height for bar in row) + _GAP for row in bar_rows]
    paper = Paper(across + 2 * _MARGIN, body + sum(heights) + sum(bar_heights) + _MARGIN - _GAP)
    below = paper.write_lines(_top(title, lines, widths), _MARGIN, _MARGIN) + _GAP // 2
    for column, width, x in zip(columns, widths, _lefts(widths), strict=True):
        paper.write_lines(_head(column.head, width), x, below)
        y = body
        for cell, height in zip(column.cells, heights, strict=True):
            if cell.picture is not None:
                paper.lay(cell.picture, x, y)
            paper.write_lines(_below(cell, width), x, y + _picture_height(cell))
            y += height
    y = body + sum(heights)
    for bar_row, height in zip(bar_rows, bar_heights, strict=True):
        for bar, x in zip(bar_row, _lefts([WIDTH] * len(bar_row)), strict=True):
            paper.lay(bar, x, y)
        y += height
    return paper.image


def _across(widths: Sequence[int]) -> int:
    return max(WIDTH, sum(widths) + _GAP * (len(widths) - 1))


def _lefts(widths: Sequence[int]) -> list[int]:
    return [_MARGIN + sum(widths[:at]) + at * _GAP for at in range(len(widths))]


def _paragraphs(texts: Sequence[str], width: int, ink: str, *, bold: bool = False) -> list[tuple[str, str, bool]]:
    return [(line, ink, bold) for text in texts if text for line in fonts.wrapped(text, width, bold=bold)]


def _top(title: str, lines: Sequence[str], widths: Sequence[int]) -> list[tuple[str, str, bool]]:
    across = _across(widths)
    return _paragraphs([title], across, INK, bold=True) + _paragraphs(lines, across, QUIET)


def _head(lines: Sequence[str], width: int) -> list[tuple[str, str, bool]]:
    return _paragraphs(lines[:1], width, INK, bold=True) + _paragraphs(lines[1:], width, QUIET)


def _below(cell: Cell, width: int) -> list[tuple[str, str, bool]]:
    return _paragraphs(cell.lines, width, INK) + _paragraphs([cell.warning], width, WARN)


def _picture_height(cell: Cell) -> int:
    return cell.picture.height + _CAPTION if cell.picture else 0


def _height(cell: Cell, width: int) -> int:
    return _picture_height(cell) + len(_below(cell, width)) * fonts.LINE
