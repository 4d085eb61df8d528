"""Draws photos beside their maps: a row per photo, a column per method, one colour scale for each column.

Colours are those of the page: red supports, blue is against, zero is transparent over the grey photo, and opaque from
two thirds of the scale on.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

TILE = 160
GAP = 8
HEAD = 160  # height above the photos
CAPTION = 176  # width beside the photos
BAR = 10  # height of a colour bar
# ColorBrewer's RdBu in nine colours; the neutral one is in the middle.
RDBU = "b2182b d6604d f4a582 fddbc7 f7f7f7 d1e5f0 92c5de 4393c3 2166ac"

Array = NDArray[Any]


class Column(NamedTuple):
    """One method's maps of all photos.

    Attributes:
      maps: [N, h, w], signed; any grid, laid over the whole photo.
      title: the method, one line.
      note: what it shows, one line.
      ends: what the negative and the positive end of its scale mean.
    """

    maps: Array
    title: str
    note: str
    ends: tuple[str, str]


class Row(NamedTuple):
    """A photo [side, side, 3], 0 to 255, and what stands beside it."""

    photo: Array
    title: str
    lines: tuple[str, ...]


def draw(title: str, lines: tuple[str, ...], rows: list[Row], columns: list[Column]) -> Image.Image:
    step = TILE + GAP
    sheet = Image.new("RGB", (CAPTION + step * (1 + len(columns)) + GAP, HEAD + step * len(rows) + GAP), "white")
    pen = ImageDraw.Draw(sheet)
    pen.text((GAP, GAP), title, "black", _font(18))
    pen.text((GAP, GAP + 26), "\n".join(lines), "#444", _font(12), spacing=5)
    for y, row in enumerate(rows):
        place = GAP, HEAD + y * step
        pen.text(place, row.title, "black", _font(15))
        pen.text((place[0], place[1] + 24), "\n".join(row.lines), "#444", _font(12), spacing=5)
        sheet.paste(_shrunk(row.photo), (CAPTION, place[1]))
    for x, column in enumerate(columns, start=1):
        left = CAPTION + x * step
        maps = [resized(one) for one in column.maps]
        vmax = end_of_scale(maps)
        _head(sheet, left, column, vmax)
        for y, (row, one) in enumerate(zip(rows, maps, strict=True)):
            sheet.paste(Image.fromarray(overlaid(_shrunk(row.photo), one / vmax)), (left, HEAD + y * step))
    return sheet


def end_of_scale(maps: list[Array]) -> float:
    """Where a column's colours end: the 99th percentile of |score| over all of its photos."""
    return float(np.percentile(np.abs(maps), 99)) or 1.0


def colours(places: Array) -> Array:
    """[...] in -1 (blue) .. 1 (red) -> [..., 3] in 0..255, straight lines between the knots."""
    knots = np.array([list(bytes.fromhex(knot)) for knot in RDBU.split()])
    at = np.linspace(1, -1, len(knots))
    channels = [np.interp(places, at[::-1], knots[::-1, channel]) for channel in range(3)]
    return np.stack(channels, -1)


def overlaid(photo: Image.Image, places: Array) -> Array:
    """A map, -1 to 1 and beyond, over the grey photo, uint8."""
    grey = np.asarray(photo.convert("L"), np.float32)[..., None]
    opacity = np.minimum(1, 1.5 * np.abs(places))[..., None]
    mixed: Array = np.rint(opacity * colours(np.clip(places, -1, 1)) + (1 - opacity) * grey).astype(np.uint8)
    return mixed


def resized(scores: Array) -> Array:
    """A map on the grid of a tile: means of what is finer, straight lines between what is coarser."""
    image = Image.fromarray(np.asarray(scores, np.float32))
    return np.asarray(image.resize((TILE, TILE), Image.Resampling.BILINEAR))


def _head(sheet: Image.Image, left: int, column: Column, vmax: float) -> None:
    pen, top = ImageDraw.Draw(sheet), HEAD - 82
    pen.text((left, top), column.title, "black", _font(15))
    pen.text((left, top + 20), column.note, "#444", _font(11))
    ramp = np.broadcast_to(colours(np.linspace(-1, 1, TILE)), (BAR, TILE, 3))
    sheet.paste(Image.fromarray(np.rint(ramp).astype(np.uint8)), (left, top + 38))
    for share, anchor, word in ((0, "la", column.ends[0]), (0.5, "ma", ""), (1, "ra", column.ends[1])):
        at = left + share * TILE
        number = f"{(2 * share - 1) * vmax:+.2g}" if share != 0.5 else "0"
        pen.text((at, top + 50), number, "#444", _font(11), anchor)
        pen.text((at, top + 63), word, "#444", _font(11), anchor)


def _shrunk(photo: Array) -> Image.Image:
    return Image.fromarray(photo.astype(np.uint8)).resize((TILE, TILE), Image.Resampling.BILINEAR)


def _font(size: int) -> Any:
    return ImageFont.load_default(size)
