"""What the outputs of a model mean: classes, yes/no columns, values; told by the traced ops and the compiled loss."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from tb_attribution_plugin.methods.heads import Head
from tb_attribution_plugin.training import graph

# What is in the names of losses that compare values; other losses say nothing about classes.
_REGRESSION = ("error", "mse", "mae", "mape", "msle", "huber", "logcosh", "poisson", "cosine", "quantile", "pinball")


def outputs_of(model: keras.Model, outputs: Any) -> tuple[Any, tuple[str | None, ...]]:
    """Heads in the structure of the outputs, and for each the normaliser that the traced ops do not show.

    It is "sigmoid" where the compiled loss says so, "softmax" where the values are to tell (`are_probabilities`).
    """
    flat = tf.nest.flatten(outputs)
    names = _names(model, outputs, len(flat))
    losses = _losses(getattr(model, "loss", None), names)
    found = [_head(output, loss, name) for output, loss, name in zip(flat, losses, names, strict=True)]
    heads = [head for head, _ in found]
    structured = tf.nest.pack_sequence_as(outputs, heads) if tf.nest.is_nested(outputs) else heads[0]
    return structured, tuple(assumed for _, assumed in found)


def _names(model: keras.Model, outputs: Any, count: int) -> list[str]:
    """The outputs' names, in the order of tf.nest; "" where there are none."""
    if isinstance(outputs, dict):
        return sorted(outputs)
    names = getattr(model, "output_names", None) or []
    return list(names) if len(names) == count else [""] * count


def _head(output: tf.Tensor, loss: Any, title: str) -> tuple[Head, str | None]:
    rank = output.shape.rank
    units = 1 if rank == 1 else output.shape[-1]
    if rank not in (1, 2) or units is None:
        return Head("other", 0, title), None
    name = _name(loss)
    _, seen = graph.look_through(output)
    if seen == "softmax" and units > 1:
        return Head("classes", units, title), None
    if seen == "sigmoid" or "binary" in name:
        # A linear head gives logits, also where its loss was not told so.
        told = "sigmoid" if seen is None and not graph.is_linear(output) and _takes_probabilities(loss) else None
        return Head("binary" if units == 1 else "labels", units, title), told
    if units == 1 or any(word in name for word in _REGRESSION):
        return Head("values", units, title), None
    return Head("classes", units, title), None if getattr(loss, "from_logits", False) else "softmax"


def are_probabilities(output: tf.Tensor) -> bool:
    """True where each row of [B, C] is a distribution: logits never are."""
    rows = tf.cast(output, tf.float64)
    sums = tf.reduce_sum(rows, -1)
    # Half precision adds up to within a hundredth.
    return bool(tf.reduce_all(rows >= 0) & tf.reduce_all(tf.abs(sums - 1) < 0.01))


def _losses(loss: Any, names: list[str]) -> list[Any]:
    """The compiled loss of each flat output; None where unknown."""
    if isinstance(loss, dict):
        return [loss.get(name) for name in names]
    if isinstance(loss, list | tuple):
        return list(loss) if len(loss) == len(names) else [None] * len(names)
    return [loss] * len(names)


def _name(loss: Any) -> str:
    """A plain lower-case word; "" where there is none."""
    if loss is None:
        return ""
    name = loss if isinstance(loss, str) else getattr(loss, "__name__", None) or getattr(loss, "name", "") or ""
    return str(name).lower().replace("_", "")


def _takes_probabilities(loss: Any) -> bool:
    """Keras' own cross-entropies do unless they are told `from_logits`; of others nobody knows."""
    own = isinstance(loss, str) or (getattr(loss, "__module__", None) or "").startswith("keras.")
    return (own or hasattr(loss, "from_logits")) and not getattr(loss, "from_logits", False)
