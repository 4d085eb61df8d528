"""Lines over what has no colour, or one that says too much (frontend/src/render/hatch.ts)."""

from __future__ import annotations

import numpy as np
from PIL import Image

from tb_attribution_plugin.drawing.colours import Bytes
from tb_attribution_plugin.drawing.planes import cells_at
from tb_attribution_plugin.drawing.tile import Floats

_PERIOD = 6
_FAINT_PERIOD = 4
_FAINT = 128
_EMPTY = (140, 149, 159, 102)


def hatch(values: Floats, errors: Floats | None, height: int, width: int) -> Bytes:
    """RGBA [height, width, 4] over a plane of cells: those that are not finite rise, those below their error fall."""
    cells = np.ix_(cells_at(values.shape[0], height), cells_at(values.shape[1], width))
    value = values[cells]
    y, x = np.mgrid[0:height, 0:width]
    made = np.zeros((height, width, 4), np.uint8)
    rising = ~np.isfinite(value) & ((x + y) % _PERIOD == 0)
    made[rising] = (0, 0, 0, 255)
    if errors is not None:
        line = (x - y) & (_FAINT_PERIOD - 1)
        with np.errstate(invalid="ignore"):
            below = np.isfinite(value) & (np.abs(value) < errors[cells]) & (line < 2)
        made[below & (line == 0)] = (0, 0, 0, _FAINT)
        made[below & (line == 1)] = (255, 255, 255, _FAINT)
    return made


def empty(height: int, width: int) -> Bytes:
    """RGBA over a map that has nothing to show."""
    y, x = np.mgrid[0:height, 0:width]
    return np.where(((x + y) % 8 < 3)[..., None], np.array(_EMPTY, np.uint8), np.uint8(0)).astype(np.uint8)


def over(below: Image.Image, rgba: Bytes) -> Image.Image:
    """RGBA laid over a picture of the same size."""
    return Image.alpha_composite(below.convert("RGBA"), Image.fromarray(rgba)).convert("RGB")
