"""How the benchmarks take time, and how they print it."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from typing import Any


def milliseconds(calls: dict[str, Callable[[], Any]], runs: int, least: float = 0.05) -> dict[str, list[float]]:
    """Wall time per call, `runs` times each; the calls take turns, so that a drift of the machine meets them all.

    Args:
      least: seconds that a measurement lasts; short calls are repeated, so that the clock's own noise does not count.
    """
    for call in calls.values():
        call()
    return rounds(calls, runs, least)


def rounds(calls: dict[str, Callable[[], Any]], runs: int, least: float) -> dict[str, list[float]]:
    """As `milliseconds`, of what has been called before."""
    found: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(runs):
        for name, call in calls.items():
            began, count = time.perf_counter(), 0
            while count == 0 or time.perf_counter() - began < least:
                call()
                count += 1
            found[name].append((time.perf_counter() - began) / count * 1e3)
    return found


def paired_ratio(numerator: Sequence[float], denominator: Sequence[float]) -> float:
    """Median of the ratios of measurements that were taken one after the other."""
    return statistics.median(a / b for a, b in zip(numerator, denominator, strict=True))


def spread(values: Sequence[float]) -> str:
    """`median (smallest .. largest)`."""
    digits = 1 if statistics.median(values) >= 10 else 2
    low, middle, high = (f"{x:.{digits}f}" for x in (min(values), statistics.median(values), max(values)))
    return f"{middle} ({low} .. {high})"


def row(cells: Sequence[object]) -> None:
    """One row of a Markdown table."""
    print("| " + " | ".join(str(cell) for cell in cells) + " |", flush=True)


def head(titles: Sequence[str]) -> None:
    row(titles)
    print("|" + "---|" * len(titles), flush=True)
