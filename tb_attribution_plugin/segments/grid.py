"""Rectangles of images, boxes of anything with more axes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tb_attribution_plugin.segments.arguments import Ids, checked
from tb_attribution_plugin.segments.equal import parts


def grid(images: Any, cells: int | Sequence[int]) -> Ids:
    """Equal rectangles, the same in every image.

    Args:
      images: [B, H, W, C] or [B, H, W]; more axes, as in volumes, where `cells` names them.
      cells: along both sides of an image; or a number for each axis after that of the examples, as in (4, 8). Axes
        behind them, as that of channels, are not cut.

    Returns:
      int32 [1, H, W, 1] or [1, H, W], row by row; sides are equal within one pixel.

    Raises:
      ValueError: names the axis, its size and what was asked of it.
    """
    array = checked(images, "images", tuple(range(2, 33)), "[B, H, W, C] or [B, H, W]")
    along = (cells, cells) if isinstance(cells, int | np.integer) else tuple(cells)
    sides = array.shape[1 : 1 + len(along)]
    if len(sides) < len(along) or not along:
        raise ValueError(f"cells {cells!r} names {len(along)} axes, but images have {list(array.shape[1:])}")
    for axis, (count, side) in enumerate(zip(along, sides, strict=True), 1):
        if isinstance(count, bool) or not isinstance(count, int | np.integer) or not 1 <= count <= side:
            raise ValueError(f"cells must be whole numbers from 1 to the side; axis {axis} has {side}, got {count!r}")
    if np.prod(along) < 2:
        raise ValueError(f"cells {cells!r} make a single segment, which has nothing beside it; give 2 or more")
    ids = np.zeros((1,) * array.ndim, np.int32)
    for axis, (count, side) in enumerate(zip(along, sides, strict=True), 1):
        own = parts(side, int(count)).reshape([-1 if at == axis else 1 for at in range(array.ndim)])
        ids = ids * np.int32(count) + own
    return ids
