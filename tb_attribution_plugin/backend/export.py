"""A series as a file. The one place of the server that decodes maps, and only when a user asks to download them."""

from __future__ import annotations

import io
from collections.abc import Iterator

import numpy as np
from google.protobuf import json_format
from numpy.typing import NDArray

from tb_attribution_plugin.backend.decoded_maps import DecodedMaps
from tb_attribution_plugin.wire import attribution_pb2 as pb
from tb_attribution_plugin.wire.lines import LAYERS, cells, header, lines


def npz(decoded: DecodedMaps, stats: pb.Stats | None) -> bytes:
    """Arrays by name: steps, wall_times, scores (scores_0, scores_1 for several inputs), errors, segments; `series` is
    the metadata as JSON, `problems` what could not be read. `stats` [S, B, columns] with `stats_columns`.

    Raises:
      TooMuchError: with the stats, there is more than one file holds.
    """
    if stats is not None and stats.examples != decoded.maps.examples:
        decoded.problems.append(f"stats are of {stats.examples} examples, maps of {decoded.maps.examples}")
        stats = None
    if stats is not None:
        decoded.check_size(decoded.values_per_step + stats.examples * len(stats.columns))
    arrays: dict[str, NDArray[np.generic]] = {
        "steps": np.array([step.step for step in decoded.steps], np.int64),
        "wall_times": np.array([step.wall_time for step in decoded.steps], np.float64),
        "series": np.array(json_format.MessageToJson(decoded.maps, preserving_proto_field_name=True, indent=None)),
        "problems": np.array(decoded.problems, np.str_),
    }
    for (layer, index), array in decoded.arrays.items():
        # Never the input's own name: it would be a path inside the archive, and comes from an untrusted file.
        arrays[LAYERS[layer] + (f"_{index}" if len(decoded.maps.grids) > 1 else "")] = array
    if stats is not None:
        shape = len(stats.steps), stats.examples, len(stats.columns)
        table = np.frombuffer(stats.values, "<f4").reshape(shape)
        row = {int(step): one for step, one in zip(stats.steps, table, strict=True)}
        missing = np.full(table.shape[1:], np.nan, np.float32)
        arrays["stats"] = np.stack([row.get(step.step, missing) for step in decoded.steps])
        arrays["stats_columns"] = np.array([_column(column) for column in stats.columns])
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)  # type: ignore[arg-type]  # NumPy's own keyword takes a bool
    return file.getvalue()


def csv(decoded: DecodedMaps) -> bytes:
    """One line per value: step, example, input's index, layer, indices in the map, value."""
    depth = max(array.ndim - 2 for array in decoded.arrays.values())
    return "\r\n".join([header(depth), *_lines(decoded, depth), ""]).encode()


def _lines(decoded: DecodedMaps, depth: int) -> Iterator[str]:
    for (layer, index), array in decoded.arrays.items():
        places = cells(array.shape[2:], depth)
        for step, of_step in zip(decoded.steps, array, strict=True):
            for example, values in enumerate(of_step):
                yield from lines(f"{step.step},{example},{index},{LAYERS[layer]},", places, values)


def _column(number: pb.StatColumn) -> str:
    known = number in pb.StatColumn.values()
    return pb.StatColumn.Name(number).removeprefix("STAT_").lower() if known else str(number)
