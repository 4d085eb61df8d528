"""Series of TensorBoard's own scalars."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tb_attribution_plugin.backend.errors import RequestError, UnreadableError, missing
from tb_attribution_plugin.backend.parameters import SeriesName
from tb_attribution_plugin.backend.provider import Data, Found
from tb_attribution_plugin.wire import attribution_pb2 as pb
from tb_attribution_plugin.wire import names


def read(data: Data, series: Sequence[SeriesName]) -> pb.ScalarsList:
    """An item per series; of several, one that cannot be read has `error`.

    Raises:
      RequestError: why the only one asked for cannot be read.
    """
    by_run: dict[str, list[str]] = {}
    for one in series:
        by_run.setdefault(one.run, []).append(one.tag)
    read_so_far = {run: _read_run(data, run, tags) for run, tags in by_run.items()}
    known: Found | None = None
    found = pb.ScalarsList()
    for one in series:
        points = read_so_far[one.run].get(one.tag)
        if points is None:
            known = data.list_scalars(names.SCALARS_PLUGIN) if known is None else known
            points = missing(one.run, one.tag, known)
        found.series.append(_message(points, alone=len(series) == 1))
    return found


def _read_run(data: Data, run: str, tags: Sequence[str]) -> dict[str, list[Any] | RequestError]:
    """Points or an error by tag; nothing where there is no such tag."""
    try:
        return dict(data.read_scalars([run], tags, names.SCALARS_PLUGIN).get(run, {}))
    except UnreadableError as error:
        if len(tags) == 1:
            return {tags[0]: error}
    # One damaged value fails the call for all of them.
    return {tag: points for one in tags for tag, points in _read_run(data, run, [one]).items()}


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
