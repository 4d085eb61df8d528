"""Maps as arrays for other programs: NPZ and CSV."""

from __future__ import annotations

import math
import zipfile
from collections.abc import Iterable, Iterator
from typing import IO, Any

import numpy as np
from google.protobuf import json_format
from numpy.typing import NDArray

from tb_attribution_plugin.drawing.plain_text import file_name
from tb_attribution_plugin.exporting.choice import Choice
from tb_attribution_plugin.logging.read_series import ReadSeries
from tb_attribution_plugin.logging.stored_series import Floats
from tb_attribution_plugin.wire import attribution_pb2 as pb
from tb_attribution_plugin.wire.lines import LAYERS, cells, header, lines

_CELLS = 1 << 21  # of a map in a table: the indices of all are in memory
_COLUMNS = [name.removeprefix("STAT_").lower() for name in pb.StatColumn.keys()[1:]]

Layer = tuple[str, int]  # with the index of the input


def npz(choice: Choice, file: IO[bytes]) -> None:
    """Arrays by name, of each series NAME.scores [steps, examples, *grid] and so on (docs/wire.md, Files).

    One step is in memory at a time.
    """
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for key, array in _about(choice).items():
            _put(archive, key, array.dtype, array.shape, [array])
        for name, series in _named(choice.series):
            steps = _steps(series, choice)
            for key, array in _numbers(series, steps, choice.examples).items():
                _put(archive, f"{name}.{key}", array.dtype, array.shape, [array])
            for (layer, index), shape in _shapes(series, steps).items():
                several = len(series.stored.description.grids) > 1 and layer != "segments"
                whole = (len(steps), len(choice.examples), *shape)
                rows = _rows(series, steps, (layer, index), whole[1:], choice.examples)
                _put(archive, f"{name}.{layer}" + (f"_{index}" if several else ""), np.dtype("<f4"), whole, rows)
        problems = np.array([*dict.fromkeys(choice.run.problems)], np.str_)  # read twice, said once
        _put(archive, "problems", problems.dtype, problems.shape, [problems])


def _put(
    archive: zipfile.ZipFile, name: str, dtype: np.dtype[Any], shape: tuple[int, ...], parts: Iterable[NDArray[Any]]
) -> None:
    """An array whose parts follow one another."""
    with archive.open(f"{name}.npy", "w", force_zip64=True) as file:
        about = {"descr": np.lib.format.dtype_to_descr(dtype), "fortran_order": False, "shape": shape}
        np.lib.format.write_array_header_2_0(file, about)
        for part in parts:
            file.write(np.ascontiguousarray(part, dtype).tobytes())


def _about(choice: Choice) -> dict[str, NDArray[Any]]:
    probe = choice.series[0].probe
    names = [] if probe is None else [probe.names[i] for i in choice.examples if i < len(probe.names)]
    found: dict[str, NDArray[Any]] = {
        "run": np.array(choice.run.name),
        "examples": np.array(choice.examples, np.int64),
        "names": np.array(names, np.str_),
    }
    if probe is not None and probe.labels is not None and len(probe.labels) == probe.size:
        found["labels"] = probe.labels[choice.examples]
    return found


def _numbers(series: ReadSeries, steps: list[int], examples: list[int]) -> dict[str, NDArray[Any]]:
    """The steps, the columns that were logged, and what the series says of itself."""
    places = [series.steps.index(step) for step in steps]
    table = {column: series.column(column)[np.ix_(places, examples)] for column in _COLUMNS}
    about = json_format.MessageToJson(series.stored.description, preserving_proto_field_name=True, indent=None)
    return {
        "steps": np.array(steps, np.int64),
        "series": np.array(about),
        **{column: values for column, values in table.items() if np.isfinite(values).any()},
    }


def _shapes(series: ReadSeries, steps: list[int]) -> dict[Layer, tuple[int, ...]]:
    """Of one map of every layer that any step has."""
    found: dict[Layer, tuple[int, ...]] = {}
    for step in steps:
        for layer, index, values in _layers(series, step):
            found.setdefault((layer, index), values.shape[1:])
    return found


def _rows(
    series: ReadSeries, steps: list[int], layer: Layer, shape: tuple[int, ...], examples: list[int]
) -> Iterator[Floats]:
    """Of each step [examples, *shape]; NaN where it has none, or one of another shape."""
    for step in steps:
        maps = {(name, index): values for name, index, values in _layers(series, step)}
        row = maps[layer][examples] if layer in maps else None
        yield row if row is not None and row.shape == shape else np.full(shape, np.nan, np.float32)


def csv(choice: Choice, file: IO[bytes]) -> None:
    """A line for each value: series, step, example, input's index, layer, indices in the map, value."""
    grids = [grid.shape for one in choice.series for grid in one.stored.description.grids]
    depth = max(map(len, grids), default=1) or 1
    file.write(f"series,{header(depth)}\r\n".encode())
    for name, series in _named(choice.series):
        largest = max((math.prod(grid.shape) for grid in series.stored.description.grids), default=0)
        if largest > _CELLS:
            choice.run.problems.append(f"series {series.tag!r}: a map of {largest} cells is no table; NPZ holds it")
            continue
        for step in _steps(series, choice):
            for layer, index, values in _layers(series, step):
                if math.prod(values.shape[1:]) > _CELLS:  # segments are as many as a blob claims
                    series.stored.report(
                        step, f": {layer} of shape {list(values.shape[1:])} are no table; NPZ holds them"
                    )
                    continue
                places = cells(values.shape[1:], depth)
                for example in choice.examples:
                    start = f"{name},{step},{example},{index},{layer},"
                    file.write("".join(f"{line}\r\n" for line in lines(start, places, values[example])).encode())


def _layers(series: ReadSeries, step: int) -> Iterator[tuple[str, int, Floats]]:
    """(layer, index of the input, [B, *shape]) of a step."""
    try:
        maps = series.stored.maps(step)
    except ValueError as error:
        series.stored.report(step, f": {error}")
        return
    inputs = [at for at, grid in enumerate(series.stored.description.grids) if grid.shape]
    scores = dict(zip(inputs, maps.scores, strict=True))
    for layer, arrays in ((pb.LAYER_SCORES, scores), (pb.LAYER_ERRORS, maps.errors)):
        yield from ((LAYERS[layer], index, one) for index, one in arrays.items())
    if maps.segments is not None:
        yield LAYERS[pb.LAYER_SEGMENTS], 0, maps.segments


def _steps(series: ReadSeries, choice: Choice) -> list[int]:
    stored = set(series.steps)
    return [step for step in choice.steps if step in stored]


def _named(series: Iterable[ReadSeries]) -> Iterator[tuple[str, ReadSeries]]:
    """Names that are no path in an archive and no formula in a table: tags come from anybody."""
    taken: set[str] = set()
    for one in series:
        name, count = file_name(one.tag), 2
        while name in taken:
            name, count = f"{file_name(one.tag)}_{count}", count + 1
        taken.add(name)
        yield name, one
