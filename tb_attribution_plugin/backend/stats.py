"""The small numbers of a series: per step and example, and one histogram per step."""

from __future__ import annotations

import collections
from typing import Any

from tb_attribution_plugin.backend import metadata
from tb_attribution_plugin.backend.errors import RequestError, TooMuchError, UnreadableError, missing, shown
from tb_attribution_plugin.backend.problems import Problems
from tb_attribution_plugin.backend.provider import Data, once_per_step
from tb_attribution_plugin.wire import attribution_pb2 as pb
from tb_attribution_plugin.wire import names

# 64 MiB of float32: 1,000 steps of 1,000 examples with all columns.
MAX_VALUES = 1 << 24
_MAX_COLUMNS = 64


def read(data: Data, run: str, tag: str) -> pb.Stats:
    """All steps of a series; a value that is not what a writer wrote is NaN and named in `problems`.

    Raises:
      NotFoundError: the run has no such series.
      UnreadableError: nothing of it can be read.
      TooMuchError: more than `MAX_VALUES` values.
    """
    stats_tag, histogram_tag = names.STATS + tag, names.HISTOGRAM + tag
    known = data.list_tensors(run).get(run, {})
    if stats_tag not in known:
        raise missing(run, tag, data.list_tensors(), names.STATS)
    problems = Problems()
    found = pb.Stats(columns=metadata.parse(known[stats_tag].plugin_content, "stats").stats.columns)
    if not 1 <= len(found.columns) <= _MAX_COLUMNS:
        raise UnreadableError(f"{shown(stats_tag)} has {len(found.columns)} columns; 1 to {_MAX_COLUMNS} can be read")
    _fill_rows(found, _tensors(data, run, stats_tag), run, stats_tag, problems)
    try:
        if histogram_tag not in known:
            raise UnreadableError("the series has no histogram")
        layout = metadata.histogram_layout(known[histogram_tag].plugin_content)
        _fill_histogram(found, layout, _tensors(data, run, histogram_tag), run, histogram_tag, problems)
    except RequestError as error:
        problems.add(run, histogram_tag, error)
    found.problems.extend(problems.listed())
    return found


def _tensors(data: Data, run: str, tag: str) -> list[Any]:
    """The series by step.

    Raises:
      UnreadableError: TensorBoard cannot make arrays of it, or one is larger than all of a series may be.
    """
    points = once_per_step(data.read_tensors(run, tag))
    for datum in points:
        if datum.numpy.size > MAX_VALUES:
            raise UnreadableError(
                f"{shown(tag)} of run {shown(run)} has {datum.numpy.size} values at step {datum.step}; "
                f"{MAX_VALUES} can be read",
                "no writer makes such a table: remove the run, or log it again",
            )
    return points


def _fill_rows(found: pb.Stats, data: list[Any], run: str, tag: str, problems: Problems) -> None:
    columns = len(found.columns)
    shapes = [datum.numpy.shape if _is_numbers(datum.numpy) else None for datum in data]
    sound = [shape for shape in shapes if shape is not None and len(shape) == 2 and shape[1] == columns]
    if not sound:
        raise UnreadableError(f"{shown(tag)} of run {shown(run)} holds no table of {columns} columns")
    # The examples of a probe never change, so what most steps agree on is right.
    expected = collections.Counter(sound).most_common(1)[0][0]
    found.examples = expected[0]
    size = expected[0] * columns
    if size * len(data) > MAX_VALUES:
        raise TooMuchError(
            f"{len(data)} steps x {expected[0]} examples x {columns} columns are over {MAX_VALUES} values",
            f"start tensorboard with --samples_per_plugin={names.PLUGIN_NAME}={MAX_VALUES // size}",
        )
    for datum, shape in zip(data, shapes, strict=True):
        found.steps.append(datum.step)
        if shape == expected:
            found.values.extend(datum.numpy.ravel().tolist())
        else:
            found.values.extend([float("nan")] * size)
            has = "no numbers" if shape is None else f"the shape {list(shape)}"
            problems.add(run, tag, f"step {datum.step} has {has}, the other steps {list(expected)}")


def _fill_histogram(
    found: pb.Stats, layout: pb.HistogramSeries, data: list[Any], run: str, tag: str, problems: Problems
) -> None:
    size = 2 + layout.bins
    if size * len(found.steps) > MAX_VALUES:
        raise UnreadableError(f"{len(found.steps)} steps x {size} counts are over {MAX_VALUES} values")
    found.layout.CopyFrom(layout)
    by_step = {datum.step: datum.numpy for datum in data}
    for step in found.steps:
        counts = by_step.get(int(step))
        if counts is not None and _is_numbers(counts) and counts.shape == (size,):
            found.histogram.extend(counts.tolist())
        else:
            found.histogram.extend([0.0] * size)
            has = "none" if counts is None else f"one of shape {list(counts.shape)}, expected [{size}]"
            problems.add(run, tag, f"histogram of step {step:.0f}: {has}")


def _is_numbers(array: Any) -> bool:
    return array.dtype.kind in "fiu"
