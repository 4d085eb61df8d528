"""Rows in portions that stay in a processor's cache."""

from __future__ import annotations

from collections.abc import Iterator

# 512 KiB as float64. Larger arrays leave the cache between two operations, and glibc may take their memory from the
# system, page by page, and give it back each time.
_CELLS = 1 << 16


def blocks(rows: int, cells: int) -> Iterator[slice]:
    """Slices that together are 0 .. rows, for rows of `cells` values; one row at least in each."""
    step = max(1, _CELLS // max(cells, 1))
    return (slice(first, min(first + step, rows)) for first in range(0, rows, step))
