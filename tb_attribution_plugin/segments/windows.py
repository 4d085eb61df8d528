"""Windows of time series."""

from __future__ import annotations

from typing import Any

from tb_attribution_plugin.segments.arguments import Ids, check_count, checked
from tb_attribution_plugin.segments.equal import parts

COUNT = 16


def windows(series: Any, count: int = COUNT) -> Ids:
    """Windows of equal length, of all channels together.

    Args:
      series: [B, T, C] or [B, T].
      count: windows of a series.

    Returns:
      int32 [1, T, 1] or [1, T]; lengths are equal within one.

    Raises:
      ValueError: another shape, or a count that is not from 2 to T.
    """
    array = checked(series, "series", (2, 3), "[B, T, C] or [B, T]")
    check_count(count, array.shape[1], "the times of a series")
    return parts(array.shape[1], count).reshape(1, -1, *[1] * (array.ndim - 2))
