"""From values to colours, over a table of 4096 entries as on the page (frontend/src/math/lookup.ts)."""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tb_attribution_plugin.drawing.colours import Bytes, rgb, rounded

Floats = NDArray[np.float32]

ENTRIES = 4096
_NOT_FINITE = 0  # entry of a value that is not finite; real values start at 1
_CENTRE = ENTRIES // 2
# Heat over a picture is opaque from here on.
_OPAQUE_FROM = 2 / 3


class Scale(NamedTuple):
    """How values become colours.

    Attributes:
      vmax: value at the end of the bar, > 0.
      signed: signed scores take a diverging map, symmetric about 0; others a sequential one from 0.
      gamma: colours follow |value / vmax| ** gamma.
      known: whether there is anything to scale by; otherwise vmax is 1 and says nothing.
    """

    vmax: float
    signed: bool
    gamma: float = 1.0
    known: bool = True


def bend(shares: Any, gamma: float) -> NDArray[np.float64]:
    """Places on the colour map of values / vmax."""
    t = np.asarray(shares, np.float64)
    return np.sign(t) * np.abs(t) ** gamma


def unbend(places: Any, gamma: float) -> NDArray[np.float64]:
    """The values / vmax that have these places."""
    return bend(places, 1 / gamma)


def entries(values: Any, scale: Scale) -> NDArray[np.int64]:
    """Table entries: 2048 is zero of a signed scale, 1 is zero of an unsigned one."""
    array = np.asarray(values, np.float64)
    zero, length = (_CENTRE, _CENTRE - 1) if scale.signed else (1, ENTRIES - 2)
    finite = np.isfinite(array)
    at = zero + rounded(np.where(finite, array, 0.0) * (length / scale.vmax))
    return np.where(finite, np.clip(at, 1, ENTRIES - 1), _NOT_FINITE).astype(np.int64)


def positions(at: Any, signed: bool) -> NDArray[np.float64]:
    """The values / vmax that entries stand for: -1..1 (signed) or 0..1."""
    entry = np.asarray(at, np.float64)
    return (entry - _CENTRE) / (_CENTRE - 1) if signed else (entry - 1) / (ENTRIES - 2)


def overlay_alpha(places: Any) -> NDArray[np.float64]:
    """Opacity of the heat over a picture, 0..1: zero is transparent."""
    return np.minimum(1.0, np.abs(np.asarray(places, np.float64)) / _OPAQUE_FROM)


@functools.lru_cache(maxsize=16)
def table(colours: str, signed: bool, gamma: float, overlay: bool) -> Bytes:
    """RGBA of every entry, [4096, 4]. Of what is not finite nothing is drawn: the hatch below says so.

    Args:
      overlay: alpha grows with |value|, for drawing over a picture; otherwise opaque.
    """
    places = bend(positions(np.arange(1, ENTRIES), signed), gamma)
    made = np.zeros((ENTRIES, 4), np.uint8)
    made[1:, :3] = rgb(colours, places)
    made[1:, 3] = rounded(255 * overlay_alpha(places)) if overlay else 255
    made.flags.writeable = False
    return made


def colourise(values: Floats, scale: Scale, colours: str, *, overlay: bool = False) -> Bytes:
    """RGBA of a map, [..., 4]."""
    return table(colours, scale.signed, scale.gamma, overlay)[entries(values, scale)]
