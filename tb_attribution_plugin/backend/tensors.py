"""Tensors of a series, of a size that can be read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from tb_attribution_plugin.backend.errors import RequestError, UnreadableError, missing, shown
from tb_attribution_plugin.backend.parameters import SeriesName
from tb_attribution_plugin.backend.provider import Data, once_per_step
from tb_attribution_plugin.wire import names

Answer = TypeVar("Answer")

# 64 MiB of float32: 1,000 steps of 1,000 examples with all columns.
MAX_VALUES = 1 << 24


def not_listed(data: Data, run: str, tag: str) -> RequestError:
    """Why the numbers of a series are not listed: TensorBoard could not list its run, or there is no such series."""
    return data.unlisted.get(run) or missing(run, tag, data.list_tensors(), names.STATS)


def each(
    series: Sequence[SeriesName], read_one: Callable[[str, str], Answer], refused: Callable[..., Answer]
) -> Iterator[Answer]:
    """What `read_one` makes of each run and tag; of several, one that cannot be read is `refused(error=...)`.

    Raises:
      RequestError: why the only one cannot be read.
    """
    for run, tag in series:
        try:
            yield read_one(run, tag)
        except RequestError as error:
            if len(series) == 1:
                raise
            yield refused(error=str(error))


def read(data: Data, run: str, tag: str) -> list[Any]:
    """The series' `TensorDatum`s by step.

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


def is_numbers(array: Any) -> bool:
    """Whether an array of whatever a file holds has real numbers: no strings, objects, booleans or complex numbers."""
    return array.dtype.kind in "fiu"
