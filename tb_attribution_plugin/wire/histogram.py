"""Mergeable log-histogram of |a|: colour scopes without decoding a map."""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import NDArray

from tb_attribution_plugin.blocks import blocks
from tb_attribution_plugin.wire import attribution_pb2 as pb

# 2^-40 .. 2^24 in steps of 9%: from float32 noise of a share map to a logit in the millions.
LOW_EXPONENT = -40
PER_OCTAVE = 8
BINS = 64 * PER_OCTAVE
# Of a float32, below the sign, the exponent and the first 3 bits of the mantissa.
_BUCKET_BITS = 20


def layout(tag: str) -> pb.HistogramSeries:
    return pb.HistogramSeries(tag=tag, low_exponent=LOW_EXPONENT, per_octave=PER_OCTAVE, bins=BINS)


def log_histogram(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    """Counts [2 + BINS] of |scores|: zeros, not finite, then the bins of `layout`."""
    # Magnitudes are ordered as the integers of their bits: the sign's bit is shifted out, NaN lies above infinity.
    bits = np.ascontiguousarray(scores, np.float32).view(np.int32).ravel()
    edges, places = _buckets()
    counts = np.zeros(len(places), np.int64)
    for some in blocks(len(bits), 1):
        magnitude = bits[some] & 0x7FFFFFFF
        half = magnitude >> _BUCKET_BITS
        above = magnitude >= edges.take(half)
        half += half
        half += above
        counts += np.bincount(half, minlength=len(counts))
    zeros, *bins, not_finite = np.bincount(places, counts, BINS + 2)
    return np.array([zeros, not_finite, *bins], np.float32)


@functools.cache
def _buckets() -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Of magnitudes that share their upper bits: the bin edge among them, and the places of those below and above it.

    A logarithm for each value takes four times as long. A bucket is as wide as an eighth of its octave, so it has at
    most one edge.
    """
    exponents = LOW_EXPONENT + np.arange(1, BINS) / PER_OCTAVE
    exact = np.exp2(exponents)
    rounded = exact.astype(np.float32)
    opening = np.where(rounded < exact, np.nextafter(rounded, np.float32(np.inf)), rounded).view(np.int32)
    # In ascending order: zero, bin 0 from the smallest number above it, the other bins, not finite from infinity on.
    openings = np.concatenate([[0, 1], opening, np.array([np.inf], np.float32).view(np.int32)])
    lowest = np.arange(1 << 31 - _BUCKET_BITS, dtype=np.int64) << _BUCKET_BITS
    below = np.searchsorted(openings, lowest, side="right") - 1
    edges = np.append(openings, np.iinfo(np.int32).max)[below + 1]
    return edges.astype(np.int32), np.stack([below, np.minimum(below + 1, BINS + 1)], axis=1).ravel()
