"""Reads runs back from event files, without TensorFlow. What is broken is reported and the rest is read."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from google.protobuf.message import DecodeError
from numpy.typing import NDArray
from tensorboard.compat.proto import summary_pb2

from tb_attribution_plugin.logging.event_index import EventIndex, floats, index
from tb_attribution_plugin.logging.stored_steps import event_files
from tb_attribution_plugin.wire import attribution_pb2 as pb
from tb_attribution_plugin.wire import blob, codec, map_step, names

Floats = NDArray[np.float32]


class Point(NamedTuple):
    """One value of a scalar."""

    step: int
    wall_time: float
    value: float


class StepMaps(NamedTuple):
    """The maps of one step; NaN where an example's blob could not be read.

    Attributes:
      scores: [B, *shape] per input that has a map, in the order of `MapSeries.grids`; those without a shape have none.
      errors: the same, or one [B, K] beside segments; () where none are stored.
      segments: [B, K], or None.
    """

    scores: tuple[Floats, ...]
    errors: tuple[Floats, ...]
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
        elements, examples = _blobs(self._value(names.MAPS, step)), self.description.examples
        shapes = map_step.score_shapes(self.description)
        arrays = {key: _blank(examples, shape) for key, shape in shapes.items()}
        holding = map_step.holding_maps(len(elements), examples)
        for element in holding:
            found, problems = map_step.decode(elements[element], self.description, element, shapes)
            for problem in problems:
                self._report(step, f" element {element}: {problem}")
            for key, values in found.items():
                if key not in arrays:
                    shapes[key] = values.shape[1:]
                    arrays[key] = _blank(examples, shapes[key])
                arrays[key][map_step.rows_of(element, examples)] = values
        if len(elements) != 1 and len(holding) < examples:
            self._report(step, f": {len(holding)} of {examples} examples are stored")
        of_layer = {layer: [arrays[key] for key in sorted(arrays) if key[0] == layer] for layer in pb.Layer.values()}
        segments = of_layer[pb.LAYER_SEGMENTS]
        return StepMaps(
            tuple(of_layer[pb.LAYER_SCORES]), tuple(of_layer[pb.LAYER_ERRORS]), segments[0] if segments else None
        )

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
        return _number(self._value(names.SECONDS, step))

    def _value(self, kind: str, step: int) -> summary_pb2.Summary.Value:
        tag = kind + self.description.tag
        if step not in self._events.values.get(tag, {}):
            stored = f"{self.steps[0]} .. {self.steps[-1]} ({len(self.steps)} steps)" if self.steps else "none"
            raise KeyError(f"{tag!r} has no step {step}; stored: {stored}")
        return self._events.value(tag, step)

    def _report(self, step: int, problem: str) -> None:
        self._events.problems.append(f"{names.MAPS}{self.description.tag} step {step}{problem}")


class StoredRun:
    """One run directory.

    Attributes:
      path: the directory.
      series: tag -> series.
      scalars: tag of an ordinary scalar -> its points, without the values that are no single number; "epoch" is
        among them.
      problems: what could not be read so far, in words; grows as maps are read.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self._events = index(path)
        self.problems = self._events.problems
        self.series: dict[str, StoredSeries] = {}
        self.scalars: dict[str, list[Point]] = {}
        for tag, metadata in self._events.metadata.items():
            try:
                if metadata.plugin_data.plugin_name == names.PLUGIN_NAME and tag.startswith(names.MAPS):
                    content = pb.TagMetadata.FromString(metadata.plugin_data.content)
                    if content.version > names.WIRE_VERSION:
                        raise ValueError(
                            f"written in format {content.version}, this reads up to {names.WIRE_VERSION}; "
                            "pip install --upgrade tb-attribution-plugin here"
                        )
                    self.series[tag.removeprefix(names.MAPS)] = StoredSeries(self._events, content.maps)
                elif metadata.plugin_data.plugin_name == names.SCALARS_PLUGIN or tag == names.EPOCH:
                    points = self._points(tag)
                    if points:
                        self.scalars[tag] = points
            except (DecodeError, ValueError) as error:
                self.problems.append(f"{path}: tag {tag!r}: {error}")

    @property
    def probes(self) -> Mapping[str, pb.ProbeBlob]:
        """hash -> the probe's description."""
        found = {}
        for tag in self._tags(names.PROBE):
            try:
                found[tag.removeprefix(names.PROBE)] = blob.unpack(self._probe(tag)[0], pb.ProbeBlob)
            except (ValueError, IndexError) as error:
                self.problems.append(f"{self.path}: tag {tag!r}: {error}")
        return found

    def inputs(self, probe_hash: str) -> list[bytes]:
        """The stored inputs of a probe, one per example: PNG files or enveloped blobs; [] where none are stored."""
        return self._probe(names.PROBE + probe_hash)[1:]

    def _probe(self, tag: str) -> list[bytes]:
        return _blobs(self._events.value(tag, max(self._events.values[tag])))

    def _tags(self, prefix: str) -> list[str]:
        return [tag for tag, steps in self._events.values.items() if tag.startswith(prefix) and steps]

    def _points(self, tag: str) -> list[Point]:
        points, odd = [], []
        for step, location in sorted(self._events.values[tag].items()):
            try:
                points.append(Point(step, location.wall_time, _number(self._events.value(tag, step))))
            except ValueError as error:
                odd.append(f"step {step}: {error}")
        if odd:
            self.problems.append(
                f"{self.path}: tag {tag!r}: {len(odd)} of {len(points) + len(odd)} values are no scalars; {odd[0]}"
            )
        return points


def read_runs(logdir: str) -> dict[str, StoredRun]:
    """Every run below `logdir` (itself as ".") that holds event files, by TensorBoard's name for it."""
    if not os.path.isdir(logdir):
        raise FileNotFoundError(f"logdir {logdir!r} is not a directory")
    return {
        os.path.relpath(directory, logdir): StoredRun(directory)
        for directory, _, _ in sorted(os.walk(logdir))
        if event_files(directory)
    }


def _number(value: summary_pb2.Summary.Value) -> float:
    found = floats(value)
    if found.size != 1:
        raise ValueError(f"{value.tag!r} has shape {list(found.shape)}; a scalar is one number")
    return float(found.item())


def _blobs(value: summary_pb2.Summary.Value) -> list[bytes]:
    return list(value.tensor.string_val)


def _blank(examples: int, shape: tuple[int, ...]) -> Floats:
    codec.check_shape(examples, shape)
    return np.full((examples, *shape), np.nan, np.float32)
