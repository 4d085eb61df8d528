"""The arrays of a `shap.Explanation`, whatever form its explainer gave them."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tb_attribution_plugin.probe import Probe

Numbers = NDArray[np.float64]


@dataclasses.dataclass(frozen=True)
class Explained:
    """Attributes:
    values: [B, *grid], or [B, *grid, K] of K outputs.
    base: [B], or [B, K].
    data: [B, *grid] numbers, or [B] texts.
    tokens: B rows of strings, of texts; else (). Scores behind a row's last token are 0.
    names: of the columns; () where there are none.
    output_names: of the K outputs; () where there are none.
    seconds: that the explainer took; 0 where it does not say.
    """

    values: Numbers
    base: Numbers
    data: NDArray[Any]
    tokens: tuple[tuple[str, ...], ...]
    names: tuple[str, ...]
    output_names: tuple[str, ...]
    seconds: float

    @property
    def size(self) -> int:
        return len(self.values)

    @property
    def outputs(self) -> int:
        """K; 0 where there is one output without an axis of its own."""
        return self.values.shape[-1] if self.values.ndim > (2 if self.tokens else self.data.ndim) else 0

    def probe(self, labels: Any) -> Probe:
        """Of the explained data."""
        classes = self.output_names if len(self.output_names) == self.outputs > 0 else None
        if self.tokens:
            return Probe(self.data, labels, class_names=classes, modality="text", tokens=self.tokens)
        table = self.data.ndim == 2
        named = self.names if table and len(self.names) == self.data.shape[1] else None
        return Probe(self.data, labels, feature_names=named, class_names=classes, modality="tabular" if table else None)

    def chosen(self, target: Any, labels: NDArray[Any] | None) -> tuple[str, NDArray[np.int64] | None]:
        """The target's name, and its column for each example; None where there is one output."""
        if not self.outputs:
            if target is not None:
                raise ValueError(f"target is {target!r}, but the explanation has one output; leave target out")
            return "output", None
        if target is None:
            target = "predicted" if labels is None else "label"
        if isinstance(target, str) and target == "predicted":
            return target, (self.base + self.values.reshape(self.size, -1, self.outputs).sum(1)).argmax(1)
        name = target if isinstance(target, str) else f"output {target}" if np.ndim(target) == 0 else "columns"
        if isinstance(target, str) and target == "label":
            target = labels
        elif isinstance(target, str):
            if target not in self.output_names:
                raise ValueError(
                    f"target {target!r} is not 'label', 'predicted' or one of output_names {self.output_names}"
                )
            target = self.output_names.index(target)
        columns = np.asarray(target)
        if columns.dtype.kind not in "iu" or columns.shape not in ((), (self.size,)):
            raise ValueError(f"target {name!r} needs one output index, or one for each of the {self.size} examples")
        if columns.min() < 0 or columns.max() >= self.outputs:
            raise ValueError(f"target {name!r} is outside of the explanation's {self.outputs} outputs")
        return name, np.array(np.broadcast_to(columns, (self.size,)), np.int64)

    def of(self, columns: NDArray[np.int64] | None) -> tuple[Numbers, Numbers]:
        """Scores and base values of one output."""
        if columns is None:
            return self.values, self.base
        rows = np.arange(self.size)
        return np.moveaxis(self.values, -1, 1)[rows, columns], self.base[rows, columns]


def read(explanation: Any) -> Explained:
    """Raises:
    TypeError: it is no Explanation.
    ValueError: values, data and base values do not belong together.
    """
    missing = [name for name in ("values", "data", "base_values") if getattr(explanation, name, None) is None]
    if missing:
        raise TypeError(
            f"the {type(explanation).__name__} has no {missing[0]}; give a shap.Explanation, as explainer(x) returns "
            "it (explainer.shap_values(x) is an array)"
        )
    values, data = _rows(explanation.values), _rows(explanation.data)
    tokens: tuple[tuple[str, ...], ...] = ()
    if len(data) > 0 and np.ndim(data[0]) == 1 and isinstance(next(iter(data[0]), None), str):
        tokens = tuple(tuple(map(str, row)) for row in data)
        values, data = _padded(values, tokens), ["".join(row) for row in tokens]
    numbers, shown = np.asarray(values, np.float64), np.asarray(data)
    grid = numbers.shape[:2] if tokens else shown.shape
    if numbers.ndim < 2 or len(grid) < 2:
        raise ValueError(
            f"the explanation has values {list(numbers.shape)}; the first axis is the example, so give one example as "
            "explanation[0:1]"
        )
    if numbers.shape[: len(grid)] != grid or numbers.ndim > len(grid) + 1:
        raise ValueError(
            f"the explanation has values {list(numbers.shape)} for data {list(grid)}; they need the same shape, "
            "or one axis more for several outputs"
        )
    if numbers.ndim > len(grid) and numbers.shape[-1] == 1:  # one output with an axis, as of a network
        numbers = numbers[..., 0]
    base = _base(explanation.base_values, numbers, numbers.ndim > len(grid))
    names = explanation.feature_names
    names = tuple(map(str, names)) if isinstance(names, list | tuple | np.ndarray) else ()
    outputs = explanation.output_names
    outputs = tuple(map(str, outputs)) if isinstance(outputs, list | tuple | np.ndarray) else ()
    seconds = float(getattr(explanation, "compute_time", None) or 0.0)
    return Explained(numbers, base, shown, tokens, names, outputs, seconds)


def _rows(value: Any) -> Any:
    """An array, or the list of its rows where these differ in length."""
    uneven = isinstance(value, np.ndarray) and value.dtype.kind == "O"
    return list(value) if uneven or isinstance(value, tuple | list) else value


def _padded(values: Any, tokens: tuple[tuple[str, ...], ...]) -> Numbers:
    """Rows of scores in one array, with 0 behind shorter ones."""
    rows, lengths = [np.asarray(row, np.float64) for row in values], [len(row) for row in tokens]
    if [len(row) for row in rows] != lengths:
        raise ValueError(f"the explanation has {[len(row) for row in rows]} values for {lengths} tokens")
    found = np.zeros((len(rows), max(lengths), *rows[0].shape[1:]))
    for row, into in zip(rows, found, strict=True):
        into[: len(row)] = row
    return found


def _base(base_values: Any, values: Numbers, several: bool) -> Numbers:
    size = len(values)
    base = np.asarray(base_values, np.float64)
    if several:
        shape: tuple[int, ...] = (size, values.shape[-1])
        if base.ndim < 2 and base.shape != shape[1:]:
            raise ValueError(
                f"the explanation has values {list(values.shape)} with base_values {list(base.shape)}, as interaction "
                "values have; one map per example is needed, or one base value for each of several outputs"
            )
    else:
        shape = (size,)
        base = base[:, 0] if base.shape == (size, 1) else base[0] if base.shape == (1,) else base
    if base.shape not in ((), shape, shape[1:]):
        raise ValueError(f"the explanation has base_values {list(base.shape)}; {list(shape)} are needed")
    return np.array(np.broadcast_to(base, shape))
