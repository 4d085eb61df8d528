"""The small numbers of a series: per step and example, and one histogram per step."""

from __future__ import annotations

import collections
import functools
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from tb_attribution_plugin.backend import histograms, metadata, tensors
from tb_attribution_plugin.backend.errors import RequestError, TooMuchError, UnreadableError, shown
from tb_attribution_plugin.backend.listing import Found
from tb_attribution_plugin.backend.parameters import SeriesName
from tb_attribution_plugin.backend.problems import Problems
from tb_attribution_plugin.backend.provider import Data
from tb_attribution_plugin.wire import attribution_pb2 as pb
from tb_attribution_plugin.wire import names

_MAX_COLUMNS = 64
_FLOAT32 = 4  # bytes


def read_all(data: Data, series: Sequence[SeriesName], columns: Sequence[int] | None) -> pb.StatsList:
    """An item per series; of several, one that cannot be read has `error`.

    Args:
      columns: wanted ones in their order, without those that a series does not have; None for all of each series.

    Raises:
      RequestError: why the only one asked for cannot be read.
      TooMuchError: together they have more than `tensors.MAX_VALUES` values.
    """
    known = data.list_tensors({one.run for one in series})
    answer, total = pb.StatsList(), 0
    read_one = functools.partial(_read, data, known, wanted=columns)
    for found in tensors.each(series, read_one, pb.Stats):
        total += (len(found.values) + len(found.histogram)) // _FLOAT32
        if len(series) > 1 and total > tensors.MAX_VALUES:
            raise TooMuchError(
                f"the stats of {len(series)} series are over {tensors.MAX_VALUES} values",
                f"ask for fewer series at a time, or for fewer columns; {len(answer.series)} of these fit",
            )
        answer.series.append(found)
    return answer


def read(data: Data, run: str, tag: str) -> pb.Stats:
    """All steps of a series; a value that is not what a writer wrote is NaN and named in `problems`.

    Raises:
      NotFoundError: the run has no such series.
      UnreadableError: nothing of it can be read.
      TooMuchError: more than `tensors.MAX_VALUES` values.
    """
    return _read(data, data.list_tensors([run]), run, tag, None)


def _read(data: Data, listed: Found, run: str, tag: str, wanted: Sequence[int] | None) -> pb.Stats:
    stats_tag, histogram_tag = names.STATS + tag, names.HISTOGRAM + tag
    known = listed.get(run, {})
    if stats_tag not in known:
        raise tensors.not_listed(data, run, tag)
    problems = Problems()
    found = pb.Stats()
    columns = metadata.parse(known[stats_tag].plugin_content, "stats").stats.columns
    if not 1 <= len(columns) <= _MAX_COLUMNS:
        raise UnreadableError(f"{shown(stats_tag)} has {len(columns)} columns; 1 to {_MAX_COLUMNS} can be read")
    _fill_rows(found, columns, wanted, tensors.read(data, run, stats_tag), run, stats_tag, problems)
    try:
        layout, points = histograms.logged(data, listed, run, tag)
        _fill_histogram(found, layout, points, run, histogram_tag, problems)
    except RequestError as error:
        problems.add(run, histogram_tag, error)
    found.problems.extend(problems.listed())
    return found


def _fill_rows(
    found: pb.Stats,
    columns: Sequence[pb.StatColumn],
    wanted: Sequence[int] | None,
    data: list[Any],
    run: str,
    tag: str,
    problems: Problems,
) -> None:
    shapes = [datum.numpy.shape if tensors.is_numbers(datum.numpy) else None for datum in data]
    sound = [shape for shape in shapes if shape is not None and len(shape) == 2 and shape[1] == len(columns)]
    if not sound:
        raise UnreadableError(f"{shown(tag)} of run {shown(run)} holds no table of {len(columns)} columns")
    # The examples of a probe never change, so what most steps agree on is right.
    expected = collections.Counter(sound).most_common(1)[0][0]
    size = math.prod(expected)
    if size * len(data) > tensors.MAX_VALUES:
        raise TooMuchError(
            f"{len(data)} steps x {expected[0]} examples x {len(columns)} columns are over {tensors.MAX_VALUES} values",
            f"start tensorboard with --samples_per_plugin={names.PLUGIN_NAME}={tensors.MAX_VALUES // size}",
        )
    at: dict[int, int] = {column: place for place, column in enumerate(columns)}
    places = list(range(len(columns))) if wanted is None else [at[one] for one in dict.fromkeys(wanted) if one in at]
    found.examples = expected[0]
    found.columns.extend(columns[place] for place in places)
    rows = np.full((len(data), expected[0], len(places)), np.nan, np.float32)
    for row, datum, shape in zip(rows, data, shapes, strict=True):
        found.steps.append(datum.step)
        if shape == expected:
            with np.errstate(over="ignore"):  # what is no float32 becomes inf
                row[:] = datum.numpy[:, places]
        else:
            has = "no numbers" if shape is None else f"the shape {list(shape)}"
            problems.add(run, tag, f"step {datum.step} has {has}, the other steps {list(expected)}")
    found.values = rows.astype("<f4", copy=False).tobytes()


def _fill_histogram(
    found: pb.Stats, layout: pb.HistogramSeries, data: list[Any], run: str, tag: str, problems: Problems
) -> None:
    size = 2 + layout.bins
    if size * len(found.steps) > tensors.MAX_VALUES:
        raise UnreadableError(f"{len(found.steps)} steps x {size} counts are over {tensors.MAX_VALUES} values")
    by_step = {datum.step: datum.numpy for datum in data}
    rows = np.zeros((len(found.steps), size), np.float32)
    for row, step in zip(rows, found.steps, strict=True):
        counts = by_step.get(int(step))
        if counts is not None and histograms.is_row(layout, counts):
            with np.errstate(over="ignore"):
                row[:] = counts
        else:
            has = "none" if counts is None else f"one of shape {list(counts.shape)}, expected [{size}]"
            problems.add(run, tag, f"histogram of step {step:.0f}: {has}")
    # Scores of one series span few of the octaves that a layout has room for.
    filled = np.flatnonzero(rows[:, 2:].any(axis=0))
    first, end = (int(filled[0]), int(filled[-1]) + 1) if filled.size else (0, 0)
    found.layout.CopyFrom(layout)
    found.first_bin = first
    filled_alone = rows[:, [0, 1, *range(2 + first, 2 + end)]]
    found.histogram = filled_alone.astype("<f4", copy=False).tobytes()
