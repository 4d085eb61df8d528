"""Where colour scales end: percentiles of |score| from log-histograms (frontend/src/math/histogram.ts)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from tb_attribution_plugin.drawing.lookup import Scale
from tb_attribution_plugin.wire.histogram import BINS, LOW_EXPONENT, PER_OCTAVE

Counts = NDArray[np.float64]

CLIP = 0.99


def pooled(histograms: Iterable[NDArray[np.float32]]) -> Counts:
    """The sum of histograms of `wire.histogram`'s layout, [2 + bins]: zeros, not finite, bins.

    Raises:
      ValueError: one has another layout.
    """
    total = np.zeros(2 + BINS)
    for counts in histograms:
        if counts.shape != total.shape:
            raise ValueError(f"a histogram has shape {list(counts.shape)}, expected {list(total.shape)}")
        total += np.where(np.isfinite(counts), counts, 0)
    return total


def scale(counts: Counts, *, signed: bool) -> Scale:
    """Ends at P99 of |score|, as the page's does unless it is told otherwise."""
    end = quantile(counts, CLIP)
    return Scale(end or 1.0, signed, known=end > 0)


def quantile(counts: Counts, share: float) -> float:
    """The value that a share of |score| does not exceed; 0 where every value is zero, or none is finite.

    Where that many are zero, the share of the values that are not: a sparse map still has a scale.
    """
    zeros, bins = float(counts[0]), counts[2:]
    count = float(bins.sum())
    if count == 0:
        return 0.0
    rank = share * (count + zeros) - zeros
    return _quantile_of_nonzeros(bins.tolist(), rank if rank > 0 else share * count)


def clipped_share(counts: Counts, vmax: float) -> float:
    """Share of the finite values whose magnitude is above `vmax`, 0..1."""
    bins = counts[2:]
    total = float(bins.sum() + counts[0])
    if total == 0 or vmax <= 0:
        return 0.0
    at = (math.log2(vmax) - LOW_EXPONENT) * PER_OCTAVE
    return float((bins * np.clip(np.arange(len(bins)) + 1 - at, 0, 1)).sum()) / total


def _quantile_of_nonzeros(bins: Sequence[float], rank: float) -> float:
    below, last = 0.0, 0
    for i, count in enumerate(bins):
        if count > 0:
            if below + count >= rank:
                return _edge(i + max(0.0, rank - below) / count)  # inside a bin, log|a| is taken as evenly spread
            below += count
            last = i + 1
    return _edge(last)


def _edge(at: float) -> float:
    return float(2.0 ** (LOW_EXPONENT + at / PER_OCTAVE))
