"""How alike two maps are: cosine, centred cosine, and drift from one step to the next."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tb_attribution_plugin.blocks import blocks

Floats = NDArray[np.float64]


def cosine(a: ArrayLike, b: ArrayLike) -> Floats:
    """Cosine per example of maps [B, ...] of float32's range, in -1 .. 1, [B]; NaN where one is zero or not finite."""
    return _compared(a, b, _cosine)


def centred_cosine(a: ArrayLike, b: ArrayLike) -> Floats:
    """Cosine after each map's mean is taken away (Pearson's correlation), for maps without a sign.

    Two unrelated non-negative maps have a cosine well above 0; their centred cosine is about 0. NaN where a map is
    constant.
    """
    return _compared(a, b, lambda x, y: _cosine(_centred(x), _centred(y)))


def drift(current: ArrayLike, previous: ArrayLike | None, *, signed: bool) -> Floats:
    """1 - cosine to the previous map, 0 .. 2, [B]; centred for maps without a sign, NaN without a previous."""
    if previous is None:
        return np.full(len(np.asarray(current)), np.nan)
    return 1.0 - (cosine(current, previous) if signed else centred_cosine(current, previous))


def _compared(a: ArrayLike, b: ArrayLike, measure: Callable[[Floats, Floats], Floats]) -> Floats:
    """`measure` of maps as rows of float64, [B]."""
    x, y = np.asarray(a), np.asarray(b)
    if x.shape != y.shape:
        raise ValueError(f"maps of shapes {x.shape} and {y.shape} cannot be compared; they need one grid")
    found = np.empty(len(x))
    for rows in blocks(len(x), math.prod(x.shape[1:])):
        found[rows] = measure(_rows(x[rows]), _rows(y[rows]))
    return found


def _rows(maps: NDArray[Any]) -> Floats:
    return maps.reshape(len(maps), -1).astype(np.float64)


def _cosine(x: Floats, y: Floats) -> Floats:
    # Squares of all that a float32 holds are far inside of what a float64 holds.
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = _products(x, y) / (np.sqrt(_products(x, x)) * np.sqrt(_products(y, y)))
    return np.clip(ratio, -1.0, 1.0)


def _products(x: Floats, y: Floats) -> Floats:
    return np.einsum("bi,bi->b", x, y)


def _scaled(rows: Floats) -> Floats:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(rows / np.abs(rows).max(axis=1, keepdims=True, initial=0.0))


def _centred(rows: Floats) -> Floats:
    scaled = _scaled(rows)
    centred = scaled - scaled.mean(axis=1, keepdims=True)
    # What is left of a constant map is rounding, not a pattern.
    flat = np.abs(centred).max(axis=1, keepdims=True, initial=0.0) <= 1e-12
    return np.where(flat, 0.0, centred)
