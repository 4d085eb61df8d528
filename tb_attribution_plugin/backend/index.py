"""The index: which runs hold which series at which steps. Made from lists and scalars alone, however large the logs."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Mapping
from typing import Any

from tb_attribution_plugin.backend import steps
from tb_attribution_plugin.backend.described import Listed, describe
from tb_attribution_plugin.backend.errors import UnreadableError, shown
from tb_attribution_plugin.backend.problems import Problems
from tb_attribution_plugin.backend.provider import Data, once_per_step
from tb_attribution_plugin.wire import attribution_pb2 as pb
from tb_attribution_plugin.wire import names

# The index's steps are doubles, exact up to here; `maps` takes no negative ones.
MAX_STEP = 2**53
# Letters of the names of runs that are not ours.
MAX_OTHER_RUNS = 1 << 22


def build(data: Data) -> pb.Index:
    """`Index.runs`, `other_runs` and `problems`; runs by name, series by tag."""
    problems = Problems()
    blobs, scalars = data.list_blobs(), data.list_scalars()
    ordinary = data.list_scalars(names.SCALARS_PLUGIN)
    ours = {run: Listed(blobs.get(run, {}), ordinary.get(run, {})) for run in {*blobs, *scalars}}
    described = sorted(describe(ours, problems), key=lambda one: one.run.run)
    tags = {names.SECONDS + tag for one in described for tag in one.series}
    points = steps.read(data, scalars, {names.EPOCH, *tags}, problems)
    index = pb.Index()
    for run, series in described:
        _add_epochs(run, points.get(run.run, {}))
        _add_series(run, series, points.get(run.run, {}), problems)
        _check_pairs(run, blobs.get(run.run, {}), scalars.get(run.run, {}), problems)
        index.runs.append(run)
    _add_other_runs(index, data, ours, problems)
    for unlisted, why in data.unlisted.items():
        problems.add(unlisted, "", why)
    index.problems.extend(problems.listed())
    return index


def _add_epochs(run: pb.Run, points: Mapping[str, list[Any]]) -> None:
    epochs = once_per_step(points.get(names.EPOCH, []))
    run.epoch_steps.extend(point.step for point in epochs)
    run.epochs.extend(point.value for point in epochs)


def _add_series(
    run: pb.Run, described: Mapping[str, pb.MapSeries], points: Mapping[str, list[Any]], problems: Problems
) -> None:
    for tag, maps in described.items():
        try:
            run.series.append(_series(run.run, maps, points.get(names.SECONDS + tag), problems))
        except UnreadableError as error:
            problems.add(run.run, names.MAPS + tag, error)
            continue
        if maps.probe_hash not in run.probe_hashes:
            why = f"its probe {shown(maps.probe_hash)} is not in the run"
            problems.add(run.run, names.MAPS + tag, why)


def _series(run: str, maps: pb.MapSeries, points: list[Any] | None, problems: Problems) -> pb.Series:
    if points is None:
        raise UnreadableError(f"maps without steps: {names.SECONDS + maps.tag} is missing")
    if not points:
        raise UnreadableError(f"maps without steps: no value of {names.SECONDS + maps.tag} is a number")
    points = once_per_step(points)
    outside = [point.step for point in points if not 0 <= point.step <= MAX_STEP]
    if outside:
        which = f"{outside[0]} and {len(outside) - 1} more" if len(outside) > 1 else f"{outside[0]}"
        problems.add(run, names.MAPS + maps.tag, f"steps outside 0 to {MAX_STEP} are left out: {which}")
        points = [point for point in points if 0 <= point.step <= MAX_STEP]
    return pb.Series(
        maps=maps,
        steps=[point.step for point in points],
        wall_times=[point.wall_time for point in points],
        seconds=[point.value for point in points],
    )


def _check_pairs(run: pb.Run, blobs: Collection[str], scalars: Collection[str], problems: Problems) -> None:
    for tag in sorted(scalars):
        maps = names.MAPS + tag.removeprefix(names.SECONDS)
        if tag.startswith(names.SECONDS) and maps not in blobs:
            problems.add(run.run, tag, f"steps are listed but no maps: {maps} is missing")


def _add_other_runs(index: pb.Index, data: Data, ours: Collection[str], problems: Problems) -> None:
    try:
        others = sorted({*data.runs()}.difference(ours, data.unlisted))
    except UnreadableError as error:
        # The Python loader reads the first event of a run to list it, and fails for all where one is none.
        problems.add("", "", error)
        return
    ends = itertools.accumulate(map(len, others))
    index.other_runs.extend(run for run, end in zip(others, ends, strict=True) if end <= MAX_OTHER_RUNS)
    if left_out := len(others) - len(index.other_runs):
        problems.add("", "", f"{left_out} of {len(others)} runs without attributions are not listed")
