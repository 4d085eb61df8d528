"""On which grid the maps of a series are stored."""

from __future__ import annotations

import numpy as np

from tb_attribution_plugin.logging import grids
from tb_attribution_plugin.logging.description import Storage, Traits
from tb_attribution_plugin.probe import Probe
from tb_attribution_plugin.wire import attribution_pb2 as pb
from tb_attribution_plugin.wire import codec


def kind_of(description: pb.MapSeries, traits: Traits, modality: str) -> str:
    """What `grids.stored` is told of the maps of an input."""
    if description.units:
        return "units"
    return "series_at_layer" if traits.at_layer and modality == "time_series" else modality


def check_storage(stored: pb.MapSeries, probe: Probe, storage: Storage, traits: Traits) -> None:
    """Raises ValueError where the maps of a stored series would be stored on another grid now."""
    for grid, modality in zip(stored.grids, probe.modalities, strict=True):
        if not grid.shape:
            continue
        codec.check_shape(1, grid.method_shape)
        maps = np.zeros((1, *grid.method_shape), np.float32)
        kind = kind_of(stored, traits, modality)
        shape = grids.stored(maps, kind, storage.resolution, storage.channels).shape[1:]
        if shape != tuple(grid.shape):
            raise ValueError(
                f"maps {list(grid.method_shape)} of {stored.tag!r} are stored as {list(grid.shape)}, and would be as "
                f"{list(shape)} now; give the resolution= and channels= of before, or another log_dir or name"
            )
