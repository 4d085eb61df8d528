"""Maps as pictures: a contact sheet, or one that moves over the steps."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO

from PIL import Image

from tb_attribution_plugin.drawing.paper import WHITE
from tb_attribution_plugin.exporting.choice import Choice
from tb_attribution_plugin.exporting.sheets import Sheets

# Of a GIF, all frames together: they are in memory until it is written, a byte each.
_PIXELS = 1 << 29
_MILLISECONDS = 500  # a frame; the last one stays longer
_COLOURS = 256
_SAMPLED = 4  # frames that the palette is made of


def png(choice: Choice, file: IO[bytes]) -> None:
    """All chosen steps side by side."""
    Sheets(choice).draw(choice.steps).save(file, "PNG")


def gif(choice: Choice, file: IO[bytes]) -> None:
    """A frame for each step, on one scale and with one palette: a colour means the same in all of them.

    Raises:
      ValueError: it would not fit into memory.
    """
    sheets = Sheets(choice, grey=True)
    room = sheets.lines() + 1  # nothing moves but the maps, also where one of them has a warning
    last = sheets.draw(choice.steps[-1:], room=room)
    if last.width * last.height * len(choice.steps) > _PIXELS:
        fit = max(1, _PIXELS // (last.width * last.height))
        raise ValueError(
            f"{len(choice.steps)} frames of {last.width} x {last.height} pixels are too many; choose up to {fit} "
            "with --steps, or fewer examples or series"
        )
    palette = _palette(sheets, last, room)
    frames = _frames(sheets, last, palette, room)
    durations = [_MILLISECONDS] * (len(choice.steps) - 1) + [4 * _MILLISECONDS]
    next(frames).save(file, "GIF", save_all=True, append_images=frames, duration=durations, loop=0, optimize=False)


def _frames(sheets: Sheets, last: Image.Image, palette: Image.Image, room: int) -> Iterator[Image.Image]:
    for step in sheets.choice.steps:
        drawn = sheets.draw([step], room=room)
        yield _in(_placed(drawn, last.size), palette)


def _palette(sheets: Sheets, last: Image.Image, room: int) -> Image.Image:
    """Of frames from the first to the last one."""
    steps = sheets.choice.steps
    some = [steps[at * (len(steps) - 1) // _SAMPLED] for at in range(_SAMPLED)]
    pictures = [*(sheets.draw([step], room=room) for step in dict.fromkeys(some)), last]
    strip = Image.new("RGB", (last.width, last.height * len(pictures)), WHITE)
    for place, picture in enumerate(pictures):
        strip.paste(_placed(picture, last.size), (0, place * last.height))
    # Colours that are far apart first, then where most pixels are: within 10 of 255 of what is drawn.
    return strip.quantize(_COLOURS, Image.Quantize.MAXCOVERAGE, kmeans=3, dither=Image.Dither.NONE)


def _placed(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    if picture.size == size:
        return picture
    page = Image.new("RGB", size, WHITE)
    page.paste(picture, (0, 0))
    return page


def _in(picture: Image.Image, palette: Image.Image) -> Image.Image:
    return picture.quantize(palette=palette, dither=Image.Dither.NONE)
