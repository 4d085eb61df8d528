"""Mergeable log-histogram of |a|: colour scopes without decoding a map."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tb_attribution_plugin.wire import attribution_pb2 as pb

# 2^-40 .. 2^24 in steps of 9%: from float32 noise of a share map to a logit in the millions.
LOW_EXPONENT = -40
PER_OCTAVE = 8
BINS = 64 * PER_OCTAVE


def layout(tag: str) -> pb.HistogramSeries:
    return pb.HistogramSeries(tag=tag, low_exponent=LOW_EXPONENT, per_octave=PER_OCTAVE, bins=BINS)


def log_histogram(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    """Counts [2 + BINS] of |scores|: zeros, not finite, then the bins of `layout`."""
    magnitude = np.abs(scores).ravel()
    finite = _where(np.isfinite(magnitude), magnitude)
    positive = _where(finite > 0, finite)
    place = _bins(positive)
    index = np.floor(place)
    # float32 is five times faster and exact enough, but for values that lie on an edge.
    near = np.abs(place - np.rint(place)) < 1e-3
    index[near] = np.floor(_bins(positive[near].astype(np.float64)))
    bins = np.bincount(np.clip(index, 0, BINS - 1).astype(np.int32), minlength=BINS)
    head = [finite.size - positive.size, magnitude.size - finite.size]
    return np.concatenate([head, bins]).astype(np.float32)


def _where(chosen: NDArray[np.bool_], values: NDArray[np.float32]) -> NDArray[np.float32]:
    """values[chosen]; picking takes long, and most often everything is chosen."""
    return values if chosen.all() else values[chosen]


def _bins(positive: NDArray[Any]) -> NDArray[Any]:
    """Bin of each value, and how far behind its edge."""
    return (np.log2(positive) - LOW_EXPONENT) * PER_OCTAVE
