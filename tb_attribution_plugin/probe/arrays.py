"""What a user passes (an array, a tensor, a list) as a read-only NumPy array."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

# By the name of the type, because nothing here imports a framework: what it is, and what to pass instead.
_REFUSED = {
    "NoneType": "None; pass an array whose first axis is the example",
    "dict": "a dict; inputs are one array, or one dict or list of arrays",
    "RaggedTensor": "a RaggedTensor, whose rows differ in length; pad them to one, as in x.to_tensor()",
    "SparseTensor": "a SparseTensor; make it dense, as in tf.sparse.to_dense(x)",
    "KerasTensor": "a KerasTensor, a shape without values; pass an array",
    "SymbolicTensor": "a tensor without values, as in a tf.function; pass an array, from outside of it",
    "Probe": "a Probe; pass its arrays: probe.inputs",
}


def to_array(value: Any, what: str) -> Array:
    """A private, read-only copy of `value`; text becomes a unicode array, float64 and bfloat16 become float32.

    float32 is what Keras casts inputs to, so the same numbers give the same probe hash whatever they came in.

    Raises:
      TypeError: `value` is no rectangular array of numbers or strings.
    """
    if why := _refused(value):
        raise TypeError(f"{what} is {why}")
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


def _refused(value: Any) -> str | None:
    """What `value` is and what to pass instead, where it is something that people do pass; None for others."""
    name = type(value).__name__
    if hasattr(value, "as_numpy_iterator") or hasattr(value, "element_spec"):
        return "a tf.data.Dataset; take arrays from it, as in next(iter(ds)), or build a probe: Probe.from_dataset(ds)"
    if hasattr(value, "toarray"):
        return f"a {name}, which is sparse; make it dense, as in x.toarray()"
    return _REFUSED.get(name)


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


def check_finite(array: Array, what: str, fix: str, *, missing: bool = False) -> None:
    """Raises ValueError naming the first example that holds NaN (unless it may be `missing`) or inf."""
    if array.dtype.kind != "f":
        return
    bad = (np.isinf(array) if missing else ~np.isfinite(array)).reshape(len(array), -1)
    if bad.any():
        examples = np.flatnonzero(bad.any(axis=1))
        first = int(examples[0])
        nans = int(np.isnan(array[first]).sum())
        infs = int(bad[first].sum()) - nans
        raise ValueError(
            f"{what} must be finite, but example {first} holds {nans} NaN and {infs} inf values "
            f"({len(examples)} of {len(array)} examples are affected); {fix}"
        )
