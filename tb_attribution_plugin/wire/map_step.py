"""The stored elements of one map step, decoded against what their series says of itself (docs/wire.md, Steps)."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from tb_attribution_plugin.wire import attribution_pb2 as pb
from tb_attribution_plugin.wire import blob, codec

Array = NDArray[np.float32]
Shape = tuple[int, ...]
Key = tuple[pb.Layer, int]  # with the input's index


def score_shapes(series: pb.MapSeries) -> dict[Key, Shape]:
    """Shape of one map per input; an input without a map is left out."""
    return {(pb.LAYER_SCORES, i): tuple(grid.shape) for i, grid in enumerate(series.grids) if grid.shape}


def holding_maps(stored: int, examples: int) -> range:
    """Of `stored` elements those that hold maps: 0 alone, or one per example beside the thumbnails in 0."""
    return range(stored) if stored < 2 else range(1, min(stored, examples + 1))


def rows_of(element: int, examples: int) -> slice:
    """The examples that an element holds."""
    return slice(element - 1, element) if element else slice(0, examples)


def decode(
    stored: bytes, series: pb.MapSeries, element: int, known: Mapping[Key, Shape], limit: int = codec.MAX_CELLS
) -> tuple[dict[Key, Array], list[str]]:
    """The maps of one element, thumbnails left out; nothing is allocated for what a part only claims.

    Args:
      stored: the blob, envelope included.
      known: shape of one map, from `score_shapes` and from elements decoded before.
      limit: values that the blob may hold.

    Returns:
      Arrays [examples of the element, *shape], and in words what could not be read.
    """
    try:
        parts = blob.unpack(stored, pb.MapBlob).parts
    except blob.CorruptBlobError as error:
        return {}, [str(error)]
    most = len(pb.Layer.values()) * len(series.grids)
    if len(parts) > most:
        return {}, [f"{len(parts)} parts; the series' layers and inputs are {most}"]
    found: dict[Key, Array] = {}
    problems = []
    for part in parts:
        try:
            if not part.thumbnail:
                _check(part, series, 1 if element else series.examples, known)
                key = (part.layer, part.input)
                if key in found:
                    raise blob.CorruptBlobError(f"layer {part.layer} of input {part.input} is there twice")
                if _values(part) + sum(values.size for values in found.values()) > limit:
                    raise blob.CorruptBlobError(f"maps of shape {_shape(part)} bring one blob above {limit} values")
                found[key] = codec.decode_part(part)
        except blob.CorruptBlobError as error:
            problems.append(str(error))
    if not problems:
        problems = [f"no scores of input {key[1]}" for key in score_shapes(series) if key not in found]
    return found, problems


def _check(part: pb.Part, series: pb.MapSeries, count: int, known: Mapping[Key, Shape]) -> None:
    if part.layer not in pb.Layer.values() or part.input >= len(series.grids):
        raise blob.CorruptBlobError(f"unknown layer {part.layer} of input {part.input}")
    expected = known.get((part.layer, part.input))
    if expected is None:
        if part.layer == pb.LAYER_SCORES:
            raise blob.CorruptBlobError(f"scores of input {part.input}, of which the series says that it has no map")
        # One value per segment, or an error per score.
        expected = tuple(part.shape) if len(part.shape) == 1 else tuple(series.grids[part.input].shape)
    if _shape(part) != [count, *expected]:
        raise blob.CorruptBlobError(f"maps of shape {_shape(part)}, expected {[count, *expected]}")


def _shape(part: pb.Part) -> list[int]:
    return [part.count, *part.shape]


def _values(part: pb.Part) -> int:
    return math.prod(_shape(part))
