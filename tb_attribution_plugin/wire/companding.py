"""Maps to int8 codes and back.

The companded code keeps a map's bulk at the resolution that a colour bar clipped at the 99th percentile can
show, and its tail at a constant relative error. The rule is stated in attribution.proto (`Companding`).
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tb_attribution_plugin.blocks import blocks
from tb_attribution_plugin.wire import attribution_pb2 as pb
from tb_attribution_plugin.wire.blob import CorruptBlobError
from tb_attribution_plugin.wire.extents import Extents, Floats, extents, magnitudes, percentiles_99

Codes = NDArray[np.int8]

_LEVELS = 127
_KNEE_CODE = 64
_NOT_FINITE = -128


class _Rules(NamedTuple):
    """Of n maps, as pb.Companding says it, [n] each."""

    knee: Floats
    peak: Floats
    knee_code: NDArray[np.int64]

    def of(self, some: slice) -> _Rules:
        return _Rules(self.knee[some], self.peak[some], self.knee_code[some])


def compand(maps: Floats, ends: Extents | None = None) -> tuple[Codes, list[pb.Companding]]:
    """Maps [n, *shape] as int8 codes.

    Args:
      ends: those of the maps, where they are known.

    Returns:
      Codes of the same shape, and for each map the rule that reads them. The error is at most knee / 128 up to the
      knee (the map's 99th percentile of |a|), and relative (peak / knee)^(1/126) - 1 above it.
    """
    rows = maps.reshape(len(maps), math.prod(maps.shape[1:]))
    rules = _rules(rows, extents(rows) if ends is None else ends)
    codes = np.empty(rows.shape, np.int8)
    for some in blocks(*rows.shape):
        codes[some] = _codes(rows[some], rules.of(some))
    each = zip(*(column.tolist() for column in rules), strict=True)
    return codes.reshape(maps.shape), [pb.Companding(knee=k, peak=p, knee_code=c) for k, p, c in each]


def _rules(rows: Floats, ends: Extents) -> _Rules:
    knee, peak = ends.p99.copy(), ends.peak
    # A sparse map can have a 99th percentile of 0; then the knee is that of its non-zero values.
    for row in np.flatnonzero((knee == 0) & (peak > 0)):
        magnitude, _ = magnitudes(rows[row])
        knee[row] = percentiles_99(magnitude[None, magnitude > 0])[0]
    # float32 is what the reader gets; the codes must be made for the numbers it will see.
    low = knee.astype(np.float32)
    high = np.where(peak > 0, peak, np.float32(1))
    tailed = (low > 0) & (low < peak)
    return _Rules(np.where(tailed, low, high), high, np.where(tailed, _KNEE_CODE, _LEVELS))


def _codes(scores: Floats, rules: _Rules) -> Codes:
    """Of maps [n, cells]."""
    magnitude, finite = magnitudes(scores)
    # In float64, so that the same map has the same codes everywhere.
    knee = rules.knee.astype(np.float64)
    scaled = magnitude.astype(np.float64)
    scaled *= (rules.knee_code / knee)[:, None]
    beyond = np.flatnonzero(magnitude > rules.knee[:, None])
    if len(beyond):
        row = beyond // magnitude.shape[1]
        octaves = np.log(magnitude.take(beyond) / knee[row]) / np.log(rules.peak / knee)[row]
        scaled.put(beyond, _KNEE_CODE + octaves * (_LEVELS - _KNEE_CODE))
    codes = np.rint(scaled, out=scaled).astype(np.int8)
    # 0 or -1: c ^ -1 is -c - 1.
    sign = -np.signbit(scores).view(np.int8)
    codes ^= sign
    codes -= sign
    if finite is not None:
        codes[~finite] = _NOT_FINITE
    return codes


def expand(codes: Codes, rule: pb.Companding) -> Floats:
    """Inverse of `compand` for one map, up to its error."""
    if not 1 <= rule.knee_code <= _LEVELS or not (math.inf > rule.peak >= rule.knee >= 0):
        raise CorruptBlobError(f"no such companding rule: knee {rule.knee}, peak {rule.peak}, code {rule.knee_code}")
    # By the code's own byte, so that a map takes no memory but its values.
    return _values(rule)[codes.view(np.uint8)]


def _values(rule: pb.Companding) -> Floats:
    """The value of every code, by its byte: 0 .. 127, then -128 (NaN) .. -1."""
    code = np.arange(_LEVELS + 1, dtype=np.float64)
    table = rule.knee * code / rule.knee_code
    if rule.knee_code < _LEVELS and rule.knee > 0:
        exponent = (code - rule.knee_code) / (_LEVELS - rule.knee_code)
        table = np.where(code > rule.knee_code, rule.knee * (rule.peak / rule.knee) ** exponent, table)
    return np.concatenate([table, [np.nan], -table[:0:-1]]).astype(np.float32)
