"""A strip for each channel of a series: its line over the colours of its scores (frontend/src/views/time_series.ts)."""

from __future__ import annotations

import numpy as np
from PIL import Image

from tb_attribution_plugin.drawing import fonts, hatch
from tb_attribution_plugin.drawing.lookup import colourise
from tb_attribution_plugin.drawing.paper import INK, QUIET, Paper
from tb_attribution_plugin.drawing.planes import cells_at
from tb_attribution_plugin.drawing.tile import Floats, Look, Map, drawn

WIDTH = 340
_HEIGHT, _GAP, _MARGIN = 56, 3, 4
_CHANNELS = 16  # a log may claim any number


def draw(map_: Map, look: Look) -> Image.Image:
    scores = _table(map_.values)
    inputs = None if map_.inputs is None else _table(map_.inputs)
    channels = max(1, map_.input_shape[1] if len(map_.input_shape) > 1 else 1)
    shown = min(channels, _CHANNELS)
    errors = None if map_.errors is None else _table(map_.errors)
    words = _left_out(channels, len(scores))
    paper = Paper(WIDTH, shown * (_HEIGHT + _GAP) - _GAP + (fonts.LINE + _GAP if words else 0))
    for channel in range(shown):
        # Summed channels colour every strip alike.
        at = channel if scores.shape[1] == channels else 0
        strip = _band(drawn(scores[:, at], look), None if errors is None else errors[:, at], look)
        top = channel * (_HEIGHT + _GAP)
        paper.lay(strip, 0, top)
        if inputs is not None and channel < inputs.shape[1]:
            _line(paper, inputs[:, channel], top)
        if channel < len(map_.names):
            _name(paper, map_.names[channel], top)
    if words:
        paper.write(fonts.readable(words), 0, shown * (_HEIGHT + _GAP), ink=QUIET)
    return paper.image


def strongest(scores: Floats, most: int) -> Floats:
    """The strongest of each run of times, so that no more than `most` are drawn. What is not finite wins."""
    span = -(-len(scores) // most)
    if span <= 1:
        return scores
    size = np.where(np.isnan(scores), np.inf, np.abs(scores))
    best = [at + int(size[at : at + span].argmax()) for at in range(0, len(scores), span)]
    return scores[best]


def _table(values: Floats) -> Floats:
    """[times, channels]."""
    return np.asarray(values, np.float32).reshape(len(values), -1)


def _left_out(channels: int, times: int) -> str:
    span = -(-times // WIDTH)
    parts = [f"and {channels - _CHANNELS} more channels"] if channels > _CHANNELS else []
    return "; ".join([*parts, *([f"each colour is the strongest of {span} times"] if span > 1 else [])])


def _band(scores: Floats, errors: Floats | None, look: Look) -> Image.Image:
    row = strongest(scores, WIDTH)
    colours = colourise(row[cells_at(len(row), WIDTH)], look.scale, look.colours)
    strip = Image.new("RGB", (WIDTH, _HEIGHT), "#eceef0")
    strip = hatch.over(strip, np.repeat(colours[None], _HEIGHT, axis=0))
    kept = errors[None] if errors is not None and len(row) == len(scores) else None
    return hatch.over(strip, hatch.hatch(row[None], kept, _HEIGHT, WIDTH))


def _line(paper: Paper, values: Floats, top: int) -> None:
    """Through what is finite; of a long series the lowest and the highest value of each pixel."""
    finite = values[np.isfinite(values)]
    if not len(finite):
        return
    low = float(finite.min())
    room = _HEIGHT - 2 * _MARGIN
    with np.errstate(invalid="ignore", over="ignore"):
        ys = top + _HEIGHT - _MARGIN - (values.astype(np.float64) - low) / ((float(finite.max()) - low) or 1.0) * room
    xs = (np.arange(len(values)) + 0.5) / len(values) * WIDTH
    paper.pen.line([(float(xs[at]), float(ys[at])) for at in _extremes(values)], INK)


def _extremes(values: Floats) -> list[int]:
    span = 1 if len(values) <= 2 * WIDTH else -(-len(values) // WIDTH)
    found: list[int] = []
    for start in range(0, len(values), span):
        part = values[start : start + span]
        finite = np.flatnonzero(np.isfinite(part))
        if len(finite):
            ends = {start + int(finite[part[finite].argmin()]), start + int(finite[part[finite].argmax()])}
            found += sorted(ends)
    return found


def _name(paper: Paper, name: str, top: int) -> None:
    words = fonts.fitted(fonts.readable(name), WIDTH // 2, 10)
    paper.pen.rectangle((1, top + 1, 7 + fonts.width(words, 10), top + 15), "#ffffff")
    paper.write(words, 4, top + 2, size=10)
