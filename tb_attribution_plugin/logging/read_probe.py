"""The probe of a log, as a notebook reads it."""

from __future__ import annotations

import functools
import io
import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tb_attribution_plugin.logging.probe_record import MODALITIES
from tb_attribution_plugin.wire import attribution_pb2 as pb
from tb_attribution_plugin.wire import blob, codec

_NAMES = {number: name for name, number in MODALITIES.items()}
# A picture that claims more is not read: its file may be a few bytes.
MAX_PIXELS = 1 << 26


class ReadProbe:
    """What was explained.

    Attributes:
      hash: the same for the same probe.
      modality: "image", "tabular", "text", "time_series"; "" of a newer writer's.
      size: examples.
      names, class_names, feature_names: as they were given.
      labels: float64 [B]; None where there are none.
      tokens: of each example; [] where there are none, or they are private.
      input_names: of the model's inputs, "" for the only one.
      modalities: of each of the inputs.
      shown: index of the input that `modality`, pictures, names of features, tokens and regions are of.
      baseline: what "feature absent" means, in words.
      inputs_stored: False where the inputs are private.
    """

    def __init__(self, about: pb.ProbeBlob, stored: Callable[[], list[bytes]], problems: list[str]) -> None:
        self.hash = about.hash
        self.modality = _NAMES.get(about.modality, "")
        self.size = about.examples
        self.names = list(about.names)
        self.class_names = list(about.class_names)
        self.feature_names = list(about.feature_names)
        self.labels = np.array(about.labels) if about.labels else None
        self.tokens = [list(row.tokens) for row in about.tokens]
        self.input_names = [grid.input for grid in about.inputs]
        self.modalities = [_NAMES.get(kind, "") for kind in about.modalities]
        self.shown = about.shown
        self.baseline = about.baseline
        self.inputs_stored = about.inputs_stored
        self._about = about
        self._stored = stored
        self._problems = problems
        # What cannot be read is a problem once.
        self._pictures: dict[int, Image.Image | None] = {}
        self._values: dict[tuple[int, int], NDArray[np.float32] | None] = {}

    def picture(self, example: int) -> Image.Image | None:
        """An image as it was stored; None where it was not, or cannot be read."""
        if example not in self._pictures:
            self._pictures[example] = self._picture(example)
        return self._pictures[example]

    def values(self, example: int, index: int = 0) -> NDArray[np.float32] | None:
        """What one input of an example holds, as numbers; None for pictures, texts, and where they were not stored."""
        if (example, index) not in self._values:
            self._values[example, index] = self._numbers(example, index)
        return self._values[example, index]

    def _picture(self, example: int) -> Image.Image | None:
        if self.modality != "image" or example >= len(self._elements):
            return None
        try:
            image = Image.open(io.BytesIO(self._elements[example]), formats=["PNG"])
            if math.prod(image.size) > MAX_PIXELS:
                raise ValueError(f"it claims {image.width} x {image.height} pixels")
            image.load()
        except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
            self._problems.append(f"probe {self.hash}: picture of example {example}: {error}")
            return None
        return image

    def _numbers(self, example: int, index: int) -> NDArray[np.float32] | None:
        if self.modality == "image" or example >= len(self._elements):
            return None
        try:
            parts = blob.unpack(self._elements[example], pb.MapBlob).parts
            part = next((part for part in parts if part.input == index), None)
            found = None if part is None else codec.decode_part(part)
        except blob.CorruptBlobError as error:
            self._problems.append(f"probe {self.hash}: example {example}: {error}")
            return None
        return found[0] if found is not None and len(found) else None

    @functools.cached_property
    def inputs(self) -> Any:
        """[B, ...] of the input that is shown: bytes of images, numbers of others; None where they cannot be read."""
        of = self.picture if self.modality == "image" else functools.partial(self.values, index=self.shown)
        found = [of(example) for example in range(min(self.size, len(self._elements)))]
        arrays = [np.asarray(one) for one in found if one is not None]
        alike = len(arrays) == self.size and len({one.shape for one in arrays}) == 1
        return np.stack(arrays) if alike else None

    @functools.cached_property
    def segments(self) -> list[NDArray[np.int32]]:
        """Which segment each cell belongs to, [B, *shape] per input, -1 in none; [] where there are none."""
        try:
            self._check_all(self._about.segments)
            return [self._array(one.shape, one.payload, "<i4") for one in self._about.segments]
        except blob.CorruptBlobError as error:
            self._problems.append(f"probe {self.hash}: segments: {error}")
            return []

    @functools.cached_property
    def regions(self) -> dict[str, NDArray[np.bool_]]:
        """Masks that the user named, [B, *shape]."""
        try:
            self._check_all(self._about.regions)
            return {one.name: self._array(one.shape, one.payload, "u1").astype(bool) for one in self._about.regions}
        except blob.CorruptBlobError as error:
            self._problems.append(f"probe {self.hash}: regions: {error}")
            return {}

    @functools.cached_property
    def _elements(self) -> list[bytes]:
        return self._stored()

    def _check_all(self, maps: Any) -> None:
        """All together are no more than one may be: a log claims any number of them."""
        for one in maps:
            codec.check_shape(self.size, one.shape)
        codec.check_shape(self.size, [sum(math.prod(one.shape) for one in maps)])

    def _array(self, shape: Any, payload: bytes, dtype: str) -> NDArray[Any]:
        whole = (self.size, *shape)
        data = blob.inflate(payload, math.prod(whole) * np.dtype(dtype).itemsize)
        return np.frombuffer(data, dtype).reshape(whole)

    def __repr__(self) -> str:
        kept = "" if self.inputs_stored else ", inputs not stored"
        return f"probe {self.hash!r}: {self.size} examples, {self.modality or 'unknown modality'}{kept}"
