"""The maps of a series as arrays: for downloads only, the page decodes its own."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from tb_attribution_plugin.backend.blob_keys import StoredStep
from tb_attribution_plugin.backend.blobs import MAX_BYTES, BlobReader
from tb_attribution_plugin.backend.errors import RequestError, TooMuchError
from tb_attribution_plugin.backend.provider import Data
from tb_attribution_plugin.wire import attribution_pb2 as pb
from tb_attribution_plugin.wire import map_step
from tb_attribution_plugin.wire.map_step import Array, Key, Shape

# Values that one file holds, all its arrays together; 128 MiB of float32. A CSV line takes 30 bytes.
MAX_VALUES = {"npz": 1 << 25, "csv": 1 << 21}
_OTHER = {"npz": "read the event files with tb_attribution_plugin.logging.reader", "csv": "format=npz"}
_STEPS_AT_ONCE = 64


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
        self._add(map_step.score_shapes(maps))

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
        for i, step in enumerate(self.steps):
            there = len(self._elements(i))
            if len(step.keys) != 1 and there < self.maps.examples:
                self.problems.append(f"step {step.step}: {there} of {self.maps.examples} examples are stored")
        for start in range(0, len(self.steps), at_once):
            batch = range(start, min(start + at_once, len(self.steps)))
            for element in range(self.maps.examples + 1):
                at = [i for i in batch if element in self._elements(i)]
                for i, stored in zip(at, reader.read(data, [self.steps[i].keys[element] for i in at]), strict=True):
                    self._take(i, element, stored)

    def _elements(self, at: int) -> range:
        return map_step.holding_maps(len(self.steps[at].keys), self.maps.examples)

    def _take(self, at: int, element: int, stored: bytes | RequestError) -> None:
        where = f"step {self.steps[at].step}, element {element}"
        if isinstance(stored, RequestError):
            self.problems.append(f"{where}: {stored}")
            return
        shapes = {key: array.shape[2:] for key, array in self.arrays.items()}
        found, problems = map_step.decode(stored, self.maps, element, shapes, MAX_VALUES[self._kind])
        self.problems += [f"{where}: {problem}" for problem in problems]
        self._add({key: values.shape[1:] for key, values in found.items() if key not in self.arrays})
        for key, values in found.items():
            self.arrays[key][at, map_step.rows_of(element, self.maps.examples)] = values

    def _add(self, shapes: Mapping[Key, Shape]) -> None:
        more = self.maps.examples * sum(map(math.prod, shapes.values()))
        self.check_size(self.values_per_step + more)
        for key, shape in shapes.items():
            self.arrays[key] = np.full((len(self.steps), self.maps.examples, *shape), np.nan, np.float32)
