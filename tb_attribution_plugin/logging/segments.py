"""Segment ids as they are stored with the probe, and which values the page draws of a series that has them."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tb_attribution_plugin.logging.grids import Floats
from tb_attribution_plugin.probe import Probe
from tb_attribution_plugin.probe.modality import infer

# Axes of a map of ids that the page can draw, by modality.
_AXES = {"image": (2,), "tabular": (1,), "text": (1,), "time_series": (1, 2)}


def modality_of(probe: Probe, index: int) -> str:
    """Modality of one input: the probe's for the one that is shown, else by its shape."""
    if index == probe.shown:
        return probe.modality
    found = infer(probe.arrays[index])
    return found[0] if found else "tabular"


def stored(probe: Probe, segments: Any) -> list[NDArray[np.int32]]:
    """Ids [B, *shape] per input, without a channel axis of size 1; none where there are none, or inputs are private.

    `segments` (in the structure of the inputs) stand in where the probe has none of its own. Segments of an image are
    its outlines, so they are as private as the image.
    """
    ids = probe.segments if probe.segments is not None else segments
    if ids is None or not probe.store_inputs:
        return []
    found = []
    for index, (one, array) in enumerate(zip(_in_order(ids, probe.input_names), probe.arrays, strict=True)):
        full = np.asarray(one, dtype="<i4")
        has_channels = full.ndim > (3 if modality_of(probe, index) == "image" else 2)
        full = full[..., 0] if has_channels and full.shape[-1] == 1 else full
        found.append(np.broadcast_to(full, array.shape[: full.ndim]))
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
        highest = max(int(ids[-1]) for ids in self._ids)
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
        if not maps or any(one.ndim - 1 not in _AXES[modality_of(self._probe, i)] for i, one in enumerate(maps)):
            return None
        return [np.unique(np.concatenate([one[i].ravel() for one in maps])) for i in range(self._probe.size)]


def _in_order(structure: Any, names: Sequence[str]) -> list[Any]:
    if isinstance(structure, dict):
        return [structure[name] for name in names]
    return list(structure) if isinstance(structure, list | tuple) else [structure]
