"""The maps of one series, drawn step by step."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tb_attribution_plugin.drawing import by_modality
from tb_attribution_plugin.drawing.chip_tile import cut
from tb_attribution_plugin.drawing.tile import Map, condition, largest_first
from tb_attribution_plugin.exporting import captions, scales
from tb_attribution_plugin.logging.read_probe import ReadProbe
from tb_attribution_plugin.logging.read_series import ReadSeries
from tb_attribution_plugin.logging.stored_series import Floats, StepMaps

# Axes of a map of ids that can be drawn, by modality (docs/wire.md, Steps).
_AXES = {"image": (2,), "tabular": (1,), "text": (1,), "time_series": (1, 2)}


class SeriesTiles:
    """Draws the maps of a series on one scale.

    Attributes:
      look: how, and what must be said of it.
      inputs: indices of those that have a map.
    """

    def __init__(self, series: ReadSeries, steps: Sequence[int]) -> None:
        self.series = series
        self.look = scales.look(series, steps)
        self.inputs = [at for at, grid in enumerate(series.stored.description.grids) if grid.shape]
        self._maps = functools.lru_cache(maxsize=1)(functools.partial(scales.drawn_maps, series))

    def shown(self, step: int) -> int | None:
        """The nearest stored step that is not later; None where the first one is."""
        return max((one for one in self.series.steps if one <= step), default=None)

    def modality(self, index: int) -> str:
        """How the maps of an input are drawn."""
        about, probe = self.series.stored.description, self.series.probe
        axes = len(about.grids[index].shape)
        if probe is None:
            kind = "image" if axes > 1 else "tabular"
        else:
            kind = probe.modality if index == probe.shown else "".join(probe.modalities[index : index + 1])
        return "tabular" if about.units or kind == "" or (kind == "image" and axes < 2) else kind

    def order(self, index: int) -> list[int]:
        """Of a table's rows, by mean |score| over the probe at the last step; [] where it cannot be read."""
        try:
            return largest_first(self._maps(self.series.steps[-1]).scores[self.inputs.index(index)])
        except ValueError:  # the tile says so
            return []

    def tile(self, step: int, index: int, example: int, order: Sequence[int]) -> tuple[Image.Image | None, str]:
        """The map of a stored step, and what makes it say less than it seems.

        Raises nothing for what a log may hold: words say why there is no picture.
        """
        try:
            map_ = self._map(self._maps(step), index, example)
            picture = by_modality.draw(self.modality(index), map_, self.look.look._replace(order=order))
        except ValueError as error:
            return None, str(error)
        own = self.modality(index) == "text" and self._is_cut(example, map_.values.size)
        notes = ["cut at white space, which may not be how the model cuts"] if own else []
        return picture, "; ".join(filter(None, [condition(map_.values, self.look.look.relu), *notes]))

    def lines(self, step: int, example: int) -> list[str]:
        return captions.map_lines(self.series, step, example)

    def _map(self, maps: StepMaps, index: int, example: int) -> Map:
        about, probe, kind = self.series.stored.description, self.series.probe, self.modality(index)
        values = maps.scores[self.inputs.index(index)][example]
        errors = maps.errors[index][example] if index in maps.errors else None
        ids = self._ids(kind, index, example) if maps.segments is not None else None
        if ids is not None and maps.segments is not None:
            values = _spread(maps.segments[example], ids)
            of_segments = [one for one in maps.errors.values() if one.shape == maps.segments.shape]
            errors = _spread(of_segments[0][example], ids) if len(of_segments) == len(maps.errors) == 1 else None
        if kind == "text" and values.ndim > 1:
            values, errors = values.reshape(len(values), -1).sum(axis=1), None
        shape = tuple(about.grids[index].input_shape)
        found = Map(values, shape, errors if errors is not None and errors.shape == values.shape else None, ids)
        if probe is None or about.units:
            return found._replace(units=about.units)
        found = found._replace(inputs=None if kind == "text" else probe.values(example, index))
        return self._named(found, kind, probe, example) if index == probe.shown else found

    def _named(self, found: Map, kind: str, probe: ReadProbe, example: int) -> Map:
        """With what the probe says of the input that it shows."""
        tokens = probe.tokens[example] if example < len(probe.tokens) else []
        if kind == "image":
            return found._replace(picture=probe.picture(example))
        if kind == "text":
            return found._replace(names=cut(tokens[0]) if self._is_cut(example, found.values.size) else tokens)
        fit = kind == "time_series" or len(probe.feature_names) == found.values.size
        words = tokens if probe.modality == kind == "tabular" else []
        return found._replace(names=probe.feature_names if fit else [], words=words)

    def _is_cut(self, example: int, scores: int) -> bool:
        """Whether an example is a text that the model cuts by itself: one string for many scores."""
        rows = [] if self.series.probe is None else self.series.probe.tokens
        return example < len(rows) and len(rows[example]) == 1 and scores > 1

    def _ids(self, kind: str, index: int, example: int) -> NDArray[np.int32] | None:
        segments: Any = [] if self.series.probe is None else self.series.probe.segments
        drawable = index < len(segments) and segments[index].ndim - 1 in _AXES[kind]
        if kind == "tabular" and drawable:  # the rows are those of the scores
            drawable = segments[index].shape[1:] == tuple(self.series.stored.description.grids[index].shape)
        return segments[index][example] if drawable and example < len(segments[index]) else None


def _spread(values: Floats, ids: NDArray[np.int32]) -> Floats:
    """Each cell has the value of its segment; 0, which is drawn as nothing, where it is in none."""
    known = np.concatenate([values, np.array([np.nan], np.float32)])
    found = known[np.clip(ids, -1, len(values))]
    return np.where(ids < 0, np.float32(0), found).astype(np.float32)
