"""Which scalar of an ensemble's outputs is explained, by the rules of `tba.AttributionCallback`.

Contributions are linear in the outputs, so those of a scalar are the same sum of those of its outputs.
"""

from __future__ import annotations

import difflib
import numbers
from collections.abc import Callable, Mapping
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tb_attribution_plugin.probe import Probe

Floats = NDArray[np.float64]
Kind = Literal["classes", "binary", "probabilities", "labels", "one_vs_rest", "values"]


class Head(NamedTuple):
    """What the outputs of an ensemble are, [B, units].

    Attributes:
      kind: "classes": a logit per class; "binary": one logit, of class 1; "probabilities": one per class, as the trees
        of a forest vote; "labels": independent yes/no logits; "one_vs_rest": a logit of each class against all others;
        "values": of a regression.
      value: what "values" are: "value", or the "log value" or "logit" that a prediction is made of.
    """

    kind: Kind
    units: int
    value: str = "value"

    @property
    def classes(self) -> int:
        """Columns that a target can name."""
        return 2 if self.kind == "binary" else self.units


class Target(NamedTuple):
    """A resolved target.

    Attributes:
      name: what the user chose, "label", "cat".
      scalar: "margin", "probability", "logit", "value" or "log value".
      columns: outputs [B, units] -> the columns that are explained, [B].
    """

    name: str
    scalar: str
    columns: Callable[[Floats], NDArray[np.int64]]


def resolve(spec: Any, head: Head, probe: Probe) -> dict[str, Target]:
    """Targets by the end of their tag, "" or "/name".

    Raises:
      ValueError: names the target, the rule it breaks and the choices there are.
    """
    if isinstance(spec, Mapping):
        if not spec or not all(isinstance(tag, str) and tag for tag in spec):
            raise ValueError(f"target {spec!r} must be {{'tag': target, ...}} with at least one name")
        return {f"/{tag}": _resolve(one, head, probe) for tag, one in spec.items()}
    return {"": _resolve(spec, head, probe)}


def weights(head: Head, columns: NDArray[np.int64]) -> Floats:
    """[B, units]: what each output counts in the scalar.

    The margin is a class's logit minus the mean of the other logits. One logit z is the margin of class 1, and -z that
    of class 0.
    """
    if head.kind == "binary":
        return np.where(columns == 1, 1.0, -1.0)[:, None]
    chosen = np.eye(head.units)[columns]
    if head.kind == "classes":
        return np.asarray(chosen - (1.0 - chosen) / (head.units - 1))
    return np.asarray(chosen)


def probabilities(head: Head, outputs: Floats) -> Floats:
    """[B, classes] from logits [B, units]; each by itself of labels and one-vs-rest."""
    if head.kind == "probabilities":
        return outputs
    if head.kind == "binary":
        outputs = np.concatenate([-outputs / 2, outputs / 2], axis=1)
    elif head.kind in ("labels", "one_vs_rest"):
        return np.asarray(1.0 / (1.0 + np.exp(-outputs)))
    return softmax(outputs)


def softmax(logits: NDArray[Any]) -> NDArray[Any]:
    """[B, classes]"""
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def are_probabilities(outputs: NDArray[Any]) -> bool:
    """Whether the columns of [B, classes] are shares of 1 in every row."""
    return bool(outputs.min() >= 0 and np.allclose(outputs.sum(1), 1, atol=1e-4))


def _resolve(spec: Any, head: Head, probe: Probe) -> Target:
    scalar: dict[Kind, str] = {
        "classes": "margin",
        "binary": "margin",
        "probabilities": "probability",
        "labels": "logit",
        "one_vs_rest": "logit",
        "values": head.value,
    }
    name, columns = _columns(spec, head, probe)
    return Target(name, scalar[head.kind], columns)


def _columns(spec: Any, head: Head, probe: Probe) -> tuple[str, Callable[[Floats], NDArray[np.int64]]]:
    if head.kind == "values" and isinstance(spec, str) and spec in ("label", "predicted"):
        if head.units > 1:
            raise ValueError(f"a regression with {head.units} output columns needs a choice: pass target=<column>")
        return _fixed(head.value, np.zeros(probe.size, np.int64), head)
    if isinstance(spec, str):
        return _named(spec, head, probe)
    if isinstance(spec, numbers.Integral) and not isinstance(spec, bool):
        index = int(spec)
        title = probe.class_names[index] if 0 <= index < len(probe.class_names) else str(index)
        return _fixed(title, np.full(probe.size, index), head)
    array = np.asarray(spec)
    if array.dtype.kind in "iu" and array.shape == (probe.size,):
        return _fixed("per example", array.astype(np.int64), head)
    raise ValueError(
        "target must be 'label', 'predicted', a class index or name, one index per example "
        f"(here {probe.size}) or {{'tag': target}}; got {spec!r}"
    )


def _named(spec: str, head: Head, probe: Probe) -> tuple[str, Callable[[Floats], NDArray[np.int64]]]:
    if head.kind == "labels" and spec in ("label", "predicted"):
        raise ValueError(
            f"an output of {head.units} independent yes/no columns has no single label: pass target=<class index or "
            "name>"
        )
    if spec == "predicted" or spec == "label" and probe.labels is None:
        if head.kind == "binary":
            return "predicted", lambda outputs: (outputs[:, 0] > 0).astype(np.int64)
        return "predicted", lambda outputs: outputs.argmax(axis=1)
    if spec == "label":
        labels = probe.labels
        if labels is None or labels.ndim != 1 or np.any(labels % 1 != 0):
            raise ValueError("target='label' needs one class index per example, counted from 0; pass target=<class>")
        return _fixed("label", labels.astype(np.int64), head)
    names = list(probe.class_names)
    if spec in names:
        return _fixed(spec, np.full(probe.size, names.index(spec)), head)
    near = difflib.get_close_matches(spec, ["label", "predicted", *names], n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"class names: {names or 'none given'}"
    raise ValueError(f"target {spec!r} is neither 'label', 'predicted' nor a class name; {hint}")


def _fixed(name: str, columns: NDArray[np.int64], head: Head) -> tuple[str, Callable[[Floats], NDArray[np.int64]]]:
    bad = np.flatnonzero((columns < 0) | (columns >= head.classes))
    if bad.size:
        raise ValueError(
            f"target {name!r}: example {bad[0]} has index {int(columns[bad[0]])}, but the model's output has "
            f"{head.classes} classes (0 .. {head.classes - 1})"
        )
    return name, lambda outputs: columns
