"""Segment ids as they are stored with the probe, and which values the page draws of a series that has them."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tb_attribution_plugin.logging.grids import Floats
from tb_attribution_plugin.probe import Probe
from tb_attribution_plugin.probe.inputs import in_order

# Axes of a map of ids that the page can draw, by modality.
_AXES = {"image": (2,), "tabular": (1,), "text": (1,), "time_series": (1, 2)}


def stored(probe: Probe, segments: Any) -> list[NDArray[np.int32]]:
    """Ids [B, *shape] per input, without a channel axis of size 1; none where there are none, or inputs are private.

    `segments` (in the structure of the inputs) stand in where the probe has none of its own. Segments of an image are
    its outlines, so they are as private as the image.
    """
    ids = probe.segments if probe.segments is not None else segments
    if ids is None or not probe.store_inputs:
        return []
    found = []
    for index, (one, array) in enumerate(zip(in_order(ids, probe.input_names), probe.arrays, strict=True)):
        full = np.asarray(one, dtype="<i4")
        has_channels = full.ndim > (3 if probe.modalities[index] == "image" else 2)
        full = full[..., 0] if has_channels and full.shape[-1] == 1 else full
        # Raw strings have as many tokens as the ids say.
        shape = full.shape[1:] if array.dtype.kind == "U" else array.shape[1 : full.ndim]
        found.append(np.broadcast_to(full, (len(array), *shape)))
    return found


class DrawnSegments:
    """The segments that the page draws instead of cells, where it can: then statistics are over them."""

    def __init__(self, probe: Probe, segments: Any) -> None:
        self._probe = probe
        self._segments = segments

    def values(self, scores: Floats, tag: str) -> list[Floats] | None:
        """Of segment scores [B, K] those of the segments that each example has, B arrays.

        Returns:
          None where the page draws cells, because the log does not say which segment they belong to.

        Raises:
          ValueError: an id without a score.
        """
        if self._ids is None:
            return None
        highest = max(int(ids.max(initial=-1)) for ids in self._ids)
        if highest >= scores.shape[1]:
            raise ValueError(
                f"segment_scores of {tag!r} have {scores.shape[1]} values per example, but the probe's segment ids go "
                f"up to {highest}; give one value per id, NaN for ids that an example lacks"
            )
        return [row[ids] for row, ids in zip(scores, self._ids, strict=True)]

    @functools.cached_property
    def _ids(self) -> list[NDArray[np.int32]] | None:
        """Ids that each example has, ascending."""
        maps = stored(self._probe, self._segments)
        if not maps or any(one.ndim - 1 not in _AXES[self._probe.modalities[i]] for i, one in enumerate(maps)):
            return None
        found = [np.unique(np.concatenate([one[i].ravel() for one in maps])) for i in range(self._probe.size)]
        return [ids[ids >= 0] for ids in found]  # -1 is no segment
