"""One step's maps as the elements of a blob sequence (docs/wire.md)."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar

import numpy as np

from tb_attribution_plugin.logging import grids
from tb_attribution_plugin.logging.grids import Floats
from tb_attribution_plugin.wire import attribution_pb2 as pb
from tb_attribution_plugin.wire import blob, codec, names
from tb_attribution_plugin.wire.extents import Extents

T = TypeVar("T")


class StoredMaps(NamedTuple):
    """What is stored of one series at one step.

    Attributes:
      scores: one array [B, *shape] per input.
      errors: one array per input, or one [B, K] where the errors are those of segments; () where there are none.
      segments: [B, K], or None.
      axes: per input, how many leading axes of a map may be made coarser.
      inputs: which of the probe's inputs the scores belong to, by index.
    """

    scores: Sequence[Floats]
    errors: Sequence[Floats]
    segments: Floats | None
    axes: Sequence[int]
    inputs: Sequence[int] = (0,)

    @property
    def cells(self) -> Floats:
        """All stored scores as [B, cells], inputs one after the other."""
        return np.concatenate([one.reshape(len(one), -1) for one in self.scores], axis=1)


def fits_atlas(shape: Sequence[int], axes: int) -> bool:
    """True where element 0 holds the maps themselves: images up to 64 x 64, other grids up to 64 * 64 cells."""
    if axes == 2:
        return max(shape[:2], default=0) <= names.ATLAS_SIDE
    return math.prod(shape) <= names.ATLAS_SIDE**2


def encode(maps: StoredMaps, code: int, ends: Extents | None = None) -> list[bytes]:
    """Element 0 for all examples, then one element per example unless element 0 says it all.

    Thumbnails are companded whatever `code` is: they are for scrubbing, and the example's own element follows.

    Args:
      ends: those of the scores of the only input, where they are known.
    """
    if all(fits_atlas(one.shape[1:], axes) for one, axes in zip(maps.scores, maps.axes, strict=True)):
        return [blob.pack(pb.MapBlob(parts=_parts(maps, code, codec.encode_part, ends)))]
    thumbnails = [
        _thumbnail(one, axes, index, code) for index, one, axes in zip(maps.inputs, maps.scores, maps.axes, strict=True)
    ]
    if maps.segments is not None:
        thumbnails.append(codec.encode_part(maps.segments, code, layer=pb.LAYER_SEGMENTS))
    elements = zip(*_parts(maps, code, codec.encode_each, ends), strict=True)
    return [blob.pack(pb.MapBlob(parts=parts)) for parts in (thumbnails, *elements)]


def _thumbnail(maps: Floats, axes: int, index: int, code: int) -> pb.Part:
    if fits_atlas(maps.shape[1:], axes):
        return codec.encode_part(maps, code, input_index=index)
    small = grids.block_means(maps, max(axes, 1), names.ATLAS_SIDE)
    return codec.encode_part(small, input_index=index, thumbnail=True)


def _parts(maps: StoredMaps, code: int, encoded: Callable[..., T], ends: Extents | None) -> list[T]:
    """What `encoded` makes of each input's scores, of the errors and of the segments."""
    parts = [encoded(one, code, input_index=i, ends=ends) for i, one in zip(maps.inputs, maps.scores, strict=True)]
    parts += [
        encoded(one, code, layer=pb.LAYER_ERRORS, input_index=i)
        for i, one in zip(maps.inputs, maps.errors, strict=False)  # none, one of segments, or one per input
    ]
    if maps.segments is not None:
        parts.append(encoded(maps.segments, code, layer=pb.LAYER_SEGMENTS))
    return parts
