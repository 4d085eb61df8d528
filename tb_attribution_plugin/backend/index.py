"""The index: which runs hold which series at which steps. Made from lists and scalars alone, however large the logs."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from tb_attribution_plugin.backend import metadata
from tb_attribution_plugin.backend.errors import UnreadableError, shown
from tb_attribution_plugin.backend.problems import Problems
from tb_attribution_plugin.backend.provider import Data, Found, once_per_step
from tb_attribution_plugin.wire import attribution_pb2 as pb
from tb_attribution_plugin.wire import names

# The index's steps are doubles, exact up to here; `maps` takes no negative ones.
MAX_STEP = 2**53


def build(data: Data) -> pb.Index:
    """`Index.runs`, `other_runs` and `problems`; runs by name, series by tag."""
    problems = Problems()
    blobs = data.list_blobs()
    listed = data.list_scalars()
    steps = _read_scalars(data, listed, problems)
    ordinary = data.list_scalars(names.SCALARS_PLUGIN)
    index = pb.Index()
    ours = set(blobs) | set(listed)
    for run in sorted(ours):
        index.runs.append(_run(run, blobs.get(run, {}), steps.get(run, {}), ordinary.get(run, {}), problems))
    try:
        index.other_runs.extend(sorted(set(data.runs()) - ours - set(data.unlisted)))
    except UnreadableError as error:
        # The Python loader reads the first event of a run to list it, and fails for all where one is none.
        problems.add("", "", error)
    for run, why in data.unlisted.items():
        problems.add(run, "", why)
    index.problems.extend(problems.listed())
    return index


def _read_scalars(data: Data, listed: Found, problems: Problems) -> Found:
    """All our scalars at once; where some cannot be read, run by run, and of such a run tag by tag."""
    if not listed:
        return {}
    try:
        return data.read_scalars(listed, {tag for tags in listed.values() for tag in tags})
    except UnreadableError:
        return {run: _read_run(data, run, tags, problems) for run, tags in listed.items()}


def _read_run(data: Data, run: str, tags: Collection[str], problems: Problems) -> dict[str, Any]:
    try:
        return data.read_scalars([run], tags).get(run, {})
    except UnreadableError:
        pass
    found: dict[str, Any] = {}
    for tag in tags:
        try:
            found |= data.read_scalars([run], [tag]).get(run, {})
        except UnreadableError as error:
            problems.add(run, tag, error)
    return found


def _run(
    run: str, blobs: dict[str, Any], scalars: dict[str, Any], ordinary: dict[str, Any], problems: Problems
) -> pb.Run:
    group, _, name = run.rpartition("/")
    epochs = once_per_step(scalars.get(names.EPOCH, []))
    found = pb.Run(
        run=run,
        group=group,
        name=name,
        scalars=sorted(ordinary),
        epoch_steps=[datum.step for datum in epochs],
        epochs=[datum.value for datum in epochs],
    )
    for tag, listed in sorted(blobs.items()):
        if listed.max_step is None:
            continue  # a fit that was resumed replaces all steps, and has logged none yet
        try:
            if tag.startswith(names.PROBE):
                metadata.parse(listed.plugin_content, "probe")
                found.probe_hashes.append(tag.removeprefix(names.PROBE))
            elif tag.startswith(names.MAPS):
                found.series.append(_series(run, tag, listed, scalars, problems))
        except UnreadableError as error:
            problems.add(run, tag, error)
    known = {series.maps.tag for series in found.series}
    for tag in sorted(scalars):
        series = tag.removeprefix(names.SECONDS)
        if tag.startswith(names.SECONDS) and names.MAPS + series not in blobs and series not in known:
            problems.add(run, tag, f"steps are listed but no maps: {names.MAPS + series} is missing")
    for series_found in found.series:
        probe = series_found.maps.probe_hash
        if probe not in found.probe_hashes:
            problems.add(run, names.MAPS + series_found.maps.tag, f"its probe {shown(probe)} is not in the run")
    return found


def _series(run: str, tag: str, listed: Any, scalars: dict[str, Any], problems: Problems) -> pb.Series:
    maps = metadata.map_series(listed.plugin_content)
    asked_by = tag.removeprefix(names.MAPS)
    if maps.tag != asked_by:
        problems.add(run, tag, f"the metadata names the series {shown(maps.tag)}; it is shown under its tag")
        maps.tag = asked_by
    points = scalars.get(names.SECONDS + asked_by)
    if points is None:
        raise UnreadableError(f"maps without steps: {names.SECONDS + asked_by} is missing")
    if not points:
        raise UnreadableError(f"maps without steps: no value of {names.SECONDS + asked_by} is a number")
    points = once_per_step(points)
    outside = [point.step for point in points if not 0 <= point.step <= MAX_STEP]
    if outside:
        which = f"{outside[0]} and {len(outside) - 1} more" if len(outside) > 1 else f"{outside[0]}"
        problems.add(run, tag, f"steps outside 0 to {MAX_STEP} are left out: {which}")
        points = [point for point in points if 0 <= point.step <= MAX_STEP]
    return pb.Series(
        maps=maps,
        steps=[point.step for point in points],
        wall_times=[point.wall_time for point in points],
        seconds=[point.value for point in points],
    )
