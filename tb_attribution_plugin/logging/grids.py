"""From the method's own grid to the stored one: channels summed, blocks summed, so that totals hold."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

# Leading axes of a map that may be made coarser. Columns and tokens have names and are stored one by one.
_COARSE_AXES = {"image": 2, "time_series": 1, "tabular": 0, "text": 0}


def coarse_axes(modality: str) -> int:
    return _COARSE_AXES[modality]


def stored(scores: Floats, modality: str, resolution: int, channels: bool) -> Floats:
    """Maps [B, *method's grid] as they are stored, [B, *shape].

    Blocks are ceil(side / resolution) cells wide, the last one narrower where they do not divide the side; sums are
    taken in float64. Channels of images (and the embedding axis of tokens) are summed unless `channels`; a channel
    axis of size 1 is dropped.
    """
    with np.errstate(invalid="ignore", over="ignore"):  # what is not finite is stored and counted as such
        return _reduce(scores.astype(np.float64), modality, resolution, channels).astype(np.float32)


def stored_errors(errors: Floats, modality: str, resolution: int, channels: bool, independent: bool) -> Floats:
    """Errors of the stored cells, [B, *shape], >= 0.

    Standard errors of sampled methods are taken as independent between cells, so a block's is the root of the sum of
    squares (a lower bound where the cells' noise is positively correlated). Any other error bounds a difference, and
    the triangle inequality gives the sum of magnitudes.
    """
    with np.errstate(invalid="ignore", over="ignore"):
        magnitude = np.abs(errors.astype(np.float64))
        if independent:
            return np.sqrt(_reduce(magnitude**2, modality, resolution, channels)).astype(np.float32)
        return _reduce(magnitude, modality, resolution, channels).astype(np.float32)


def block_means(maps: Floats, axes: int, side: int) -> Floats:
    """Thumbnails: block means over the first `axes` axes after the batch, at most `side` cells each."""
    result = maps.astype(np.float64)
    with np.errstate(invalid="ignore"):
        for axis in range(1, axes + 1):
            starts = _block_starts(maps.shape[axis], side)
            widths = np.diff(np.append(starts, maps.shape[axis]))
            result = np.add.reduceat(result, starts, axis=axis)
            result /= widths.reshape([-1 if a == axis else 1 for a in range(result.ndim)])
    return result.astype(np.float32)


def _reduce(array: NDArray[np.float64], modality: str, resolution: int, channels: bool) -> NDArray[np.float64]:
    axes = _COARSE_AXES[modality]
    has_channels = array.ndim > 1 + (axes if modality == "image" else 1)
    if has_channels and (array.shape[-1] == 1 or (modality in ("image", "text") and not channels)):
        array = array @ np.ones(array.shape[-1])  # three times faster than a sum over a short last axis
    for axis in range(1, min(axes, array.ndim - 1) + 1):
        array = np.add.reduceat(array, _block_starts(array.shape[axis], resolution), axis=axis)
    return array


def _block_starts(side: int, at_most: int) -> NDArray[np.int64]:
    return np.arange(0, side, -(-side // at_most), dtype=np.int64)
