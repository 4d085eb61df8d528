"""The colour scale of a series, over all of its steps as on the page."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from tb_attribution_plugin.drawing import ends
from tb_attribution_plugin.drawing.by_modality import CELLS
from tb_attribution_plugin.drawing.numerals import percent
from tb_attribution_plugin.drawing.tile import Look
from tb_attribution_plugin.logging.read_series import ReadSeries
from tb_attribution_plugin.logging.stored_series import Floats, StepMaps
from tb_attribution_plugin.wire.histogram import log_histogram


class SeriesLook(NamedTuple):
    """How all maps of a series are drawn, and what must be said of it."""

    look: Look
    notes: list[str]


def look(series: ReadSeries, steps: Sequence[int]) -> SeriesLook:
    """
    Args:
      steps: of which the scale is taken where the log has no histograms.
    """
    about = series.stored.description
    relu = about.cam  # the page's choice for class activation maps
    signed = about.signed and not relu
    counts, of = _counts(series, steps)
    scale = ends.scale(counts, signed=signed)
    colours = "RdBu" if signed else "viridis"
    if scale.known:
        clipped = percent(ends.clipped_share(counts, scale.vmax))
        notes = [f"P99 of |score|, {of}, {clipped} clipped; palette {colours}, gamma {scale.gamma:g}"]
    else:
        notes = [f"every score of {of} is zero or not finite: nothing to scale"]
    return SeriesLook(Look(scale, colours, relu), notes + (["negative drawn as 0"] if relu and about.signed else []))


def _counts(series: ReadSeries, steps: Sequence[int]) -> tuple[ends.Counts, str]:
    try:
        return ends.pooled(series.stored.histogram(step) for step in series.steps), "all steps"
    except (KeyError, ValueError):
        return ends.pooled(map(log_histogram, _scores(series, steps))), "the steps shown"


def drawn_maps(series: ReadSeries, step: int) -> StepMaps:
    """The maps of a step, where they are small enough for a picture.

    Raises:
      KeyError: the step is not stored.
      ValueError: they are too large, or cannot be read; nothing is read of what is too large.
    """
    cells = max((math.prod(grid.shape) for grid in series.stored.description.grids), default=0)
    if cells > CELLS:
        raise ValueError(f"a map of {cells} cells is not drawn; {CELLS} are the most")
    return series.stored.maps(step)


def _scores(series: ReadSeries, steps: Sequence[int]) -> Iterator[Floats]:
    for step in steps:
        with contextlib.suppress(KeyError, ValueError):  # the tile says so
            yield from drawn_maps(series, step).scores
