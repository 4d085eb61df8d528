"""How much of a map lies inside a region of the input."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def region_share(scores: ArrayLike, mask: ArrayLike) -> Floats:
    """Share of the sum of absolute scores inside a region, per example.

    The map's cells are equal parts of the input, so a cell that the region covers by a quarter counts by a quarter
    (a 7x7 map over a 224x224 mask, or the other way round). Absolute values are taken before channels are summed.

    Args:
      scores: [B, *grid] or [B, *grid, channels]; any grid of the mask's rank. Cells that are not finite are left out.
      mask: bool [B, *input grid], or [1, *input grid] for all examples.

    Returns:
      [B], 0 .. 1; NaN where a map is all zero, nothing in it is finite, or its grid has fewer axes than the mask's.
    """
    values, region = np.asarray(scores, dtype=np.float64), np.asarray(mask, dtype=np.float64)
    if len(region) not in (1, len(values)):
        raise ValueError(
            f"mask of {len(region)} examples for scores of {len(values)}; give one mask per example, or one"
        )
    axes = region.ndim - 1
    if values.ndim - 1 < axes:
        return np.full(len(values), np.nan)
    magnitude = np.where(np.isfinite(values), np.abs(values), 0.0)
    # Scaled first, so that sums of maps near the ends of float32's range are exact.
    peak = magnitude.reshape(len(values), -1).max(axis=1, initial=0.0)
    magnitude /= np.where(peak > 0, peak, 1.0).reshape(-1, *[1] * (values.ndim - 1))
    cells = magnitude.sum(axis=tuple(range(1 + axes, values.ndim)))
    inside = (cells * coverage(region, cells.shape[1:])).reshape(len(values), -1).sum(axis=1)
    with np.errstate(invalid="ignore"):
        return np.asarray(inside / cells.reshape(len(values), -1).sum(axis=1))


def coverage(mask: ArrayLike, grid: tuple[int, ...]) -> Floats:
    """Part of each cell of `grid` that a mask [B, *input grid] covers, 0 .. 1, [B, *grid]."""
    result = np.asarray(mask, dtype=np.float64)
    for axis, cells in enumerate(grid, start=1):
        side = result.shape[axis]
        if cells != side:
            result = np.moveaxis(np.moveaxis(result, axis, -1) @ _overlaps(cells, side).T, -1, axis)
    return result


def _overlaps(cells: int, side: int) -> Floats:
    """[cells, side]: the part of each cell that each input position makes up, when both divide one interval evenly."""
    edges, pixels = np.arange(cells + 1) / cells, np.arange(side + 1) / side
    low = np.maximum(edges[:-1, None], pixels[None, :-1])
    high = np.minimum(edges[1:, None], pixels[None, 1:])
    return np.asarray(np.clip(high - low, 0.0, None) * cells)
