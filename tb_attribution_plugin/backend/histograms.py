"""Histograms of |a| of a series, one per step as they were logged, or all of them pooled."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import numpy as np

from tb_attribution_plugin.backend import metadata, tensors
from tb_attribution_plugin.backend.errors import UnreadableError
from tb_attribution_plugin.backend.listing import Found
from tb_attribution_plugin.backend.parameters import SeriesName
from tb_attribution_plugin.backend.provider import Data
from tb_attribution_plugin.wire import attribution_pb2 as pb
from tb_attribution_plugin.wire import names


def pooled(data: Data, series: Sequence[SeriesName]) -> pb.PooledHistogramList:
    """An item per series; of several, one that cannot be read has `error`.

    Raises:
      RequestError: why the only one asked for cannot be read.
    """
    known = data.list_tensors({one.run for one in series})
    read = functools.partial(_pooled, data, known)
    return pb.PooledHistogramList(series=tensors.each(series, read, pb.PooledHistogram))


def logged(data: Data, listed: Found, run: str, tag: str) -> tuple[pb.HistogramSeries, list[Any]]:
    """The layout of a series' histograms, and their `TensorDatum`s by step.

    Raises:
      UnreadableError: there is none, or it is not what a writer wrote.
    """
    known = listed.get(run, {}).get(names.HISTOGRAM + tag)
    if known is None:
        raise UnreadableError("the series has no histogram")
    layout = metadata.histogram_layout(known.plugin_content)
    return layout, tensors.read(data, run, names.HISTOGRAM + tag)


def is_row(layout: pb.HistogramSeries, counts: Any) -> bool:
    """Whether `counts`, an array of whatever a file holds, are those of one step: numbers, [2 + bins]."""
    return tensors.is_numbers(counts) and counts.shape == (2 + layout.bins,)


def _pooled(data: Data, listed: Found, run: str, tag: str) -> pb.PooledHistogram:
    if names.STATS + tag not in listed.get(run, {}):
        raise tensors.not_listed(data, run, tag)
    layout, points = logged(data, listed, run, tag)
    total = np.zeros(2 + layout.bins)
    with np.errstate(over="ignore", invalid="ignore"):
        for datum in points:
            if is_row(layout, datum.numpy):
                total += datum.numpy
    return pb.PooledHistogram(layout=layout, counts=total)
