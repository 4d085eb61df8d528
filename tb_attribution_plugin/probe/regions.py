"""Regions that the user names, as boolean masks [B, *grid] over the input."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from tb_attribution_plugin.probe.arrays import Array, frozen, text

_Names = Sequence[str]


def check_regions(
    regions: Any,
    *,
    size: int,
    grid: tuple[int, ...],
    modality: str,
    feature_names: _Names,
    tokens: Sequence[_Names],
) -> dict[str, Array]:
    """One boolean mask [B, *grid] per region.

    A region is one of
      - a boolean (or 0/1) mask [B, *grid], or [*grid] for all examples;
      - image: boxes [B, 4] or [4] in pixels, (y0, x0, y1, x1); a pixel belongs to the box when its centre does, so
        whole numbers mean rows y0 .. y1 - 1. A box without area says that the example has no such region;
      - otherwise: a list of columns or token positions (or of their names) for all examples, or a list of such lists.
    """
    if regions is None:
        return {}
    if not isinstance(regions, Mapping):
        raise TypeError(f"regions is a {type(regions).__name__}; give a dict from a region's name to its mask or boxes")
    result = {}
    for name, value in regions.items():
        if not isinstance(name, str) or not name or "/" in name or name != text(name):
            raise ValueError(f"region name {name!r} must be a string without '/', because it becomes part of a tag")
        what = f"region {name!r}"
        if grid == ():
            raise ValueError(f"{what}: a probe of whole strings has no positions; pass token ids to name regions")
        mask = _mask(value, what, size, grid)
        if mask is None and modality == "image":
            mask = _boxes(value, what, size, grid)
        elif mask is None:
            mask = _positions(value, what, size, grid[0], feature_names if modality == "tabular" else None, tokens)
        if not mask.any():
            raise ValueError(f"{what} is empty in every example; its share would be 0 whatever the model does")
        result[name] = frozen(np.ascontiguousarray(mask))
    return result


def _mask(value: Any, what: str, size: int, grid: tuple[int, ...]) -> Array | None:
    """None where `value` does not look like a mask."""
    try:
        array = np.asarray(value)
    except ValueError:  # a list of lists of different lengths
        return None
    binary = array.dtype.kind == "b"
    if not binary and array.ndim == len(grid) + 1 and array.dtype.kind in "iuf" and array.shape == (size, *grid):
        # [B, F] numbers that are all 0 or 1 are a mask; anything else is read as positions or refused there.
        binary = bool(((array == 0) | (array == 1)).all())
    if not binary:
        return None
    array = array.astype(bool)
    if array.ndim == len(grid) + 2 and array.shape[-1] == 1:
        array = array[..., 0]
    if array.shape == grid or array.shape == (1, *grid):
        return np.broadcast_to(array, (size, *grid))
    if array.shape != (size, *grid):
        raise ValueError(
            f"{what}: mask of shape {list(array.shape)} must be {[size, *grid]}, or {list(grid)} for all examples"
        )
    return array


def _boxes(value: Any, what: str, size: int, grid: tuple[int, ...]) -> Array:
    boxes = np.asarray(value, dtype=np.float64)
    if boxes.shape not in ((4,), (1, 4), (size, 4)):
        raise ValueError(
            f"{what}: numbers of shape {list(boxes.shape)} are neither boxes [{size}, 4] (y0, x0, y1, x1) nor a "
            f"boolean mask {[size, *grid]}"
        )
    boxes = np.broadcast_to(boxes, (size, 4))
    low, high = boxes[:, :2], boxes[:, 2:]
    bad = ~((low >= 0) & (low <= high) & (high <= np.array(grid))).all(axis=1)
    if bad.any():
        example = int(np.flatnonzero(bad)[0])
        raise ValueError(
            f"{what}: box {boxes[example].tolist()} of example {example} must satisfy 0 <= y0 <= y1 <= {grid[0]} and "
            f"0 <= x0 <= x1 <= {grid[1]}; the order is (y0, x0, y1, x1), in pixels of the input"
        )
    centres = [np.arange(side) + 0.5 for side in grid]
    inside = [(c >= low[:, i, None]) & (c < high[:, i, None]) for i, c in enumerate(centres)]
    return np.asarray(inside[0][:, :, None] & inside[1][:, None, :])


def _positions(
    value: Any, what: str, size: int, length: int, feature_names: _Names | None, tokens: Sequence[_Names]
) -> Array:
    items: list[Any] = [value] if isinstance(value, str | int | np.integer) else list(value)
    per_example = bool(items) and all(isinstance(item, list | tuple | np.ndarray) for item in items)
    if per_example and len(items) != size:
        raise ValueError(f"{what}: {len(items)} lists for {size} examples; give one list, or one per example")
    mask = np.zeros((size, length), dtype=bool)
    for example in range(size):
        for item in items[example] if per_example else items:
            mask[example] |= _one(item, what, length, feature_names, tokens[example] if tokens else ())
    for item in [] if per_example else items:
        if isinstance(item, str) and feature_names is None and not any(item in row for row in tokens):
            raise ValueError(f"{what}: no example holds the token {item!r}")
    return mask


def _one(item: Any, what: str, length: int, feature_names: _Names | None, tokens: _Names) -> Array:
    mask = np.zeros(length, dtype=bool)
    if isinstance(item, str):
        if feature_names is not None:
            if item not in feature_names:
                raise ValueError(f"{what}: column {item!r} is not in feature_names {list(feature_names)}")
            mask[list(feature_names).index(item)] = True
        else:
            mask[[i for i, token in enumerate(tokens[:length]) if token == item]] = True
        return mask
    if isinstance(item, bool | float) or not isinstance(item, int | np.integer):
        raise TypeError(f"{what}: {item!r} is neither a position nor a name")
    if not 0 <= item < length:
        raise ValueError(f"{what}: position {item} is outside of 0 .. {length - 1}")
    mask[item] = True
    return mask
