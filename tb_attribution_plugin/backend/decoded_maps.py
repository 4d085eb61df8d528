"""The maps of a series as arrays: for downloads only, the page decodes its own."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from tb_attribution_plugin.backend.blob_keys import StoredStep
from tb_attribution_plugin.backend.blobs import MAX_BYTES, BlobReader
from tb_attribution_plugin.backend.errors import RequestError, TooMuchError
from tb_attribution_plugin.backend.provider import Data
from tb_attribution_plugin.wire import attribution_pb2 as pb
from tb_attribution_plugin.wire import blob, codec

# Values that one file holds, all its arrays together; 128 MiB of float32. A CSV line takes 30 bytes.
MAX_VALUES = {"npz": 1 << 25, "csv": 1 << 21}
_OTHER = {"npz": "read the event files with tb_attribution_plugin.logging.reader", "csv": "format=npz"}
_STEPS_AT_ONCE = 64

Array = NDArray[np.float32]
Key = tuple[pb.Layer, int]  # with the input's index


class DecodedMaps:
    """The decoded maps of some steps.

    Attributes:
      steps: what was asked for, in order.
      arrays: by layer and input, [S, B, *shape] float32; NaN where a map is missing or could not be read. An input
        without a map has none.
      problems: in words, what is missing.
    """

    def __init__(self, maps: pb.MapSeries, steps: Sequence[StoredStep], kind: str) -> None:
        """Makes room for the scores.

        Raises:
          TooMuchError: they are more than one file of `kind` ("npz", "csv") holds, with the steps that would fit.
        """
        self.maps = maps
        self.steps = steps
        self.problems: list[str] = []
        self.arrays: dict[Key, Array] = {}
        self._kind = kind
        self._add({(pb.LAYER_SCORES, i): tuple(grid.shape) for i, grid in enumerate(maps.grids) if grid.shape})

    @property
    def values_per_step(self) -> int:
        """Of all arrays, all examples and inputs."""
        return self.maps.examples * sum(math.prod(array.shape[2:]) for array in self.arrays.values())

    def check_size(self, per_step: int) -> None:
        """Raises TooMuchError where so many values a step are more than one file holds."""
        steps, limit = len(self.steps), MAX_VALUES[self._kind]
        if per_step * steps > limit:
            fit = limit // per_step
            choose = f"choose up to {fit} steps with steps=..." if fit else "no step fits"
            other = _OTHER[self._kind]
            raise TooMuchError(
                f"{steps} steps x {per_step} values are {steps * per_step}; one {self._kind} holds {limit}",
                f"{choose}, or {other}",
            )

    def read(self, data: Data, reader: BlobReader) -> None:
        """Fills `arrays` and `problems`.

        Raises:
          TooMuchError: with the errors and segments that were found, there is more than one file holds.
        """
        # Compressed maps are smaller than float32 scores and errors, 8 bytes a value.
        at_once = max(1, min(_STEPS_AT_ONCE, MAX_BYTES // (8 * self.values_per_step)))
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
        found: dict[Key, Array] = {}
        for part in self._parts(where, stored):
            try:
                # Decoded before there is room for it, so that what a part only claims takes none.
                found[part.layer, part.input] = self._decode(part, 1 if element else self.maps.examples, found)
            except blob.CorruptBlobError as error:
                self.problems.append(f"{where}: {error}")
        self._add({key: values.shape[1:] for key, values in found.items() if key not in self.arrays})
        for key, values in found.items():
            self.arrays[key][at, rows] = values

    def _parts(self, where: str, stored: bytes) -> list[pb.Part]:
        try:
            parts = blob.unpack(stored, pb.MapBlob).parts
            most = len(pb.Layer.values()) * len(self.maps.grids)
            if len(parts) > most:
                raise blob.CorruptBlobError(f"{len(parts)} parts; the series' layers and inputs are {most}")
        except blob.CorruptBlobError as error:
            self.problems.append(f"{where}: {error}")
            return []
        return [part for part in parts if not part.thumbnail]

    def _decode(self, part: pb.Part, count: int, before: Mapping[Key, Array]) -> Array:
        """The maps of a part [count, *shape], beside those decoded `before` from the same blob."""
        key, shape = (part.layer, part.input), tuple(part.shape)
        if part.layer not in pb.Layer.values() or part.input >= len(self.maps.grids):
            raise blob.CorruptBlobError(f"unknown layer {part.layer} of input {part.input}")
        known = self.arrays.get(key)
        grid = tuple(self.maps.grids[part.input].shape)
        if known is not None:
            expected = known.shape[2:]
        elif part.layer == pb.LAYER_SCORES:
            raise blob.CorruptBlobError(f"scores of input {part.input}, of which the series says that it has no map")
        else:
            # One value per segment, or an error per score.
            expected = shape if len(shape) == 1 else grid
        if (part.count, *shape) != (count, *expected):
            raise blob.CorruptBlobError(f"maps of shape {[part.count, *shape]}, expected {[count, *expected]}")
        if key in before:
            raise blob.CorruptBlobError(f"layer {part.layer} of input {part.input} is there twice")
        limit = MAX_VALUES[self._kind]
        if count * math.prod(shape) + sum(values.size for values in before.values()) > limit:
            raise blob.CorruptBlobError(f"maps of shape {[count, *shape]} bring one blob above {limit} values")
        return codec.decode_part(part)

    def _add(self, shapes: Mapping[Key, tuple[int, ...]]) -> None:
        more = self.maps.examples * sum(map(math.prod, shapes.values()))
        self.check_size(self.values_per_step + more)
        for key, shape in shapes.items():
            self.arrays[key] = np.full((len(self.steps), self.maps.examples, *shape), np.nan, np.float32)


def _holds_maps(step: StoredStep, element: int) -> bool:
    # Where there are elements of single examples, element 0 holds thumbnails.
    return element < len(step.keys) and (element > 0 or len(step.keys) == 1)
