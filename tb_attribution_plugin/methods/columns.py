"""Which output column is explained, per example."""

from __future__ import annotations

import dataclasses
import difflib
import numbers
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

from tb_attribution_plugin.methods.heads import Head


class Selector(NamedTuple):
    """Columns [r] int32 from logits [r, C] and the numbers of their examples [r]."""

    name: str
    of: Callable[[tf.Tensor, tf.Tensor], tf.Tensor]


def class_indices(labels: np.ndarray | None) -> np.ndarray:
    """Labels as class indices, [B].

    Raises:
      ValueError: there are none, or they are values or several classes at once.
    """
    if labels is None:
        raise ValueError("target='label' needs labels: pass Probe(inputs, labels), or target='predicted'")
    if labels.ndim != 1 or labels.dtype.kind not in "iu" and np.any(labels % 1 != 0):
        raise ValueError(
            f"target='label' needs one class index per example; labels have shape {labels.shape} and dtype "
            f"{labels.dtype}. For several labels per example pass target=<class>"
        )
    return labels


@dataclasses.dataclass(frozen=True, eq=False)
class Chooser:
    """Turns what a user wrote into the columns of one head."""

    head: Head
    examples: int
    labels: np.ndarray | None
    class_names: Sequence[str] | None

    @property
    def classes(self) -> int:
        """Classes that a column can name."""
        return 2 if self.head.kind == "binary" else self.head.units

    def selector(self, spec: Any) -> Selector:
        """Raises ValueError: names what was given, the rule and the choices."""
        if self.head.kind == "values" and (spec is None or isinstance(spec, str) and spec in ("label", "predicted")):
            if self.head.units > 1:
                raise ValueError(
                    f"a regression with {self.head.units} output columns needs a choice: pass target=<column>"
                )
            return self._fixed("value", np.zeros(self.examples, np.int32))
        if spec is None and self.head.kind == "scores":
            raise ValueError(
                f"the callable returns {self.head.units} columns that are no probabilities, so they may be classes or "
                "values: pass target=<column>, or target='predicted' for the largest"
            )
        if spec is None:
            spec = 1 if self.head.kind == "binary" else "predicted"
        if isinstance(spec, str):
            return self._named(spec)
        if isinstance(spec, numbers.Integral) and not isinstance(spec, bool):
            return self._fixed(self._title(int(spec)), np.full(self.examples, int(spec), object))
        array = np.asarray(spec)
        if array.dtype.kind in "iu" and array.shape == (self.examples,):
            return self._fixed("per example", array)
        raise ValueError(
            "target must be 'label', 'predicted', a class index or name, one index per example "
            f"(here {self.examples}), a callable, tba.targets.Contrast or tba.targets.Output; got {spec!r}"
        )

    def _named(self, spec: str) -> Selector:
        if spec == "label":
            indices = class_indices(self.labels)
            if self.head.kind == "labels":
                raise ValueError(
                    f"an output of {self.head.units} independent yes/no columns has no single label: "
                    "pass target=<class index or name>"
                )
            return self._fixed("label", indices)
        if spec == "predicted":
            return Selector("predicted", self._predicted)
        names = list(self.class_names or [])
        if spec in names:
            return self._fixed(spec, np.full(self.examples, names.index(spec), np.int32))
        near = difflib.get_close_matches(spec, ["label", "predicted", *names], n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"class names: {names or 'none given'}"
        raise ValueError(f"target {spec!r} is neither 'label', 'predicted' nor a class name; {hint}")

    def _predicted(self, logits: tf.Tensor, examples: tf.Tensor) -> tf.Tensor:
        if self.head.kind == "binary":
            return tf.cast(logits[:, 0] > 0, tf.int32)
        return tf.argmax(logits, 1, output_type=tf.int32)

    def _title(self, column: int) -> str:
        names = self.class_names
        return names[column] if names and 0 <= column < len(names) else str(column)

    def _fixed(self, name: str, columns: np.ndarray) -> Selector:
        limit = max(self.classes, 1)
        bad = np.flatnonzero((columns < 0) | (columns >= limit))
        if bad.size:
            raise ValueError(
                f"target {name!r}: example {bad[0]} has index {int(columns[bad[0]])}, but the model's output has "
                f"{limit} classes (0 .. {limit - 1})"
            )
        return Selector(name, lambda logits, examples: tf.gather(tf.constant(columns.astype(np.int32)), examples))
