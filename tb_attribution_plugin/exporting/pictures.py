"""Maps as pictures: a contact sheet, or one that moves over the steps."""

from __future__ import annotations

from typing import IO

from PIL import Image

from tb_attribution_plugin.drawing.paper import WHITE
from tb_attribution_plugin.drawing.sheet import Room
from tb_attribution_plugin.exporting.choice import Choice
from tb_attribution_plugin.exporting.sheets import Sheets

# Of a GIF, all frames together: they are in memory until it is written, a byte each.
_PIXELS = 1 << 29
_MILLISECONDS = 500  # a frame; the last one stays longer
_COLOURS = 256
_SAMPLED = 4  # frames that the palette is made of, and the last


def png(choice: Choice, file: IO[bytes]) -> None:
    """All chosen steps side by side."""
    Sheets(choice).draw(choice.steps).save(file, "PNG")


def gif(choice: Choice, file: IO[bytes]) -> None:
    """A frame for each step, on one scale and with one palette: a colour means the same in all of them.

    Raises:
      ValueError: it would not fit into memory.
    """
    sheets = Sheets(choice, grey=True)
    last = sheets.draw(choice.steps[-1:])
    if last.width * last.height * len(choice.steps) > _PIXELS:
        fit = max(1, _PIXELS // (last.width * last.height))
        raise ValueError(
            f"{len(choice.steps)} frames of {last.width} x {last.height} pixels are too many; choose up to {fit} "
            "with --steps, or fewer examples or series"
        )
    least = sheets.room(choice.steps)  # nothing moves but the maps
    palette = _palette(sheets, least)
    frames = (_in(sheets.draw([step], least=least), palette) for step in choice.steps)
    durations = [_MILLISECONDS] * (len(choice.steps) - 1) + [4 * _MILLISECONDS]
    next(frames).save(file, "GIF", save_all=True, append_images=frames, duration=durations, loop=0, optimize=False)


def _palette(sheets: Sheets, least: Room | None) -> Image.Image:
    """Of frames from the first to the last one."""
    steps = sheets.choice.steps
    some = [steps[at * (len(steps) - 1) // _SAMPLED] for at in range(_SAMPLED + 1)]
    pictures = [sheets.draw([step], least=least) for step in dict.fromkeys(some)]
    strip = Image.new("RGB", (pictures[0].width, pictures[0].height * len(pictures)), WHITE)
    for place, picture in enumerate(pictures):
        strip.paste(picture, (0, place * picture.height))
    # Colours that are far apart first, then where most pixels are: within 10 of 255 of what is drawn.
    return strip.quantize(_COLOURS, Image.Quantize.MAXCOVERAGE, kmeans=3, dither=Image.Dither.NONE)


def _in(picture: Image.Image, palette: Image.Image) -> Image.Image:
    return picture.quantize(palette=palette, dither=Image.Dither.NONE)
