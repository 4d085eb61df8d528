"""One map series of a run, read back step by step."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from tensorboard.compat.proto import summary_pb2

from tb_attribution_plugin.logging.event_index import EventIndex, floats, number
from tb_attribution_plugin.wire import attribution_pb2 as pb
from tb_attribution_plugin.wire import blob, codec, map_step, names

Floats = NDArray[np.float32]


class StepMaps(NamedTuple):
    """The maps of one step; NaN where an example's blob could not be read.

    Attributes:
      scores: [B, *shape] per input that has a map, in the order of `MapSeries.grids`; those without a shape have none.
      errors: the same by the input's index, or one [B, K] beside segments; {} where none are stored.
      segments: [B, K], or None.
    """

    scores: tuple[Floats, ...]
    errors: Mapping[int, Floats]
    segments: Floats | None


class StoredSeries:
    """One map series of a run.

    Attributes:
      description: its metadata; the grid of each input among it.
      steps: ascending.
    """

    def __init__(self, events: EventIndex, description: pb.MapSeries) -> None:
        self.description = description
        self.steps = sorted(events.values.get(names.MAPS + description.tag, ()))
        self._events = events

    def maps(self, step: int) -> StepMaps:
        """Decodes one step; blobs that are corrupt are named in the run's `problems`.

        Raises:
          KeyError: the step is not stored.
          CorruptBlobError: the series claims maps that no array can hold.
        """
        elements, examples = list(self._value(names.MAPS, step).tensor.string_val), self.description.examples
        shapes = map_step.score_shapes(self.description)
        _check_all(examples, shapes)
        arrays = {key: _blank(examples, shape) for key, shape in shapes.items()}
        holding = map_step.holding_maps(len(elements), examples)
        for element in holding:
            found, problems = map_step.decode(elements[element], self.description, element, shapes)
            for problem in problems:
                self.report(step, f" element {element}: {problem}")
            for key, values in found.items():
                if key not in arrays:
                    shapes[key] = values.shape[1:]
                    _check_all(examples, {other: shape for other, shape in shapes.items() if other[0] == key[0]})
                    arrays[key] = _blank(examples, shapes[key])
                arrays[key][map_step.rows_of(element, examples)] = values
        if len(elements) != 1 and len(holding) < examples:
            self.report(step, f": {len(holding)} of {examples} examples are stored")
        of_layer = {
            layer: {key[1]: arrays[key] for key in sorted(arrays) if key[0] == layer} for layer in pb.Layer.values()
        }
        return StepMaps(
            tuple(of_layer[pb.LAYER_SCORES].values()),
            of_layer[pb.LAYER_ERRORS],
            next(iter(of_layer[pb.LAYER_SEGMENTS].values()), None),
        )

    def cells(self, step: int) -> Floats:
        """All scores of one step as [B, cells], inputs one after the other; see `maps`."""
        scores = self.maps(step).scores
        return np.concatenate([one.reshape(len(one), -1) for one in scores], axis=1)

    def stats(self, step: int) -> dict[str, Floats]:
        """Columns by name ("STAT_DRIFT"), each [B]; a column that a newer writer has added by its number.

        Raises:
          KeyError: the step is not stored.
          ValueError: the metadata does not parse, or the table has another shape.
        """
        tag, table = names.STATS + self.description.tag, floats(self._value(names.STATS, step))
        columns = blob.parse(self._events.metadata[tag].plugin_data.content, pb.TagMetadata).stats.columns
        expected = (self.description.examples, len(columns))
        if table.shape != expected:
            raise ValueError(f"{tag!r} step {step} has shape {list(table.shape)}, expected {list(expected)}")
        known = pb.StatColumn.values()
        return {pb.StatColumn.Name(c) if c in known else str(c): table[:, i] for i, c in enumerate(columns)}

    def histogram(self, step: int) -> Floats:
        return floats(self._value(names.HISTOGRAM, step))

    def seconds(self, step: int) -> float:
        return number(self._value(names.SECONDS, step))

    def _value(self, kind: str, step: int) -> summary_pb2.Summary.Value:
        tag = kind + self.description.tag
        if step not in self._events.values.get(tag, {}):
            stored = f"{self.steps[0]} .. {self.steps[-1]} ({len(self.steps)} steps)" if self.steps else "none"
            raise KeyError(f"{tag!r} has no step {step}; stored: {stored}")
        return self._events.value(tag, step)

    def report(self, step: int, problem: str) -> None:
        """Adds to the problems of the run."""
        self._events.problems.append(f"{names.MAPS}{self.description.tag} step {step}{problem}")


def _check_all(examples: int, shapes: Mapping[map_step.Key, map_step.Shape]) -> None:
    """All maps of a layer together are no more than one may be: inputs are as many as a log claims."""
    for shape in shapes.values():
        codec.check_shape(examples, shape)
    codec.check_shape(examples, [sum(map(math.prod, shapes.values()))])


def _blank(examples: int, shape: tuple[int, ...]) -> Floats:
    return np.full((examples, *shape), np.nan, np.float32)
