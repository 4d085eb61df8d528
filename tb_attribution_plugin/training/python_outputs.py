"""What a plain callable returned: checked, as NumPy arrays, and what kind of head each of them is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from tb_attribution_plugin.methods.heads import Head
from tb_attribution_plugin.training.outputs import are_probabilities

Array = NDArray[Any]


def arrays_of(returned: Any, rows: int) -> Any:
    """Copies of what was returned, each [rows, ...] of finite floats: one, or a list or dict of them.

    A list of numbers or of lists is one array, as a service answers; a list of arrays is several outputs.

    Raises:
      ValueError: what it returns instead, and the fix; written to follow the name of the callable.
    """
    if isinstance(returned, Mapping):
        return {key: _array(one, rows, f"as output {key!r} ") for key, one in returned.items()}
    if isinstance(returned, list | tuple) and any(getattr(one, "shape", ()) for one in returned):
        return [_array(one, rows, f"as output {place} ") for place, one in enumerate(returned)]
    return _array(returned, rows, "")


def heads_of(returned: Any) -> tuple[Head, ...]:
    """Of the arrays of one call. There is no graph and no loss to ask: the values tell."""
    flat = tf.nest.flatten(returned)
    names = sorted(returned) if isinstance(returned, Mapping) else [""] * len(flat)
    return tuple(map(_head, flat, names))


def check_same(returned: Any, first: Any) -> None:
    """Raises ValueError where a call returns another structure, dtype or shape of a row than the first call did."""
    words = _described(returned), _described(first)
    if words[0] != words[1]:
        raise ValueError(
            f"returned {words[0]}, after {words[1]} at its first call; each call must return the same but for the rows"
        )


def _array(one: Any, rows: int, which: str) -> Array:
    try:
        array = np.array(one)  # a copy: the callable may fill the same buffer again
    except Exception as error:
        raise ValueError(
            f"returned {which}a {type(one).__name__} that is no array: {error}; return a NumPy array, of a torch "
            "tensor as y.detach().cpu().numpy()"
        ) from error
    if array.dtype.kind != "f":
        raise ValueError(f"returned {which}{_not_floats(one, array)}")
    if array.ndim == 0 or len(array) != rows or array.size == 0:
        raise ValueError(
            f"returned {which}shape {list(array.shape)} for {rows} row{'s' * (rows != 1)}; the first axis must be the "
            f"rows it was given: [{rows}] or [{rows}, columns]. A squeeze may have taken that axis away, also where "
            "there is a single row; of one array per row return np.stack(them)"
        )
    bad = np.flatnonzero(~np.isfinite(array.reshape(rows, -1)).all(1))
    if bad.size:
        raise ValueError(
            f"returned {which}NaN or infinity for {bad.size} of {rows} rows, the first of them row {bad[0]} of this "
            "call; return finite numbers, such as probabilities in place of their logarithms"
        )
    return array


def _not_floats(one: Any, array: Array) -> str:
    if array.dtype.kind in "iubUS":
        return (
            f"{array.dtype.name}{list(array.shape)}: classes or counts, of which small changes show nothing; pass what "
            "gives probabilities or scores (of a scikit-learn classifier predict_proba in place of predict), and of "
            "counts give floats: y.astype(float)"
        )
    kind = "None" if one is None else f"a {type(one).__name__} that is no array of floats"
    return f"{kind}; return an array [rows] or [rows, columns], or a list or dict of them"


def _head(array: Array, name: str) -> Head:
    what = f"{array.dtype.name}{list(array.shape)}"
    if array.ndim > 2:
        return Head("other", 0, name, what)
    units = 1 if array.ndim == 1 else array.shape[1]
    kind = "values" if units == 1 else "probabilities" if are_probabilities(array) else "scores"
    return Head(kind, units, name, what)


def _described(returned: Any) -> str:
    """dtype and shape without the rows, by output."""
    parts: Iterable[tuple[str, Array]] = [("", returned)]
    if isinstance(returned, Mapping):
        parts = ((f"{key!r}: ", returned[key]) for key in sorted(returned))
    elif isinstance(returned, list):
        parts = ((f"{place}: ", one) for place, one in enumerate(returned))
    return ", ".join(
        f"{which}{one.dtype.name}[{', '.join(['rows', *map(str, one.shape[1:])])}]" for which, one in parts
    )
