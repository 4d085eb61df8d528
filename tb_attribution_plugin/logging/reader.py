"""Reads runs back from event files, without TensorFlow. What is broken is reported and the rest is read."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import NamedTuple

from google.protobuf.message import DecodeError

from tb_attribution_plugin.logging.event_index import index, number
from tb_attribution_plugin.logging.remote import is_remote, store_of
from tb_attribution_plugin.logging.run_path import is_beside
from tb_attribution_plugin.logging.stored_series import StoredSeries
from tb_attribution_plugin.logging.stored_steps import event_files
from tb_attribution_plugin.wire import attribution_pb2 as pb
from tb_attribution_plugin.wire import blob, names


class Point(NamedTuple):
    """One value of a scalar."""

    step: int
    wall_time: float
    value: float


class StoredRun:
    """One run directory.

    Attributes:
      path: the directory.
      events: where each value lies.
      series: tag -> series.
      scalars: tag of an ordinary scalar -> its points, without the values that are no single number; "epoch" is
        among them.
      problems: what could not be read so far, in words; grows as maps are read.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self.events = index(path)
        self.problems = self.events.problems
        self.series: dict[str, StoredSeries] = {}
        self.scalars: dict[str, list[Point]] = {}
        for tag, metadata in self.events.metadata.items():
            try:
                if metadata.plugin_data.plugin_name == names.PLUGIN_NAME and tag.startswith(names.MAPS):
                    content = pb.TagMetadata.FromString(metadata.plugin_data.content)
                    if content.version > names.WIRE_VERSION:
                        raise ValueError(
                            f"written in format {content.version}, this reads up to {names.WIRE_VERSION}; "
                            "pip install --upgrade tb-attribution-plugin here"
                        )
                    self.series[tag.removeprefix(names.MAPS)] = StoredSeries(self.events, content.maps)
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
        return list(self.events.value(tag, max(self.events.values[tag])).tensor.string_val)

    def _tags(self, prefix: str) -> list[str]:
        return [tag for tag, steps in self.events.values.items() if tag.startswith(prefix) and steps]

    def _points(self, tag: str) -> list[Point]:
        points, odd = [], []
        for step, location in sorted(self.events.values[tag].items()):
            try:
                points.append(Point(step, location.wall_time, number(self.events.value(tag, step))))
            except ValueError as error:
                odd.append(f"step {step}: {error}")
        if odd:
            self.problems.append(
                f"{self.path}: tag {tag!r}: {len(odd)} of {len(points) + len(odd)} values are no scalars; {odd[0]}"
            )
        return points


def read_runs(logdir: str) -> dict[str, StoredRun]:
    """Every run below `logdir` (itself as ".") that holds event files, by TensorBoard's name for it.

    What lies beside a run while that is rewritten is no run.
    """
    if is_remote(logdir):
        root = logdir.rstrip("/")
        names = {one.removeprefix(root).lstrip("/") or ".": one for one in store_of(root).below(root)}
        if not names:
            raise FileNotFoundError(f"logdir {logdir!r} holds no files")
    else:
        if not os.path.isdir(logdir):
            raise FileNotFoundError(f"logdir {logdir!r} is not a directory")
        names = {os.path.relpath(directory, logdir): directory for directory, _, _ in sorted(os.walk(logdir))}
    return {
        name: StoredRun(directory)
        for name, directory in names.items()
        if event_files(directory) and not any(map(is_beside, name.replace(os.sep, "/").split("/")))
    }
