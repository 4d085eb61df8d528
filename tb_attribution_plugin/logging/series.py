"""What is declared once about a series, and how one step of it becomes values of an event."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tb_attribution_plugin.attribution import Attribution
from tb_attribution_plugin.evaluation.similarity import drift
from tb_attribution_plugin.logging import events, grids, maps, statistics
from tb_attribution_plugin.logging.description import Storage, Traits
from tb_attribution_plugin.logging.grids import Floats
from tb_attribution_plugin.logging.maps import StoredMaps
from tb_attribution_plugin.logging.segments import DrawnSegments
from tb_attribution_plugin.logging.stored_grids import kind_of
from tb_attribution_plugin.probe import Probe
from tb_attribution_plugin.wire import attribution_pb2 as pb
from tb_attribution_plugin.wire import histogram, names
from tb_attribution_plugin.wire.extents import extents


class Series:
    """One tag of one writer: its declaration, the grid of its first step, and the maps of its last."""

    def __init__(
        self, description: pb.MapSeries, probe: Probe, storage: Storage, drawn: DrawnSegments, traits: Traits
    ) -> None:
        self._description = description
        self._traits = traits
        self._probe = probe
        self._storage = storage
        self._drawn = drawn
        self._previous: Floats | None = None

    def values(
        self,
        attribution: Attribution,
        outputs: NDArray[np.float64] | None,
        targets: NDArray[np.float64] | None,
        seconds: float,
    ) -> tuple[list[events.Value], Floats]:
        """Values of one event, and the cells to hand to `written` once they are on disk.

        Raises:
          ValueError: shapes that do not belong to the probe or to the series' earlier steps.
        """
        tag = self._description.tag
        stored, shapes = self._stored(attribution)
        columns = statistics.of_outputs(outputs, targets)
        for column, name in (
            (pb.STAT_OUTPUT, "outputs"),
            (pb.STAT_BASELINE_OUTPUT, "baseline_outputs"),
            (pb.STAT_RESIDUAL, "residual"),
            (pb.STAT_EVALUATIONS, "evaluations"),
        ):
            value = getattr(attribution, name)
            if value is not None:
                columns[column] = per_example(value, self._probe.size, f"{name} of {tag!r}")
        rows = None if stored.segments is None else self._drawn.values(stored.segments, tag)
        self._fix_grids(stored, shapes)  # last of the checks: it stays
        cells = stored.cells
        ends = extents(cells)
        columns |= statistics.of_cells(cells, ends) if rows is None else statistics.of_rows(rows)
        columns[pb.STAT_DRIFT] = drift(cells, self._previous, signed=self._description.signed)
        elements = maps.encode(stored, self._storage.code, ends if len(stored.scores) == 1 else None)
        counts = histogram.log_histogram(cells if rows is None else np.concatenate(rows))
        return self._events(elements, statistics.table(self._probe.size, columns), counts, seconds), cells

    def _events(self, elements: list[bytes], table: Floats, counts: Floats, seconds: float) -> list[events.Value]:
        tag, version = self._description.tag, names.WIRE_VERSION
        return [
            events.blobs(names.MAPS + tag, elements, pb.TagMetadata(version=version, maps=self._description)),
            events.tensor(
                names.STATS + tag,
                table,
                pb.TagMetadata(version=version, stats=pb.StatsSeries(tag=tag, columns=statistics.COLUMNS)),
            ),
            events.tensor(
                names.HISTOGRAM + tag, counts, pb.TagMetadata(version=version, histogram=histogram.layout(tag))
            ),
            events.scalar(names.SECONDS + tag, seconds, pb.TagMetadata(version=version, steps=pb.StepSeries(tag=tag))),
        ]

    def written(self, cells: Floats | None) -> None:
        """The step whose cells these are is on disk: the next one drifts from it. None: there was no step."""
        self._previous = cells

    def _stored(self, attribution: Attribution) -> tuple[StoredMaps, list[tuple[int, ...]]]:
        probe, storage, tag = self._probe, self._storage, self._description.tag
        found = _arrays(attribution.scores, probe, f"scores of {tag!r}")
        # A class activation map is one map, however many inputs there are: it is drawn on the input that is shown.
        inputs = range(len(probe.arrays)) if len(found) == len(probe.arrays) else [probe.shown]
        kinds = [kind_of(self._description, self._traits, probe.modalities[index]) for index in inputs]
        per_place = self._traits.per_place
        scores = [grids.of_places(*one) for one in zip(found, kinds, strict=True)] if per_place else found
        grouped = attribution.segment_scores
        if grouped is not None:
            grouped = _checked(grouped, probe.size, f"segment_scores of {tag!r}")
            if grouped.ndim != 2:
                raise ValueError(f"segment_scores of {tag!r} have shape {list(grouped.shape)}; they are [B, K]")
        errors: list[Floats] = []
        if attribution.errors is not None:
            standard = self._description.error_kind == pb.ERROR_STANDARD_ERROR
            independent = standard and not self._traits.correlated_errors
            if grouped is not None and np.shape(attribution.errors) == grouped.shape:
                errors = [_checked(attribution.errors, probe.size, f"errors of {tag!r}")]
            else:
                raw = _arrays(attribution.errors, probe, f"errors of {tag!r}")
                for one, score in zip(raw, found, strict=True):
                    if one.shape != score.shape:
                        raise ValueError(
                            f"errors of {tag!r} have shape {list(one.shape)}, but scores {list(score.shape)}; give one "
                            "error per score, or per segment"
                        )
                raw = [grids.of_places(*one) for one in zip(raw, kinds, strict=True)] if per_place else raw
                errors = [
                    grids.stored_errors(one, kind, storage.resolution, storage.channels, independent, per_place)
                    for one, kind in zip(raw, kinds, strict=True)
                ]
        stored = [
            grids.stored(one, kind, storage.resolution, storage.channels, per_place)
            for one, kind in zip(scores, kinds, strict=True)
        ]
        axes = [grids.coarse_axes(kind) for kind in kinds]
        return StoredMaps(stored, errors, grouped, axes, inputs), [one.shape[1:] for one in scores]

    def _fix_grids(self, stored: StoredMaps, shapes: list[tuple[int, ...]]) -> None:
        found = [
            pb.Grid(input=name, input_shape=array.shape[1:])
            for name, array in zip(self._probe.input_names, self._probe.arrays, strict=True)
        ]
        for index, one, shape in zip(stored.inputs, stored.scores, shapes, strict=True):
            found[index].shape.extend(one.shape[1:])
            found[index].method_shape.extend(shape)
        if not self._description.grids:
            self._description.grids.extend(found)
            self._description.channels_summed = any(
                len(grid.shape) < len(grid.method_shape) and grid.method_shape[-1] > 1 for grid in found
            )
            return
        for before, now in zip(self._description.grids, found, strict=True):
            if before != now:
                raise ValueError(
                    f"scores of {self._description.tag!r} have the grid {list(now.method_shape)} (stored as "
                    f"{list(now.shape)}), but earlier steps have {list(before.method_shape)} (stored as "
                    f"{list(before.shape)}); a series keeps one grid, so log this one under another tag"
                )


def per_example(value: Any, size: int, what: str) -> NDArray[np.float64]:
    """[B] as float64; one number stands for every example."""
    array = np.asarray(value, dtype=np.float64)
    if array.ndim == 0:
        array = np.full(size, array)
    if array.shape != (size,):
        raise ValueError(f"{what} has shape {list(array.shape)}, but the probe has {size} examples: [{size}] is needed")
    return array


def _arrays(structure: Any, probe: Probe, what: str) -> list[Floats]:
    """One array [B, ...] per input, or the one of a class activation map; [B] becomes [B, 1] for an input [B]."""
    count = len(probe.arrays)
    if isinstance(structure, Mapping):
        if set(structure) != set(probe.input_names):
            raise ValueError(f"{what} have the inputs {sorted(structure)}, but the probe has {list(probe.input_names)}")
        items: Sequence[Any] = [structure[name] for name in probe.input_names]
    elif isinstance(structure, list | tuple) and (
        count > 1 or (len(structure) == 1 and hasattr(structure[0], "shape"))
    ):
        items = structure
    else:
        items = [structure]
    if len(items) not in (1, count):
        raise ValueError(f"{what} hold {len(items)} arrays, but the probe has {count} inputs {list(probe.input_names)}")
    inputs = probe.arrays if len(items) == count else [probe.arrays[probe.shown]]
    return [
        _checked(_columns(item) if one.ndim == 1 else item, probe.size, what)
        for item, one in zip(items, inputs, strict=True)
    ]


def _columns(value: Any) -> NDArray[Any]:
    array = np.asarray(value)
    return array[:, None] if array.ndim == 1 else array


def _checked(value: Any, size: int, what: str) -> Floats:
    array = np.asarray(value)
    if array.dtype.kind not in "biuf" and array.dtype.name != "bfloat16":
        raise TypeError(f"{what} have dtype {array.dtype}; numbers are needed")
    if array.ndim < 2 or len(array) != size or array.size == 0:
        raise ValueError(
            f"{what} have shape {list(array.shape)}, but the probe has {size} examples: [{size}, ...] is needed"
        )
    with np.errstate(over="ignore"):
        return array.astype(np.float32, copy=False)
