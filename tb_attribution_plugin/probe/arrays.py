"""What a user passes (arrays, tensors, lists, structures of them) as read-only NumPy arrays."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def to_array(value: Any, what: str) -> Array:
    """A private, read-only copy of `value`; text becomes a unicode array, float64 and bfloat16 become float32.

    float32 is what Keras casts inputs to, so the same numbers give the same probe hash whatever they came in.

    Raises:
      TypeError: `value` is no rectangular array of numbers or strings.
    """
    if hasattr(value, "as_numpy_iterator") or hasattr(value, "element_spec"):
        raise TypeError(f"{what} is a tf.data.Dataset; build the probe with Probe.from_dataset(ds)")
    try:
        array = np.array(np.asarray(value), order="C")
    except (TypeError, ValueError) as error:
        raise TypeError(
            f"{what} of type {type(value).__name__} is not a rectangular array: {error}; "
            "pad ragged rows to one length and pass a NumPy array or an eager tensor"
        ) from error
    if array.dtype.kind == "O":
        array = _unicode(array, what)
    elif array.dtype.kind == "S":
        array = np.char.decode(array, "utf-8", "replace")
    elif array.dtype.kind == "c" or array.dtype.kind not in "biufU" and array.dtype.name != "bfloat16":
        raise TypeError(f"{what} has dtype {array.dtype}; a probe holds real numbers or strings")
    if array.dtype.name in ("float64", "longdouble", "float128", "bfloat16"):
        with np.errstate(over="ignore"):  # what does not fit becomes inf and is reported as such
            array = array.astype(np.float32)
    return frozen(array)


def text(value: Any) -> str:
    """A string that can be stored: what is no Unicode (half a surrogate pair, as in odd file names) becomes "?"."""
    return str(value).encode("utf-8", "replace").decode("utf-8")


def frozen(array: Array) -> Array:
    array.setflags(write=False)
    return array


def read_only(value: Any) -> Any:
    """The same value, with every array in it read-only."""
    if isinstance(value, np.ndarray):
        return frozen(value)
    for item in value.values() if isinstance(value, Mapping) else value if isinstance(value, list | tuple) else ():
        read_only(item)
    return value


def _unicode(array: Array, what: str) -> Array:
    items = array.ravel().tolist()
    strange = [item for item in items if not isinstance(item, str | bytes)]
    if strange:
        raise TypeError(
            f"{what} holds a {type(strange[0]).__name__} and is not a rectangular array of numbers or strings; "
            "pad ragged rows to one length and encode categories as numbers"
        )
    texts = [item.decode("utf-8", "replace") if isinstance(item, bytes) else item for item in items]
    return np.array(texts, dtype=np.str_).reshape(array.shape)


def flatten(structure: Any, what: str = "inputs") -> tuple[tuple[str, ...], tuple[Array, ...]]:
    """Names and arrays of a structure: "" for one array, the keys of a dict, input_0, input_1 ... for a list.

    A list is several inputs when its items are arrays or tensors; a list of numbers or strings is one array.
    """
    if isinstance(structure, Mapping):
        if not structure:
            raise ValueError(f"{what} is an empty dict; it needs one array per model input")
        strange = [key for key in structure if not isinstance(key, str) or key != text(key)]
        if strange:
            raise TypeError(f"{what} has the key {strange[0]!r}; keys are the names of the model's inputs, as strings")
        return tuple(structure), tuple(to_array(value, f"{what}[{key!r}]") for key, value in structure.items())
    if isinstance(structure, list | tuple) and structure and all(hasattr(item, "shape") for item in structure):
        if all(item.shape == () for item in structure):
            return ("",), (to_array(structure, what),)
        names = tuple(f"input_{index}" for index in range(len(structure)))
        return names, tuple(to_array(item, f"{what}[{index}]") for index, item in enumerate(structure))
    return ("",), (to_array(structure, what),)


def like(structure: Any, arrays: tuple[Array, ...]) -> Any:
    """`arrays` in the structure (array, dict or list) that `flatten` took them from."""
    if isinstance(structure, Mapping):
        return dict(zip(structure, arrays, strict=True))
    if len(arrays) > 1 or (isinstance(structure, list | tuple) and structure and hasattr(structure[0], "shape")):
        return list(arrays)
    return arrays[0]


def check_finite(array: Array, what: str, fix: str) -> None:
    """Raises ValueError naming the first example that holds NaN or inf."""
    if array.dtype.kind != "f":
        return
    bad = ~np.isfinite(array).reshape(len(array), -1)
    if bad.any():
        examples = np.flatnonzero(bad.any(axis=1))
        first = int(examples[0])
        nans = int(np.isnan(array[first]).sum())
        infs = int(bad[first].sum()) - nans
        raise ValueError(
            f"{what} must be finite, but example {first} holds {nans} NaN and {infs} inf values "
            f"({len(examples)} of {len(array)} examples are affected); {fix}"
        )
