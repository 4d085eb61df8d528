"""The maps of a series as arrays: for downloads only, the page decodes its own."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tb_attribution_plugin.backend.blob_keys import StoredStep
from tb_attribution_plugin.backend.blobs import MAX_BYTES, BlobReader
from tb_attribution_plugin.backend.errors import RequestError
from tb_attribution_plugin.backend.provider import Data
from tb_attribution_plugin.wire import attribution_pb2 as pb
from tb_attribution_plugin.wire import blob, codec

# In one array, 128 MiB.
MAX_VALUES = 1 << 25
_STEPS_AT_ONCE = 64

Array = NDArray[np.float32]


class DecodedMaps:
    """The decoded maps of some steps.

    Attributes:
      steps: what was asked for, in order.
      arrays: by layer and input, [S, B, *shape] float32; NaN where a map is missing or could not be read.
      problems: in words, what is missing.
    """

    def __init__(self, maps: pb.MapSeries, steps: Sequence[StoredStep]) -> None:
        self.maps = maps
        self.steps = steps
        self.problems: list[str] = []
        self.arrays: dict[tuple[pb.Layer, int], Array] = {}
        for index, grid in enumerate(maps.grids):
            self._array(pb.LAYER_SCORES, index, tuple(grid.shape))

    def read(self, data: Data, reader: BlobReader) -> None:
        """Fills `arrays` and `problems`."""
        # Compressed maps are smaller than float32 scores and errors, 8 bytes a value.
        at_once = max(1, min(_STEPS_AT_ONCE, MAX_BYTES // (8 * values_per_step(self.maps))))
        for start in range(0, len(self.steps), at_once):
            batch = range(start, min(start + at_once, len(self.steps)))
            for element in range(self.maps.examples + 1):
                at = [i for i in batch if _holds_maps(self.steps[i], element)]
                for i, stored in zip(at, reader.read(data, [self.steps[i].keys[element] for i in at]), strict=True):
                    self._take(i, element, stored)

    def _take(self, at: int, element: int, stored: bytes | RequestError) -> None:
        where = f"step {self.steps[at].step}, element {element}"
        if isinstance(stored, RequestError):
            self.problems.append(f"{where}: {stored}")
            return
        rows = slice(element - 1, element) if element else slice(0, self.maps.examples)
        try:
            for part in blob.unpack(stored, pb.MapBlob).parts:
                self._place(at, rows, part)
        except blob.CorruptBlobError as error:
            self.problems.append(f"{where}: {error}")

    def _place(self, at: int, rows: slice, part: pb.Part) -> None:
        if part.thumbnail:
            return
        if part.layer not in pb.Layer.values() or part.input >= len(self.maps.grids):
            raise blob.CorruptBlobError(f"unknown layer {part.layer} of input {part.input}")
        array = self._array(part.layer, part.input, tuple(part.shape))
        expected = array[at, rows].shape
        if (part.count, *part.shape) != expected:
            raise blob.CorruptBlobError(f"maps of shape {[part.count, *part.shape]}, expected {list(expected)}")
        array[at, rows] = codec.decode_part(part)

    def _array(self, layer: pb.Layer, index: int, shape: tuple[int, ...]) -> Array:
        found = self.arrays.get((layer, index))
        if found is None:
            cells = math.prod(shape) * self.maps.examples * len(self.steps)
            if cells > MAX_VALUES:
                raise blob.CorruptBlobError(f"maps of shape {list(shape)} are more than the series says it has")
            found = np.full((len(self.steps), self.maps.examples, *shape), np.nan, np.float32)
            self.arrays[layer, index] = found
        return found


def values_per_step(maps: pb.MapSeries) -> int:
    """Scores of all examples and inputs."""
    return maps.examples * sum(math.prod(grid.shape) for grid in maps.grids)


def _holds_maps(step: StoredStep, element: int) -> bool:
    # Where there are elements of single examples, element 0 holds thumbnails.
    return element < len(step.keys) and (element > 0 or len(step.keys) == 1)
