"""From the method's own grid to the stored one: channels summed, blocks summed, so that totals hold.

Where a score is of a place and no share of a total, as an index is, all channels of the place have it: one is taken,
and of a block the mean.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

# Leading axes of a map that may be made coarser. Columns, tokens and units of a layer are stored one by one.
_COARSE_AXES = {"image": 2, "time_series": 1, "series_at_layer": 1, "tabular": 0, "text": 0, "units": 0}
_CAN_BE_SUMMED = ("image", "text", "units")


def coarse_axes(modality: str) -> int:
    return _COARSE_AXES[modality]


def of_places(maps: Floats, modality: str) -> Floats:
    """One channel of maps [B, *grid, C] of pictures and series, whose channels are alike: [B, *grid, 1]."""
    has_channels = modality in ("image", "time_series") and maps.ndim == 2 + _COARSE_AXES[modality]
    return maps[..., :1] if has_channels else maps


def stored(scores: Floats, modality: str, resolution: int, channels: bool, means: bool = False) -> Floats:
    """Maps [B, *method's grid] as they are stored, [B, *shape].

    Blocks are ceil(side / resolution) cells wide, the last one narrower where they do not divide the side; sums are
    taken in float64; `means` makes means of those of blocks. Channels of images (and the last axis of tokens and
    units) are summed unless `channels`; a channel axis of size 1 is dropped. Those of a series at a layer are always
    summed: the input's channels are others.
    """
    with np.errstate(invalid="ignore", over="ignore"):  # what is not finite is stored and counted as such
        return _reduce(scores, modality, resolution, channels, means).astype(np.float32)


def stored_errors(
    errors: Floats, modality: str, resolution: int, channels: bool, independent: bool, means: bool = False
) -> Floats:
    """Errors of the stored cells, [B, *shape], >= 0.

    Where errors are standard errors of independent cells, a block's is the root of the sum of squares. Those from the
    same draws add up, and so do errors that bound a difference, by the triangle inequality. With `means`, a block's
    error is that of the mean of its cells.
    """
    with np.errstate(invalid="ignore", over="ignore"):
        magnitude = np.abs(errors).astype(np.float64)
        if independent:
            of_sums = np.sqrt(_reduce(magnitude**2, modality, resolution, channels, False))
            cells = _reduce(np.ones_like(magnitude), modality, resolution, channels, False) if means else 1
            return (of_sums / cells).astype(np.float32)
        return _reduce(magnitude, modality, resolution, channels, means).astype(np.float32)


def block_means(maps: Floats, axes: int, side: int) -> Floats:
    """Thumbnails: block means over the first `axes` axes after the batch, at most `side` cells each."""
    result: NDArray[Any] = maps
    with np.errstate(invalid="ignore"):
        for axis in range(1, axes + 1):
            result = _block_means(result, axis, side)
    return result.astype(np.float32)


def _reduce(array: NDArray[Any], modality: str, resolution: int, channels: bool, means: bool) -> NDArray[np.float64]:
    axes = _COARSE_AXES[modality]
    has_channels = array.ndim > 1 + (axes if modality == "image" else 1)
    summed = modality == "series_at_layer" or (modality in _CAN_BE_SUMMED and not channels)
    if has_channels and (summed or array.shape[-1] == 1):
        array = _channel_sums(array)
    for axis in range(1, min(axes, array.ndim - 1) + 1):
        array = (_block_means if means else _block_sums)(array, axis, resolution)
    return array.astype(np.float64, copy=False)


def _channel_sums(array: NDArray[Any]) -> NDArray[np.float64]:
    """Sums over the last axis. NumPy's own are slow where that is short."""
    if array.shape[-1] > 4:
        return array.astype(np.float64) @ np.ones(array.shape[-1])
    total = array[..., 0].astype(np.float64)
    for channel in range(1, array.shape[-1]):
        total += array[..., channel]
    return total


def _block_means(array: NDArray[Any], axis: int, at_most: int) -> NDArray[np.float64]:
    side, width = array.shape[axis], -(-array.shape[axis] // at_most)
    total = _block_sums(array, axis, at_most)
    widths = np.minimum(width, side - width * np.arange(total.shape[axis]))
    means: NDArray[np.float64] = total / widths.reshape([-1 if a == axis else 1 for a in range(total.ndim)])
    return means


def _block_sums(array: NDArray[Any], axis: int, at_most: int) -> NDArray[np.float64]:
    """Sums of ceil(side / at_most) neighbours along an axis; the last block may hold fewer."""
    width = -(-array.shape[axis] // at_most)

    def every(offset: int) -> tuple[slice, ...]:
        return *(slice(None),) * axis, slice(offset, None, width)

    # Whole slices are added, not one block after the other: NumPy is several times faster at that.
    total = array[every(0)].astype(np.float64, copy=width > 1)
    for offset in range(1, width):
        part = array[every(offset)]
        index = *(slice(None),) * axis, slice(0, part.shape[axis])
        total[index] += part
    return total
