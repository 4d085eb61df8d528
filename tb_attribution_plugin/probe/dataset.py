"""Chooses a stratified probe from a dataset in one bounded pass."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from tb_attribution_plugin.probe.arrays import Array, to_array
from tb_attribution_plugin.probe.inputs import flatten, like

# More elements that are looked at where batches and single examples look alike.
_PEEK = 8


class Selection(NamedTuple):
    """Examples and class indices [B] that were chosen, and how, in words."""

    inputs: Any
    labels: Array
    words: str


class _Example(NamedTuple):
    inputs: tuple[Array, ...]
    label: int
    position: int


def select(ds: Any, per_class: int, seed: int, class_names: tuple[str, ...], scan: int) -> Selection:
    """Keeps up to `per_class` examples of each class by reservoir sampling over at most `scan` examples."""
    for name, value in (("per_class", per_class), ("scan", scan)):
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise ValueError(f"{name} is {value!r}; it must be an integer >= 1")
    random = np.random.default_rng(seed)
    kept: dict[int, list[_Example]] = {}
    seen: dict[int, int] = {}
    classes = len(class_names)
    position, structure, ended = 0, None, "the dataset ended"
    for x, y, columns in _examples(ds):
        structure, arrays = x
        classes = classes or columns
        label = _label(y, position)
        if class_names and not 0 <= label < len(class_names):
            raise ValueError(
                f"label {label} of example {position} is outside of 0 .. {len(class_names) - 1} (class_names)"
            )
        count = seen[label] = seen.get(label, 0) + 1
        rows = kept.setdefault(label, [])
        if count <= per_class:
            rows.append(_Example(arrays, label, position))
        elif (slot := int(random.integers(count))) < per_class:
            rows[slot] = _Example(arrays, label, position)
        position += 1
        if classes and len(kept) == classes and all(len(rows) == per_class for rows in kept.values()):
            ended = f"all {classes} classes were full"
            break
        if position == scan:
            ended = f"the limit scan={scan} was reached"
            break
    if not kept:
        raise ValueError("the dataset holds no examples; a probe needs at least one")
    examples = sorted((e for rows in kept.values() for e in rows), key=lambda e: (e.label, e.position))
    words = f"{len(examples)} of {position} examples, {len(kept)} classes, up to {per_class} each; {ended}"
    short = {label: len(rows) for label, rows in sorted(kept.items()) if len(rows) < per_class}
    missing = classes - len(kept)
    if short or missing > 0:
        listed = ", ".join(f"class {label}: {count}" for label, count in list(short.items())[:5])
        absent = f"{missing} classes have no example" if missing > 0 else ""
        found = "; ".join(part for part in (listed, absent) if part)
        warnings.warn(
            f"Probe.from_dataset found fewer than per_class={per_class} examples: {found} ({words})", stacklevel=3
        )
    stacked = tuple(np.stack(column) for column in zip(*(e.inputs for e in examples), strict=True))
    return Selection(like(structure, stacked), np.array([e.label for e in examples]), words)


def _examples(ds: Any) -> Iterator[tuple[tuple[Any, tuple[Array, ...]], Array, int]]:
    """One example at a time: ((structure, arrays), label, one-hot columns or 0)."""
    if isinstance(ds, tuple):
        if len(ds) != 2:
            raise ValueError(f"from_dataset got a tuple of {len(ds)}; arrays are given as (x, y)")
        yield from _unbatch(*ds)
        return
    if not hasattr(ds, "as_numpy_iterator"):
        raise TypeError(f"from_dataset takes a tf.data.Dataset or arrays (x, y), not a {type(ds).__name__}")
    spec = ds.element_spec
    if not isinstance(spec, tuple) or len(spec) < 2:
        raise ValueError("from_dataset needs elements (x, y) to choose by class, but the dataset has no labels")
    elements = ((element[0], np.asarray(element[1])) for element in ds.as_numpy_iterator())
    first = list(itertools.islice(elements, 1))
    if not first:
        return
    batched = _is_batched(*first[0], getattr(spec[1], "shape", None))
    if batched is None:
        first += itertools.islice(elements, _PEEK)
        batched = not all(y.dtype.kind == "f" and _is_one_hot(y) for _, y in first)
    for x, y in itertools.chain(first, elements):
        if batched:
            yield from _unbatch(x, y)
        else:
            _, arrays = flatten(x)
            yield (x, arrays), y, _columns(y[None])


def _is_batched(x: Any, y: Array, declared: Any) -> bool | None:
    """A scalar label is one example; a vector is a batch where x is as long, else one-hot.

    None where a vector of fixed length is as long as x and both may be meant: ten rows, or one example of height ten
    with ten one-hot classes. It is one-hot where the first elements all are.
    """
    if y.ndim != 1:
        return y.ndim > 1
    _, arrays = flatten(x)
    if arrays[0].ndim == 0 or len(arrays[0]) != len(y):
        return False
    if declared is not None and declared.rank == 1 and declared[0] is None:
        return True
    if arrays[0].ndim == 1 and arrays[0].dtype.kind != "U":
        return False  # a batch of single numbers is no input
    return None


def _is_one_hot(y: Array) -> bool:
    return bool(((y == 0) | (y == 1)).all() and y.sum() == 1)


def _unbatch(x: Any, y: Any) -> Iterator[tuple[tuple[Any, tuple[Array, ...]], Array, int]]:
    _, arrays = flatten(x)
    labels = to_array(y, "labels")
    if labels.ndim == 0 or any(a.ndim == 0 or len(a) != len(labels) for a in arrays):
        shapes = ", ".join(str(list(a.shape)) for a in arrays)
        raise ValueError(f"inputs {shapes} and labels {list(labels.shape)} must hold the same number of examples")
    columns = _columns(labels)
    for index in range(len(labels)):
        # Copies, so that a kept example does not keep its whole batch alive.
        yield (x, tuple(a[index].copy() for a in arrays)), labels[index], columns


def _columns(labels: Array) -> int:
    return int(labels.shape[1]) if labels.ndim == 2 and labels.shape[1] > 1 else 0


def _label(y: Array, position: int) -> int:
    value = np.asarray(y).ravel()
    if value.size > 1:
        if not _is_one_hot(value):
            raise ValueError(
                f"label {value.tolist()} of example {position} is not one-hot; from_dataset needs one class each"
            )
        return int(value.argmax())
    if value.dtype.kind == "U" or value[0] != int(value[0]):
        raise ValueError(
            f"label {value[0]} of example {position} is no class index; build the probe as Probe(x[:n], y[:n])"
        )
    return int(value[0])
