"""Series of TensorBoard's own scalars."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from tb_attribution_plugin.backend.errors import RequestError, UnreadableError, missing
from tb_attribution_plugin.backend.listing import Found
from tb_attribution_plugin.backend.parameters import SeriesName
from tb_attribution_plugin.backend.provider import ALL, Data
from tb_attribution_plugin.wire import attribution_pb2 as pb
from tb_attribution_plugin.wire import names

# By tag; a tag that the run does not have is not there.
Points = dict[str, list[Any] | RequestError]


def points_by_tag(data: Data, run: str, tags: Collection[str], plugin: str, most: int) -> Points:
    """Points of a run's scalars, up to `most` of each; where some cannot be read, tag by tag."""
    try:
        return dict(data.read_scalars([run], tags, plugin, most).get(run, {}))
    except UnreadableError as error:
        if len(tags) == 1:
            return dict.fromkeys(tags, error)
    return {tag: points for one in tags for tag, points in points_by_tag(data, run, [one], plugin, most).items()}


def read(data: Data, series: Sequence[SeriesName]) -> pb.ScalarsList:
    """An item per series; of several, one that cannot be read has `error`.

    Raises:
      RequestError: why the only one asked for cannot be read.
    """
    by_run: dict[str, list[str]] = {}
    for one in series:
        by_run.setdefault(one.run, []).append(one.tag)
    read_so_far = {run: points_by_tag(data, run, tags, names.SCALARS_PLUGIN, ALL) for run, tags in by_run.items()}
    known: Found | None = None
    found = pb.ScalarsList()
    for one in series:
        points = read_so_far[one.run].get(one.tag)
        if points is None:
            known = data.list_scalars(names.SCALARS_PLUGIN) if known is None else known
            points = missing(one.run, one.tag, known)
        found.series.append(_message(points, alone=len(series) == 1))
    return found


def _message(points: list[Any] | RequestError, alone: bool) -> pb.Scalars:
    if not isinstance(points, RequestError):
        return pb.Scalars(
            steps=[point.step for point in points],
            wall_times=[point.wall_time for point in points],
            values=[point.value for point in points],
        )
    if alone:
        raise points
    return pb.Scalars(error=str(points))
