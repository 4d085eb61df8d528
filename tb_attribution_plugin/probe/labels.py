"""Labels and class names: class indices, one-hot rows, values of a regression."""

from __future__ import annotations

from typing import Any

import numpy as np

from tb_attribution_plugin.probe.arrays import Array, frozen, text, to_array


def check_names(names: Any, what: str, length: int | None) -> tuple[str, ...]:
    """Strings in a tuple; `length` of them where it is given."""
    if names is None:
        return ()
    if isinstance(names, str):
        raise TypeError(f"{what} is the string {names!r}; give a list of strings")
    result = tuple(text(name) for name in names)
    if length is not None and len(result) != length:
        raise ValueError(f"{what} has {len(result)} entries, but {length} are needed")
    return result


def check_feature_names(names: Any, shown: Array, modality: str) -> tuple[str, ...]:
    """Names of columns, or of the channels of series."""
    if names is None:
        return ()
    if modality not in ("tabular", "time_series"):
        raise ValueError(f"feature_names are for tables and time series, but the modality is {modality!r}")
    one_channel = shown.ndim == 2 and modality == "time_series"
    return check_names(names, "feature_names", 1 if one_channel else shown.shape[-1])


def check_class_names(names: Any) -> tuple[str, ...]:
    result = check_names(names, "class_names", None)
    if names is not None and not result:
        raise ValueError("class_names is empty; give one name per class, or None")
    if len(set(result)) != len(result):
        twice = next(name for name in result if result.count(name) > 1)
        raise ValueError(f"class_names has {twice!r} twice; names tell classes apart and must differ")
    return result


def check_labels(labels: Any, size: int, class_names: tuple[str, ...]) -> Array | None:
    """Labels as int64 [B] (classes), float64 [B] (values), or [B, C] where they are neither one-hot nor a column.

    Raises:
      ValueError: another length than the inputs, not finite, or outside of `class_names`.
    """
    if labels is None:
        return None
    if isinstance(labels, dict):
        raise TypeError(
            f"labels is a dict with the keys {list(labels)}; give the labels of the output that is explained, one array"
        )
    array = to_array(labels, "labels")
    if array.ndim == 0 or len(array) != size:
        found = "a single value" if array.ndim == 0 else f"{len(array)} entries"
        raise ValueError(f"labels has {found}, but inputs holds {size} examples; give one label per example")
    if array.dtype.kind == "U":
        array = _from_names(array, class_names)
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim == 2:
        array = _from_one_hot(array, class_names)
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        example = int(np.flatnonzero(~np.isfinite(array).reshape(size, -1).all(axis=1))[0])
        raise ValueError(f"labels must be finite, but the label of example {example} is {array[example]}")
    if array.ndim > 1:
        return frozen(array.astype(np.float64 if array.dtype.kind == "f" else np.int64))
    if array.dtype.kind == "f" and not class_names:
        return frozen(array.astype(np.float64))
    return frozen(_indices(array, class_names))


def _from_names(array: Array, class_names: tuple[str, ...]) -> Array:
    if not class_names:
        raise ValueError(f"labels are strings ({str(array.ravel()[0])!r}), so class_names=[...] must say their order")
    unknown = sorted(set(array.ravel().tolist()) - set(class_names))
    if unknown:
        raise ValueError(f"label {unknown[0]!r} is not in class_names {list(class_names)}")
    return np.array([class_names.index(name) for name in array.ravel()]).reshape(array.shape)


def _from_one_hot(array: Array, class_names: tuple[str, ...]) -> Array:
    if class_names and array.shape[1] != len(class_names):
        raise ValueError(
            f"labels of shape {list(array.shape)} have {array.shape[1]} columns for {len(class_names)} class_names"
        )
    one_hot = ((array == 0) | (array == 1)).all() and (array.sum(axis=1) == 1).all()
    return array.argmax(axis=1) if one_hot else array


def _indices(array: Array, class_names: tuple[str, ...]) -> Array:
    indices = array.astype(np.int64)
    broken = np.flatnonzero(indices != array)
    if broken.size:
        example = int(broken[0])
        raise ValueError(
            f"labels with class_names are class indices, but the label of example {example} is {array[example]}; "
            "drop class_names for a regression"
        )
    high = len(class_names) if class_names else None
    outside = np.flatnonzero((indices < 0) | (indices >= high)) if high else np.flatnonzero(indices < 0)
    # A negative integer without class names can be the value of a regression.
    if high and outside.size:
        example = int(outside[0])
        raise ValueError(
            f"labels must lie in 0 .. {high - 1} ({high} class_names), but the label of example {example} is "
            f"{indices[example]}; labels count from 0"
        )
    return indices
