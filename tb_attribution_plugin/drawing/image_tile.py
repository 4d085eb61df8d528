"""A map over the picture that it explains (frontend/src/views/image.ts)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tb_attribution_plugin.drawing import hatch
from tb_attribution_plugin.drawing.colours import Bytes, rounded
from tb_attribution_plugin.drawing.lookup import colourise
from tb_attribution_plugin.drawing.planes import cells_at, enlarged, plane
from tb_attribution_plugin.drawing.tile import Floats, Look, Map, drawn, is_empty

WIDTH = 224  # twice the cells that are stored at most by default, and a multiple of most grids
# A grid this much coarser than the tile and coarser than the picture (a CAM's) is smoothed by value; colours of finer
# ones are averaged. Pixels of a small picture are squares, and so are their scores.
_COARSE = 6
_STAGE = (236, 238, 240)
# Of the heat over a picture.
_OPACITY = 0.9
# A picture's sides, relative to its width, as far as a log may claim them.
_FLATTEST, _TALLEST = 1 / 8, 4.0
_BORDER = (0, 0, 0, 170)


def size(input_shape: Sequence[int]) -> tuple[int, int]:
    """(width, height) of a tile: the input's proportions."""
    height, width = (*input_shape[:2], 1, 1)[:2]
    return WIDTH, round(WIDTH * min(_TALLEST, max(_FLATTEST, height / max(1, width))))


def resized(picture: Image.Image, input_shape: Sequence[int]) -> Image.Image:
    """In the size of a tile. Pixels large enough to be seen stay squares."""
    coarse = picture.width * _COARSE <= WIDTH
    how = Image.Resampling.NEAREST if coarse else Image.Resampling.BILINEAR
    return picture.convert("RGB").resize(size(input_shape), how)


def draw(map_: Map, look: Look) -> Image.Image:
    values = plane(map_.values)
    errors = None if map_.errors is None else plane(map_.errors)
    width, height = size(map_.input_shape)
    base = None if map_.picture is None else resized(map_.picture, map_.input_shape)
    of_pixels = _is_coarse(values, width) and values.shape[1] >= (*map_.input_shape[:2], 1, 1)[1]
    squares = map_.ids is not None or of_pixels
    heat = _heat(drawn(values, look), look, squares, height, width, overlay=base is not None)
    below = Image.new("RGB", (width, height), _STAGE) if base is None else grey(base)
    made = _mixed(below, heat, 1.0 if base is None else _OPACITY)
    if map_.ids is not None:
        made = hatch.over(made, _borders(map_.ids, height, width))
    if is_empty(values, look.relu):
        made = hatch.over(made, hatch.empty(height, width))
    return hatch.over(made, hatch.hatch(values, errors, height, width))


def _heat(values: Floats, look: Look, squares: bool, height: int, width: int, *, overlay: bool) -> Bytes:
    """RGBA at the size of the tile."""
    if squares:
        values = values[np.ix_(cells_at(values.shape[0], height), cells_at(values.shape[1], width))]
    elif _is_coarse(values, width):
        values = enlarged(values, height, width)
    made = colourise(values, look.scale, look.colours, overlay=overlay)
    if made.shape[:2] == (height, width):
        return made
    return np.asarray(Image.fromarray(made).resize((width, height), Image.Resampling.BILINEAR))


def _is_coarse(values: Floats, width: int) -> bool:
    return values.shape[1] * _COARSE <= width


def grey(picture: Image.Image) -> Image.Image:
    """As CSS's grayscale filter has it; RGB."""
    mixed = np.asarray(picture, np.float64) @ np.array([0.2126, 0.7152, 0.0722])
    return Image.fromarray(rounded(mixed).astype(np.uint8)).convert("RGB")


def _mixed(below: Image.Image, heat: Bytes, opacity: float) -> Image.Image:
    alpha = heat[..., 3:] / 255 * opacity
    mixed = heat[..., :3] * alpha + np.asarray(below) * (1 - alpha)
    return Image.fromarray(rounded(mixed).astype(np.uint8))


def _borders(ids: NDArray[np.int32], height: int, width: int) -> Bytes:
    """RGBA lines where segments meet."""
    at = ids.reshape(ids.shape[0], -1)[np.ix_(cells_at(ids.shape[0], height), cells_at(ids.shape[1], width))]
    edge = np.zeros(at.shape, bool)
    edge[1:] |= at[1:] != at[:-1]
    edge[:, 1:] |= at[:, 1:] != at[:, :-1]
    return np.where(edge[..., None], np.array(_BORDER, np.uint8), np.uint8(0)).astype(np.uint8)
