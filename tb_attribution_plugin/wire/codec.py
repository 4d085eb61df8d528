"""Maps to compressed parts and back."""

from __future__ import annotations

import math
import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np
from isal import isal_zlib
from numpy.typing import NDArray

from tb_attribution_plugin.wire import attribution_pb2 as pb
from tb_attribution_plugin.wire.blob import CorruptBlobError, inflate
from tb_attribution_plugin.wire.companding import compand, expand
from tb_attribution_plugin.wire.extents import Extents, Floats

CODES = {"uint8": pb.CODE_INT8_COMPANDED, "float16": pb.CODE_FLOAT16, "float32": pb.CODE_FLOAT32}

_SEARCHED_CELLS = 4096
_DTYPES: dict[int, np.dtype[Any]] = {
    pb.CODE_INT8_COMPANDED: np.dtype("<i1"),
    pb.CODE_FLOAT16: np.dtype("<f2"),
    pb.CODE_FLOAT32: np.dtype("<f4"),
}
# A map of more cells than this is not one that a screen can show; a reader refuses it before it allocates.
MAX_CELLS = 1 << 26
MAX_RANK = 8


def encode_part(
    maps: Floats,
    code: int = pb.CODE_INT8_COMPANDED,
    *,
    layer: int = pb.LAYER_SCORES,
    input_index: int = 0,
    thumbnail: bool = False,
    ends: Extents | None = None,
) -> pb.Part:
    """Compresses maps [count, *shape] of one shape together; `ends`: those of the maps, where they are known."""
    data, rules = _coded(maps, code, ends)
    about = pb.Part(layer=layer, input=input_index, code=code, thumbnail=thumbnail)  # type: ignore[arg-type]
    return _part(data, rules, about)


def encode_each(
    maps: Floats,
    code: int = pb.CODE_INT8_COMPANDED,
    *,
    layer: int = pb.LAYER_SCORES,
    input_index: int = 0,
    ends: Extents | None = None,
) -> list[pb.Part]:
    """As `encode_part`, but a part for each map."""
    data, rules = _coded(maps, code, ends)
    about = pb.Part(layer=layer, input=input_index, code=code)  # type: ignore[arg-type]
    return [_part(data[i : i + 1], rules[i : i + 1], about) for i in range(len(data))]


def _coded(maps: Floats, code: int, ends: Extents | None) -> tuple[NDArray[Any], list[pb.Companding]]:
    """What is compressed, and the rule of each map that is companded."""
    if code == pb.CODE_INT8_COMPANDED:
        return compand(maps, ends)
    with np.errstate(over="ignore"):  # beyond float16 is inf, and the page says so
        return maps.astype(_DTYPES[code]), []


def _part(data: NDArray[Any], rules: list[pb.Companding], about: pb.Part) -> pb.Part:
    part = pb.Part(shape=data.shape[1:], count=len(data), companding=rules, payload=_deflated(data))
    part.MergeFrom(about)
    return part


def _deflated(data: NDArray[Any]) -> bytes:
    # A large grid is that of gradients, which are noise: zlib takes half of the time that a step takes, ISA-L a quarter
    # of that for 4% fewer bytes. Few cells are searched thoroughly.
    if data.size > _SEARCHED_CELLS:
        return bytes(isal_zlib.compress(data.tobytes(), 1))
    return zlib.compress(data.tobytes(), 6)


def check_shape(count: int, shape: Sequence[int]) -> None:
    """Refuses maps [count, *shape] that no array can hold, before anything is allocated for them.

    Raises:
      CorruptBlobError: more than `MAX_RANK` axes, or more than `MAX_CELLS` values along the axes that are not empty.
    """
    if len(shape) > MAX_RANK:
        raise CorruptBlobError(f"maps with {len(shape)} axes; a map has at most {MAX_RANK}")
    # NumPy multiplies the sides of an empty array too, and overflows.
    if math.prod(side or 1 for side in (count, *shape)) > MAX_CELLS:
        raise CorruptBlobError(f"maps of shape {(count, *shape)} hold more than {MAX_CELLS} values")


def decode_part(part: pb.Part) -> NDArray[np.float32]:
    """The maps of a part, [count, *shape]; NaN where a value was not finite.

    Raises:
      CorruptBlobError: shape, code and payload do not fit together.
    """
    dtype = _DTYPES.get(part.code)
    if dtype is None:
        raise CorruptBlobError(f"unknown code {part.code}")
    check_shape(part.count, part.shape)
    shape = (part.count, *part.shape)
    companded = part.code == pb.CODE_INT8_COMPANDED
    if companded and len(part.companding) != part.count:
        raise CorruptBlobError(f"{part.count} maps with {len(part.companding)} companding rules")
    data = np.frombuffer(inflate(part.payload, math.prod(shape) * dtype.itemsize), dtype).reshape(shape)
    if not companded:
        return data.astype(np.float32)
    maps = np.empty(shape, np.float32)
    for i, rule in enumerate(part.companding):
        maps[i] = expand(data[i], rule)
    return maps
