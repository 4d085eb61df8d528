"""A probe as an `.npz` file: arrays of numbers and of unicode strings, nothing that needs unpickling.

| key | holds |
|---|---|
| `x`; `x/NAME` for a dict of inputs; `x0`, `x1` ... for a list | the inputs, first axis the example |
| `y` | labels |
| `names`, `class_names`, `feature_names` | strings |
| `modality` | one string |
| `regions/NAME` | masks, or boxes [B, 4] |
| `background`, `segments`, with keys as those of `x` | rows; ids |
| `display` | pixels |
| `tokens` [B, T], or `tokens/0`, `tokens/1` ... where examples differ in length | strings |
| `store_inputs` | one bool |

NumPy drops NULs at the end of a string, so strings that have one are not saved.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from itertools import count, takewhile
from typing import TYPE_CHECKING, Any

import numpy as np

from tb_attribution_plugin.probe import npz
from tb_attribution_plugin.probe.arrays import Array

if TYPE_CHECKING:
    from tb_attribution_plugin.probe.probe import Probe

_ARGUMENTS = {"y": "labels"} | {
    name: name for name in ("names", "class_names", "feature_names", "modality", "display", "store_inputs")
}
_STRUCTURES = {"x": "inputs", "background": "background", "segments": "segments", "tokens": "tokens"}
_KEYS = ("x", *_ARGUMENTS, "regions/NAME", "background", "segments", "tokens")


def save(probe: Probe, path: str | os.PathLike[str]) -> None:
    """Writes the file under exactly this name.

    Raises:
      ValueError: a string or the size is not for such a file; says which.
    """
    arrays: dict[str, Any] = _flat("x", probe.inputs)
    for key, value in (("background", probe.background), ("segments", probe.segments)):
        arrays |= _flat(key, value)
    # A modality by shape is found again, and by shape again.
    left_out = () if probe.is_given(probe.modality) else ("modality",)
    for key, argument in _ARGUMENTS.items():
        value = None if key in left_out else getattr(probe, argument)
        if value is not None and np.size(value):
            arrays[key] = _array(key, value)
    arrays |= {f"regions/{name}": mask for name, mask in probe.regions.items()}
    arrays |= {f"tokens/{row}": _array(f"tokens[{row}]", tokens) for row, tokens in enumerate(probe.tokens)}
    npz.write(path, arrays)


def load(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Arguments of a Probe.

    Raises:
      ValueError: not such a file; names the key, the rule and the fix.
      OSError: no file.
    """
    arrays = npz.read(os.fspath(path))
    found: dict[str, Any] = {}
    for key, argument in _STRUCTURES.items():
        value = _structure(key, arrays)
        if value is not None:
            found[argument] = value
    if "inputs" not in found:
        raise ValueError(
            f"{path} holds {sorted(arrays)}, but no 'x': the inputs, first axis the example ('x/NAME' for each of a "
            "model with several)"
        )
    for key in [key for key in arrays if key.startswith("regions/")]:
        found.setdefault("regions", {})[key.removeprefix("regions/")] = _plain(arrays.pop(key))
    for key, argument in _ARGUMENTS.items():
        if key in arrays:
            found[argument] = _plain(arrays.pop(key))
    if arrays:
        raise ValueError(f"{path} holds {sorted(arrays)[0]!r}, which is no part of a probe; those are {list(_KEYS)}")
    if "tokens" in found:
        rows = found["tokens"]
        found["tokens"] = [row.tolist() for row in (_in_order(path, rows) if isinstance(rows, dict) else rows)]
    return found


def _in_order(path: str | os.PathLike[str], rows: dict[str, Array]) -> list[Array]:
    """Of `tokens/0`, `tokens/1` ..., which an archive may hold in any order."""
    wanted = list(map(str, range(len(rows))))
    if strange := sorted(set(rows) - set(wanted)):
        raise ValueError(
            f"{path} holds 'tokens/{strange[0]}'; the {len(rows)} rows of tokens are tokens/0 .. tokens/{wanted[-1]}, "
            "one for each example"
        )
    return [rows[one] for one in wanted]


def _array(what: str, value: Any) -> Array:
    if not isinstance(value, tuple):
        return np.asarray(value)
    for text in value:
        if text.endswith("\0"):
            raise ValueError(f"{what} holds {text!r}; NumPy drops NULs at the end of a string, so take them away")
    return np.array(value, dtype=str)


def _flat(key: str, value: Any) -> dict[str, Array]:
    if value is None:
        return {}
    if isinstance(value, Mapping):
        return {f"{key}/{name}": array for name, array in value.items()}
    if isinstance(value, list):
        return {f"{key}{index}": array for index, array in enumerate(value)}
    return {key: value}


def _structure(key: str, arrays: dict[str, Array]) -> Any:
    """What `_flat` took apart; its arrays are taken out."""
    if key in arrays:
        return arrays.pop(key)
    if named := [one for one in arrays if one.startswith(f"{key}/")]:
        return {one.removeprefix(f"{key}/"): arrays.pop(one) for one in named}
    listed = list(takewhile(arrays.__contains__, (f"{key}{index}" for index in count())))
    return [arrays.pop(one) for one in listed] or None


def _plain(array: Array) -> Any:
    """Strings and single values as Python has them."""
    return array.tolist() if array.dtype.kind == "U" or array.ndim == 0 else array
