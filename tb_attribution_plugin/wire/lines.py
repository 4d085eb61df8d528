"""Maps as lines of a CSV file, one for each value."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from tb_attribution_plugin.wire import attribution_pb2 as pb

LAYERS = {pb.LAYER_SCORES: "scores", pb.LAYER_ERRORS: "errors", pb.LAYER_SEGMENTS: "segments"}


def header(depth: int) -> str:
    """
    Args:
      depth: axes of the map that has most.
    """
    return ",".join(["step", "example", "input", "layer", *(f"i{axis}" for axis in range(depth)), "value"])


@functools.lru_cache(maxsize=4)
def cells(shape: tuple[int, ...], depth: int) -> list[str]:
    """The indices of every cell of a map."""
    padding = "," * (depth - len(shape))
    return [",".join(map(str, cell)) + padding for cell in itertools.product(*map(range, shape))]


def lines(start: str, cells: Sequence[str], values: NDArray[np.float32]) -> Iterator[str]:
    """
    Args:
      start: what every line begins with, with its comma.
      values: of one map.
    """
    for cell, value in zip(cells, values.ravel().tolist(), strict=True):
        yield f"{start}{cell},{value:.9g}"
