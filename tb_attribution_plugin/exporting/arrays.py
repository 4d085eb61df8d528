"""Maps as arrays for other programs: NPZ and CSV."""

from __future__ import annotations

import io
import math
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from google.protobuf import json_format
from numpy.typing import NDArray

from tb_attribution_plugin.drawing.plain_text import file_name
from tb_attribution_plugin.exporting.choice import Choice
from tb_attribution_plugin.logging.read_series import ReadSeries
from tb_attribution_plugin.logging.stored_series import Floats
from tb_attribution_plugin.wire import attribution_pb2 as pb
from tb_attribution_plugin.wire.lines import LAYERS, cells, header, lines

# Values of one NPZ, all arrays together: 512 MiB of float32.
_VALUES = 1 << 27
_CELLS = 1 << 21  # of a map in a table: the indices of all are in memory


def npz(choice: Choice) -> Iterable[bytes]:
    """Arrays by name, of each series NAME.scores [steps, examples, *grid] and so on (docs/wire.md, Files).

    Raises:
      ValueError: more values than one file holds; says how many steps would fit.
    """
    per_step = sum(_values(series) for series in choice.series) * len(choice.examples)
    if per_step * len(choice.steps) > _VALUES:
        raise ValueError(
            f"{len(choice.steps)} steps x {per_step} values are more than the {_VALUES} that one NPZ holds; choose up "
            f"to {_VALUES // per_step} steps with --steps, or fewer --examples or --series"
        )
    probe = choice.series[0].probe
    arrays: dict[str, Any] = {
        "run": np.array(choice.run.name),
        "examples": np.array(choice.examples, np.int64),
        "names": np.array([] if probe is None else [probe.names[i] for i in choice.examples if i < len(probe.names)]),
    }
    if probe is not None and probe.labels is not None and len(probe.labels) == probe.size:
        arrays["labels"] = probe.labels[choice.examples]
    for name, series in _named(choice.series):
        for key, array in _arrays(series, choice).items():
            arrays[f"{name}.{key}"] = array
    arrays["problems"] = np.array(choice.run.problems, np.str_)
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    return [file.getvalue()]


def csv(choice: Choice) -> Iterator[bytes]:
    """A line for each value: series, step, example, input's index, layer, indices in the map, value."""
    depth = max((len(shape) for one in choice.series for shape in [[0], *_shapes(one)]), default=1)
    yield f"series,{header(depth)}\r\n".encode()
    for name, series in _named(choice.series):
        for step in _steps(series, choice):
            for layer, index, values in _layers(series, step):
                if values[0].size > _CELLS:
                    series.stored.report(step, f": a map of {values[0].size} cells is no table; NPZ holds it")
                    continue
                places = cells(values.shape[1:], depth)
                for example in choice.examples:
                    start = f"{name},{step},{example},{index},{layer},"
                    yield "".join(f"{line}\r\n" for line in lines(start, places, values[example])).encode()


def _arrays(series: ReadSeries, choice: Choice) -> dict[str, NDArray[Any]]:
    steps = _steps(series, choice)
    found: dict[str, list[Floats]] = {}
    several = len(series.stored.description.grids) > 1
    for place, step in enumerate(steps):
        for layer, index, values in _layers(series, step):
            key = f"{layer}_{index}" if several and layer != "segments" else layer
            rows = found.setdefault(key, [np.full_like(values[choice.examples], np.nan)] * place)
            rows.append(values[choice.examples])
        for rows in found.values():
            if len(rows) == place:  # this step has none of it
                rows.append(np.full_like(rows[0], np.nan))
    table = [(column, series.column(column)) for column in _COLUMNS]
    places = [series.steps.index(step) for step in steps]
    return {
        "steps": np.array(steps, np.int64),
        **{key: np.stack(rows) for key, rows in found.items()},
        **{column: values[np.ix_(places, choice.examples)] for column, values in table if np.isfinite(values).any()},
        "series": np.array(json_format.MessageToJson(series.stored.description, preserving_proto_field_name=True)),
    }


_COLUMNS = [name.removeprefix("STAT_").lower() for name in pb.StatColumn.keys()[1:]]


def _layers(series: ReadSeries, step: int) -> Iterator[tuple[str, int, Floats]]:
    """(layer, index of the input, [B, *shape]) of a step."""
    try:
        maps = series.stored.maps(step)
    except ValueError as error:
        series.stored.report(step, f": {error}")
        return
    inputs = [at for at, grid in enumerate(series.stored.description.grids) if grid.shape]
    for layer, arrays in ((pb.LAYER_SCORES, maps.scores), (pb.LAYER_ERRORS, maps.errors)):
        yield from ((LAYERS[layer], index, one) for index, one in zip(inputs, arrays, strict=False))
    if maps.segments is not None:
        yield LAYERS[pb.LAYER_SEGMENTS], 0, maps.segments


def _steps(series: ReadSeries, choice: Choice) -> list[int]:
    stored = set(series.steps)
    return [step for step in choice.steps if step in stored]


def _shapes(series: ReadSeries) -> list[list[int]]:
    return [list(grid.shape) for grid in series.stored.description.grids]


def _values(series: ReadSeries) -> int:
    """Of one example and step, scores and errors."""
    return 2 * sum(math.prod(shape) for shape in _shapes(series) if shape)


def _named(series: Iterable[ReadSeries]) -> Iterator[tuple[str, ReadSeries]]:
    """Names that are no path in an archive and no formula in a table: tags come from anybody."""
    taken: set[str] = set()
    for one in series:
        name, count = file_name(one.tag), 2
        while name in taken:
            name, count = f"{file_name(one.tag)}_{count}", count + 1
        taken.add(name)
        yield name, one
