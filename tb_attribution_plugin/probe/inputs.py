"""The inputs of a model: one array, or a dict or list of them."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from tb_attribution_plugin.probe.arrays import Array, check_finite, text, to_array


def examples(inputs: Any) -> tuple[tuple[str, ...], tuple[Array, ...]]:
    """Names and arrays of inputs that can be explained, all finite; see `flatten`.

    Raises:
      TypeError, ValueError: what is wrong, with the value and the fix.
    """
    names, arrays = rows(inputs)
    check_values(names, arrays)
    return names, arrays


def rows(inputs: Any) -> tuple[tuple[str, ...], tuple[Array, ...]]:
    """Names and arrays [B, ...] with one B >= 1.

    Raises:
      TypeError, ValueError: what is wrong, with the value and the fix.
    """
    if isinstance(inputs, str | os.PathLike):
        raise TypeError(f"inputs is a path, {os.fspath(inputs)!r}; give Probe.load(path), or the arrays themselves")
    names, arrays = flatten(inputs)
    for title, array in zip(_titles(names), arrays, strict=True):
        if array.ndim == 0:
            raise ValueError(f"{title} is a single value; the first axis is the example, as in x[None]")
        if array.size == 0:
            raise ValueError(f"{title} of shape {list(array.shape)} is empty; at least one example is needed")
    lengths = [len(array) for array in arrays]
    if len(set(lengths)) > 1:
        listed = ", ".join(f"{name!r}: {length}" for name, length in zip(names, lengths, strict=True))
        raise ValueError(f"inputs must hold the same number of examples, but hold {listed}")
    return names, arrays


def check_values(names: tuple[str, ...], arrays: tuple[Array, ...], *, missing: bool = False) -> None:
    """Raises ValueError where a value is not finite; `missing` lets NaN pass."""
    for title, array in zip(_titles(names), arrays, strict=True):
        check_finite(array, title, "drop these examples or fill the gaps", missing=missing)


def _titles(names: tuple[str, ...]) -> list[str]:
    return [f"inputs[{name!r}]" if name else "inputs" for name in names]


def flatten(structure: Any, what: str = "inputs") -> tuple[tuple[str, ...], tuple[Array, ...]]:
    """Names and arrays of a structure: "" for one array, the keys of a dict, input_0, input_1 ... for a list.

    A list is several inputs when its items are arrays or tensors; a list of numbers or strings is one array.

    Raises:
      TypeError, ValueError: names the part of the structure, the rule and the fix.
    """
    if isinstance(structure, Mapping):
        if not structure:
            raise ValueError(f"{what} is an empty dict; it needs one array per model input")
        strange = [key for key in structure if not isinstance(key, str) or key != text(key)]
        if strange:
            raise TypeError(f"{what} has the key {strange[0]!r}; keys are the names of the model's inputs, as strings")
        return tuple(structure), tuple(to_array(value, f"{what}[{key!r}]") for key, value in structure.items())
    if isinstance(structure, list | tuple) and any(item is None for item in structure):
        to_array(None, f"{what}[{[item is None for item in structure].index(True)}]")
    if isinstance(structure, list | tuple) and structure and all(hasattr(item, "shape") for item in structure):
        if all(item.shape == () for item in structure):
            return ("",), (to_array(structure, what),)
        names = tuple(f"input_{index}" for index in range(len(structure)))
        return names, tuple(to_array(item, f"{what}[{index}]") for index, item in enumerate(structure))
    return ("",), (to_array(structure, what),)


def in_order(structure: Any, names: Sequence[str]) -> list[Any]:
    """What a structure of the inputs holds, in the order of their names."""
    if isinstance(structure, Mapping):
        return [structure[name] for name in names]
    return list(structure) if isinstance(structure, list | tuple) else [structure]


def like(structure: Any, arrays: tuple[Array, ...]) -> Any:
    """`arrays` in the structure (array, dict or list) that `flatten` took them from."""
    if isinstance(structure, Mapping):
        return dict(zip(structure, arrays, strict=True))
    if len(arrays) > 1 or (isinstance(structure, list | tuple) and structure and hasattr(structure[0], "shape")):
        return list(arrays)
    return arrays[0]
