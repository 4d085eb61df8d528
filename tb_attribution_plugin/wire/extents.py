"""How large the values of a map are: its bulk, its peak, and how many are no numbers."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tb_attribution_plugin.blocks import blocks

Floats = NDArray[np.float32]

_FEW = 4096  # cells, which are parted as fast as they are sampled
_EVERY = 17  # prime to most widths: every 16th cell of a 112-wide map lies in one of 7 columns


class Extents(NamedTuple):
    """Of maps [n, cells], each over its finite values.

    Attributes:
      p99: [n], the 99th percentile of |a|, between its neighbours on a straight line; NaN where no value is finite.
      peak: [n], max |a|; 0 where no value is finite.
      not_finite: [n], how many values are not.
    """

    p99: NDArray[np.float64]
    peak: Floats
    not_finite: NDArray[np.int64]


def magnitudes(rows: Floats) -> tuple[Floats, NDArray[np.bool_] | None]:
    """|a| with 0 for what is not finite, and what is finite; None where all is."""
    found = np.abs(rows)
    if np.isfinite(found.max(initial=0.0)):  # NaN is the largest of all
        return found, None
    finite: NDArray[np.bool_] = np.isfinite(found)
    return np.where(finite, found, np.float32(0)), finite


def extents(rows: Floats) -> Extents:
    """Of maps [n, cells]."""
    found = Extents(np.empty(len(rows)), np.empty(len(rows), np.float32), np.zeros(len(rows), np.int64))
    for some in blocks(*rows.shape):
        magnitude, finite = magnitudes(rows[some])
        found.peak[some] = magnitude.max(axis=1, initial=0.0)
        if finite is None:
            found.p99[some] = percentiles_99(magnitude)
        else:
            found.not_finite[some] = (~finite).sum(axis=1)
            each = zip(magnitude, finite, strict=True)
            found.p99[some] = [percentiles_99(row[None, counts])[0] for row, counts in each]
    return found


def percentiles_99(rows: Floats) -> NDArray[np.float64]:
    """The 99th percentile of each row [n, cells] of finite numbers."""
    count, cells = rows.shape
    if not rows.size:
        return np.full(count, np.nan)
    place = 0.99 * (cells - 1)
    low = int(place)
    tails = _tails(rows, cells - low).astype(np.float64)
    below = tails[:, 0]
    above = tails[:, 1:].min(axis=1) if cells - low > 1 else below
    return below + (above - below) * (place - low)


def _tails(rows: Floats, count: int) -> Floats:
    """The `count` largest values of each row [n, cells], the smallest of these first."""
    cells = rows.shape[1]
    if cells <= _FEW:
        return np.partition(rows, cells - count, axis=1)[:, cells - count :]
    some = (_some(row, count) for row in rows)
    return np.stack([np.partition(row, len(row) - count)[len(row) - count :] for row in some])


def _some(values: Floats, count: int) -> Floats:
    """Values, the `count` largest among them: parting a few takes a fraction of the time of parting all."""
    sample = values[::_EVERY]
    place = int(0.97 * len(sample))
    tail = values.compress(values >= np.partition(sample, place)[place])
    return tail if len(tail) >= count else values
