"""Segments of several inputs, numbered one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tb_attribution_plugin.probe.inputs import flatten, like
from tb_attribution_plugin.segments.arguments import Ids


def together(ids: Any) -> Any:
    """Ids of the inputs of a model with several, so that no two inputs share a segment.

    As in `tba.segments.together({"image": tba.segments.slic(x), "table": tba.segments.columns(t)})`.

    Args:
      ids: dict or list of ids, one array for each input.

    Returns:
      The same structure: in each example 0 .. K - 1 over all inputs.
    """
    _, arrays = flatten(ids, "segments")
    return like(ids, tuple(numbered(arrays)))


def numbered(arrays: Sequence[Any]) -> list[Ids]:
    found, before = [], np.zeros(1, np.int32)  # segments of each example in the inputs before this one
    for array in arrays:
        flat = array.reshape(len(array), -1)
        start = before.reshape(-1, *[1] * (array.ndim - 1))
        found.append(np.where(array < 0, -1, array + start).astype(np.int32))
        before = before + flat.max(1) + 1
    return found
