"""Which column of a torch module's output is explained, and what the output says."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from tb_attribution_plugin.integrations.target import are_probabilities, softmax
from tb_attribution_plugin.probe import Probe


class Explained(NamedTuple):
    """Attributes:
    name: of the target, in words.
    scalar: what its column holds: "margin", "logit", "log probability", "probability" or "value".
    columns: [B] for Captum; None where the output has no columns.
    indices: the same as NumPy array.
    values: [B], what is explained.
    predictions: [B, C] probabilities, or [B] values where nothing tells that columns are classes.
    """

    name: str
    scalar: str
    columns: torch.Tensor | None
    indices: NDArray[np.int64] | None
    values: NDArray[np.float32]
    predictions: NDArray[np.float32]


def explained(outputs: torch.Tensor, target: Any, probe: Probe, *, margin: bool) -> Explained:
    """Args:
      outputs: [B], [B, 1] or [B, C].
      target: "label", "predicted", a class or its name, or [B] columns.
      margin: outputs are margins of the classes.

    Raises:
      ValueError: outputs or target, with the rule and the fix.
    """
    if not isinstance(outputs, torch.Tensor) or outputs.ndim not in (1, 2) or len(outputs) != probe.size:
        what = list(outputs.shape) if isinstance(outputs, torch.Tensor) else type(outputs).__name__
        raise ValueError(
            f"the module returned {what} for {probe.size} examples; give Captum a module or function that returns "
            f"[{probe.size}, classes] or [{probe.size}]"
        )
    array: NDArray[np.float32] = outputs.detach().to("cpu", torch.float32).numpy()
    if array.ndim == 1:
        return Explained("output", "value", None, None, array, array)
    if array.shape[1] == 1:
        return Explained(
            "output", "value", torch.zeros_like(outputs[:, 0], dtype=torch.int64), None, array[:, 0], array
        )
    name, chosen = _chosen(target, array, probe)
    values = array[np.arange(probe.size), chosen]
    scalar, probabilities = _meaning(array, margin, _tells_classes(probe))
    predictions = values if probabilities is None else probabilities
    return Explained(name, scalar, torch.from_numpy(chosen).to(outputs.device), chosen, values, predictions)


def _chosen(target: Any, outputs: NDArray[np.float32], probe: Probe) -> tuple[str, NDArray[np.int64]]:
    size, classes = outputs.shape
    if isinstance(target, str) and target in ("label", "predicted"):
        if target == "label" and probe.labels is not None:
            if probe.labels.dtype.kind != "i" or probe.labels.ndim != 1:
                raise ValueError("target='label' needs labels that are classes; give target= a class index")
            return "label", _checked(probe.labels, classes, "labels")
        return "predicted", outputs.argmax(1)
    if isinstance(target, str):
        if target not in probe.class_names:
            raise ValueError(f"target {target!r} is not 'label', 'predicted' or one of class_names {probe.class_names}")
        return target, np.full(size, probe.class_names.index(target))
    columns = np.asarray(target)
    if columns.dtype.kind not in "iu" or columns.shape not in ((), (size,)):
        raise ValueError(f"target {target!r} must be a class, or one index for each of the {size} examples")
    name = f"class {target}" if columns.ndim == 0 else "columns"
    return name, _checked(np.broadcast_to(columns, (size,)).astype(np.int64), classes, "target")


def _checked(columns: NDArray[np.int64], classes: int, what: str) -> NDArray[np.int64]:
    if columns.min() < 0 or columns.max() >= classes:
        raise ValueError(f"{what} lie in {columns.min()} .. {columns.max()}, but the module returns {classes} columns")
    return np.array(columns)


def _tells_classes(probe: Probe) -> bool:
    labels = probe.labels
    return bool(probe.class_names) or (labels is not None and labels.dtype.kind == "i" and labels.ndim == 1)


def _meaning(outputs: NDArray[np.float32], margin: bool, classes: bool) -> tuple[str, NDArray[np.float32] | None]:
    """What a column holds, as the numbers tell and whether the probe has classes, and the probabilities that follow."""
    if not margin and are_probabilities(outputs):
        return "probability", outputs
    with np.errstate(over="ignore"):
        log = not margin and outputs.max() <= 0 and are_probabilities(np.exp(outputs))
    if not (margin or log or classes):
        return "value", None
    # Margins are logits, stretched by C / (C - 1): between two classes, by 2.
    columns = outputs.shape[1]
    logits = outputs * ((columns - 1) / columns if margin else 1.0)
    return ("margin" if margin else "log probability" if log else "logit"), softmax(logits)
