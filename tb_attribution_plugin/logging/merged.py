"""Two directories of one run as one event file, in ascending steps."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from tensorboard.compat.proto import event_pb2

from tb_attribution_plugin.evaluation.similarity import drift
from tb_attribution_plugin.logging import events, records
from tb_attribution_plugin.logging.event_index import Location, floats
from tb_attribution_plugin.logging.reader import StoredRun
from tb_attribution_plugin.logging.stored_series import Floats
from tb_attribution_plugin.wire import attribution_pb2 as pb
from tb_attribution_plugin.wire import blob, names


class _Place(NamedTuple):
    run: StoredRun
    location: Location


def merge(run: StoredRun, further: StoredRun, path: str) -> None:
    """Writes all that readers see of both runs into one file; at a step of both, what `further` has.

    A map's drift is computed anew, from maps as they are stored, where another step comes before it now.
    """
    places = _places(run, further)
    drifts = dict(_drifts(places))
    by_step: dict[int, dict[Location, set[str]]] = {}
    for (tag, step), place in places.items():
        by_step.setdefault(step, {}).setdefault(place.location, set()).add(tag)
    with open(path, "xb") as file:
        file.write(records.frame(events.file_version()))
        file.write(records.frame(events.session_start(min(by_step, default=0))))
        for step, locations in sorted(by_step.items()):
            for location, tags in sorted(locations.items()):
                file.write(records.frame(_record(step, location, tags, drifts)))
        file.flush()
        os.fsync(file.fileno())


def _places(*runs: StoredRun) -> dict[tuple[str, int], _Place]:
    """Where the value of each tag at each step lies; of a probe its first one, for it is alike at all."""
    found: dict[tuple[str, int], _Place] = {}
    for run in runs:
        for tag, steps in run.events.values.items():
            found |= {(tag, step): _Place(run, location) for step, location in steps.items()}
    first: dict[str, int] = {}
    for tag, step in found:
        first[tag] = min(step, first.get(tag, step))
    return {key: one for key, one in found.items() if not key[0].startswith(names.PROBE) or key[1] == first[key[0]]}


def _drifts(places: dict[tuple[str, int], _Place]) -> Iterator[tuple[tuple[str, int], Floats]]:
    """The new drifts by tag of their stats, and step."""
    steps: dict[str, list[int]] = {}
    for tag, step in sorted(places):
        if tag.startswith(names.MAPS):
            steps.setdefault(tag.removeprefix(names.MAPS), []).append(step)
    for tag, all_steps in steps.items():
        for earlier, step in pairwise(all_steps):
            before, now = places[names.MAPS + tag, earlier].run, places[names.MAPS + tag, step].run
            own = now.series[tag].steps
            if before is not now or own[own.index(step) - 1] != earlier:
                signed = now.series[tag].description.signed
                yield (
                    (names.STATS + tag, step),
                    drift(now.series[tag].cells(step), before.series[tag].cells(earlier), signed=signed).astype("f4"),
                )


def _record(step: int, location: Location, tags: set[str], drifts: dict[tuple[str, int], Floats]) -> bytes:
    """The record without the values that others replace."""
    event = event_pb2.Event.FromString(records.read_at(location.path, location.offset))
    kept = [value for value in event.summary.value if value.tag in tags]
    for value in kept:
        new = drifts.get((value.tag, step))
        if new is not None:
            columns = blob.parse(value.metadata.plugin_data.content, pb.TagMetadata).stats.columns
            table = np.array(floats(value))
            table[:, list(columns).index(pb.STAT_DRIFT)] = new
            value.tensor.tensor_content = table.astype("<f4").tobytes()
    del event.summary.value[:]
    event.summary.value.extend(kept)
    return event.SerializeToString()
