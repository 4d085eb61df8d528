"""The segments of a probe: its own, else made by modality; and those that the log shows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import tensorflow as tf

from tb_attribution_plugin.methods import segmentation
from tb_attribution_plugin.methods.rows import Structure
from tb_attribution_plugin.methods.segmentation import Segments
from tb_attribution_plugin.probe import Probe
from tb_attribution_plugin.segments import by_modality
from tb_attribution_plugin.training.compiled import Job


class ProbeSegments:
    """Made at most once for one reading of the ids, when the first method asks for them."""

    def __init__(self, probe: Probe, token_ids: Structure) -> None:
        """Args:
        token_ids: see `KerasModel.token_ids`.
        """
        self._probe, self._token_ids = probe, token_ids
        self._made: dict[tuple[bool, ...], Any] = {}

    def __call__(self, categories: Structure) -> Any:
        """Ids in the structure of the inputs.

        Args:
          categories: see `categories.py`.
        """
        if self._probe.segments is not None:
            return self._probe.segments
        key = tuple(tf.nest.flatten(categories))
        if key not in self._made:
            self._made[key] = by_modality.made(self._probe, self._token_ids, categories)
        return self._made[key]


def shown(probe: Probe, jobs: Mapping[str, Job]) -> tuple[Any, frozenset[str]]:
    """What the log shows where the probe names no segments: those of the first method that has some.

    Returns:
      Ids in the structure of the inputs, or None; and the tags of methods with other segments, whose scores can be
      drawn by feature only.
    """
    used = {tag: job.method.segments for tag, job in jobs.items() if isinstance(_segments_of(job), Segments)}
    if not used:
        return None, frozenset()
    ids = {tag: segmentation.ids_of(one, probe.size) for tag, one in used.items()}
    first = next(iter(ids.values())) if probe.segments is None else probe.segments
    others = frozenset(tag for tag, one in ids.items() if not _equal(one, first))
    return None if probe.segments is not None else first, others


def _segments_of(job: Job) -> Any:
    return getattr(job.method, "segments", None)


def _equal(some: Structure, others: Structure) -> bool:
    pairs = zip(tf.nest.flatten(some), tf.nest.flatten(others), strict=True)
    return all(_same(np.asarray(one), np.asarray(other)) for one, other in pairs)


def _same(one: Any, other: Any) -> bool:
    """Whether they hold the same ids, axes of size 1 standing for all of it."""
    rank = max(one.ndim, other.ndim)
    one, other = (array.reshape(*array.shape, *[1] * (rank - array.ndim)) for array in (one, other))
    try:
        return bool(np.all(one == other))
    except ValueError:  # shapes of different inputs
        return False
