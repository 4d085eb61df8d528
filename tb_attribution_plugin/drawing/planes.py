"""Maps on a rectangle of cells, and how they are laid over more pixels (frontend/src/math/grid.ts)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


def plane(scores: Any) -> Floats:
    """A map [h, w] or [h, w, c] as one plane; channels are summed one after the other, in float64.

    Raises:
      ValueError: it has another number of axes.
    """
    array = np.asarray(scores, np.float32)
    if array.ndim not in (2, 3):
        raise ValueError(f"a map of shape {list(array.shape)} is no picture; [h, w] or [h, w, c] is needed")
    if array.ndim == 2:
        return array
    total = np.zeros(array.shape[:2])
    with np.errstate(invalid="ignore", over="ignore"):
        for channel in range(array.shape[2]):
            total += array[..., channel]
        return total.astype(np.float32)


def enlarged(map_: Floats, height: int, width: int) -> Floats:
    """Bilinear enlargement of the values (not of colours), cell centres kept in place and edges held.

    A cell that is not finite makes every pixel that would read it so.
    """
    values = map_.astype(np.float64)
    top, bottom, down = _taps(map_.shape[0], height)
    left, right, across = _taps(map_.shape[1], width)
    with np.errstate(invalid="ignore", over="ignore"):
        upper = _between(values[np.ix_(top, left)], values[np.ix_(top, right)], across)
        lower = _between(values[np.ix_(bottom, left)], values[np.ix_(bottom, right)], across)
        return _between(upper, lower, down[:, None]).astype(np.float32)


def cells_at(cells: int, pixels: int) -> NDArray[np.int64]:
    """Which of `cells` each of `pixels` lies in."""
    return np.minimum(cells - 1, np.floor((np.arange(pixels) + 0.5) / pixels * cells)).astype(np.int64)


def _between(a: NDArray[np.float64], b: NDArray[np.float64], share: NDArray[np.float64]) -> NDArray[np.float64]:
    return a + (b - a) * share


def _taps(cells: int, pixels: int) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Of each pixel the two cells that it lies between, and the share of the second."""
    centre = np.clip(((np.arange(pixels) + 0.5) * cells) / pixels - 0.5, 0, cells - 1)
    low = np.floor(centre).astype(np.int64)
    return low, np.minimum(cells - 1, low + 1), centre - low
