"""Maps to compressed parts and back.

The companded code keeps a map's bulk at the resolution that a colour bar clipped at the 99th percentile can
show, and its tail at a constant relative error. The rule is stated in attribution.proto (`Companding`).
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tb_attribution_plugin.wire import attribution_pb2 as pb
from tb_attribution_plugin.wire.blob import CorruptBlobError, inflate

CODES = {"uint8": pb.CODE_INT8_COMPANDED, "float16": pb.CODE_FLOAT16, "float32": pb.CODE_FLOAT32}

_LEVELS = 127
_KNEE_CODE = 64
_NOT_FINITE = -128
_SEARCHED_CELLS = 4096
_EVERY = 17  # prime to most widths: every 16th cell of a 112-wide map lies in one of 7 columns
_DTYPES: dict[int, np.dtype[Any]] = {
    pb.CODE_INT8_COMPANDED: np.dtype("<i1"),
    pb.CODE_FLOAT16: np.dtype("<f2"),
    pb.CODE_FLOAT32: np.dtype("<f4"),
}
# A map of more cells than this is not one that a screen can show; a reader refuses it before it allocates.
MAX_CELLS = 1 << 26
MAX_RANK = 8


def compand(scores: NDArray[np.float32]) -> tuple[NDArray[np.int8], pb.Companding]:
    """One map as int8 codes.

    Args:
      scores: any shape, float32.

    Returns:
      Codes of the same shape, and the rule that reads them. The error is at most knee / 128 up to the knee
      (the map's 99th percentile of |a|), and relative (peak / knee)^(1/126) - 1 above it.
    """
    magnitude = np.abs(scores)
    values = magnitude.ravel()
    finite = None
    if not math.isfinite(values.max(initial=0.0)):  # NaN is the largest of all
        finite = np.isfinite(magnitude)
        values = magnitude[finite]
        magnitude = np.where(finite, magnitude, np.float32(0))
    rule = _rule(values)
    codes = _codes(magnitude, rule)
    # The sign bit as 0 or -1: c ^ -1 is -c - 1.
    sign = (scores.view(np.int32) >> 31).astype(np.int8)
    signed = (codes ^ sign) - sign
    if finite is not None:
        signed[~finite] = _NOT_FINITE
    return signed, rule


def _rule(values: NDArray[np.float32]) -> pb.Companding:
    """The rule for the magnitudes [n] of the finite values of a map."""
    peak = float(values.max(initial=0.0))
    if peak == 0.0:
        return pb.Companding(knee=1.0, peak=1.0, knee_code=_LEVELS)
    # A sparse map can have a 99th percentile of 0; then the knee is that of its non-zero values.
    knee = percentile_99(values) or percentile_99(values[values > 0])
    # float32 is what the reader gets; the codes must be made for the numbers it will see.
    knee = float(np.float32(knee))
    if not 0.0 < knee < peak:
        return pb.Companding(knee=peak, peak=peak, knee_code=_LEVELS)
    return pb.Companding(knee=knee, peak=peak, knee_code=_KNEE_CODE)


def _codes(magnitude: NDArray[np.float32], rule: pb.Companding) -> NDArray[np.int8]:
    """|code| of every magnitude, 0 .. 127."""
    knee, knee_code = rule.knee, rule.knee_code
    # In float64, said as such: the NumPys disagree on the type of a float32 array times a float64 number.
    codes = np.multiply(magnitude, knee_code / knee, dtype=np.float64)
    if knee_code < _LEVELS:
        beyond = magnitude > np.float32(knee)
        octaves = np.log(np.divide(magnitude[beyond], knee, dtype=np.float64)) / math.log(rule.peak / knee)
        codes[beyond] = knee_code + octaves * (_LEVELS - knee_code)
    return np.rint(codes, out=codes).astype(np.int8)


def percentile_99(values: NDArray[np.float32]) -> float:
    """The 99th percentile of values [n > 0], between its neighbours on a straight line."""
    place = 0.99 * (len(values) - 1)
    low = int(place)
    tail = np.sort(_tail(values, len(values) - low))
    first = len(tail) - (len(values) - low)
    below, above = float(tail[first]), float(tail[min(first + 1, len(tail) - 1)])
    return below + (above - below) * (place - low)


def _tail(values: NDArray[np.float32], count: int) -> NDArray[np.float32]:
    """Some of the values, the `count` largest among them; sorting a few takes a fraction of the time of sorting all."""
    sample = np.sort(values[::_EVERY])
    if len(sample) < _EVERY:
        return values
    tail = values[values >= sample[int(0.97 * len(sample))]]
    return tail if len(tail) >= count else values


def expand(codes: NDArray[np.int8], rule: pb.Companding) -> NDArray[np.float32]:
    """Inverse of `compand`, up to its error."""
    if not 1 <= rule.knee_code <= _LEVELS or not (math.inf > rule.peak >= rule.knee >= 0):
        raise CorruptBlobError(f"no such companding rule: knee {rule.knee}, peak {rule.peak}, code {rule.knee_code}")
    # By the code's own byte, so that a map takes no memory but its values.
    return _values(rule)[codes.view(np.uint8)]


def _values(rule: pb.Companding) -> NDArray[np.float32]:
    """The value of every code, by its byte: 0 .. 127, then -128 (NaN) .. -1."""
    code = np.arange(_LEVELS + 1, dtype=np.float64)
    table = rule.knee * code / rule.knee_code
    if rule.knee_code < _LEVELS and rule.knee > 0:
        exponent = (code - rule.knee_code) / (_LEVELS - rule.knee_code)
        table = np.where(code > rule.knee_code, rule.knee * (rule.peak / rule.knee) ** exponent, table)
    return np.concatenate([table, [np.nan], -table[:0:-1]]).astype(np.float32)


def encode_part(
    maps: NDArray[np.float32],
    code: int = pb.CODE_INT8_COMPANDED,
    *,
    layer: int = pb.LAYER_SCORES,
    input_index: int = 0,
    thumbnail: bool = False,
) -> pb.Part:
    """Compresses maps [count, *shape] of one shape."""
    part = pb.Part(
        layer=layer,  # type: ignore[arg-type]
        input=input_index,
        shape=maps.shape[1:],
        count=len(maps),
        code=code,  # type: ignore[arg-type]
        thumbnail=thumbnail,
    )
    if code == pb.CODE_INT8_COMPANDED:
        pairs = [compand(one) for one in maps]
        part.companding.extend(rule for _, rule in pairs)
        data = np.stack([codes for codes, _ in pairs]) if pairs else np.zeros(0, np.int8)
    else:
        with np.errstate(over="ignore"):  # beyond float16 is inf, and the page says so
            data = maps.astype(_DTYPES[code])
    part.payload = _deflated(data)
    return part


def _deflated(data: NDArray[Any]) -> bytes:
    # A large grid is that of gradients, which are noise: searching it for repetitions takes twice the time of
    # everything else here and saves 4%. Runs of zeros are found all the same.
    strategy = zlib.Z_RLE if data.size > _SEARCHED_CELLS else zlib.Z_DEFAULT_STRATEGY
    stream = zlib.compressobj(6, zlib.DEFLATED, zlib.MAX_WBITS, zlib.DEF_MEM_LEVEL, strategy)
    return stream.compress(data.tobytes()) + stream.flush()


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
