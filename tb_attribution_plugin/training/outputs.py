"""What the outputs of a model mean: classes, yes/no columns, values; told by the traced ops and the compiled loss."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import keras
import tensorflow as tf

from tb_attribution_plugin.methods.heads import Head, described
from tb_attribution_plugin.training import graph, logits

# What is in the names of losses that compare values; other losses say nothing about classes.
_REGRESSION = ("error", "mse", "mae", "mape", "msle", "huber", "logcosh", "poisson", "cosine", "quantile", "pinball")

_Path = tuple[Any, ...]


def outputs_of(model: keras.Model, returned: Any) -> tuple[tuple[Head, ...], tuple[str | None, ...]]:
    """The heads of all that a model returns, and for each the normaliser that the traced ops do not show.

    It is "sigmoid" where the compiled loss says so, "softmax" where the values are to tell (`are_probabilities`).
    """
    paths = _paths(returned)
    names = _names(model, returned, paths)
    losses = _losses(getattr(model, "loss", None), names, paths)
    found = [_head(leaf, loss, name) for leaf, loss, name in zip(tf.nest.flatten(returned), losses, names, strict=True)]
    return tuple(head for head, _ in found), tuple(assumed for _, assumed in found)


def tensors_of(returned: Any) -> tuple[Any, ...]:
    """By head, [B, ...]; () for what is no tensor or has no axis of examples, as None or the value of a loss."""
    return tuple(leaf if _has_examples(leaf) else () for leaf in tf.nest.flatten(returned))


def logits_of(tensor: Any, assumed: str | None) -> Any:
    """Of one head, behind the normaliser that is seen or assumed; () where the head is no tensor."""
    if not tf.is_tensor(tensor):
        return ()
    return logits.look_through(tensor)[0] if assumed is None else logits.from_probabilities(tensor, assumed)


def _has_examples(leaf: Any) -> bool:
    return isinstance(leaf, tf.Tensor) and leaf.shape.rank != 0


def _paths(returned: Any, above: _Path = ()) -> list[_Path]:
    """Keys, fields and positions that lead to the leaves, in the order of tf.nest."""
    if isinstance(returned, Mapping):
        parts = [(key, returned[key]) for key in sorted(returned)]
    elif isinstance(returned, list | tuple):
        parts = list(zip(getattr(returned, "_fields", range(len(returned))), returned, strict=True))
    else:
        return [above]
    return [path for key, part in parts for path in _paths(part, (*above, key))]


def _names(model: keras.Model, returned: Any, paths: list[_Path]) -> list[str]:
    if any(isinstance(key, str) for path in paths for key in path) or any(len(path) > 1 for path in paths):
        return ["/".join(map(str, path)) for path in paths]
    if isinstance(returned, Mapping):
        return [str(key) for (key,) in paths]
    names = getattr(model, "output_names", None) or []
    return list(names) if len(names) == len(paths) else [""] * len(paths)


def _head(output: Any, loss: Any, title: str) -> tuple[Head, str | None]:
    what = described(output)
    if not _has_examples(output):
        return Head("none", 0, title, what), None
    rank = output.shape.rank
    units = 1 if rank == 1 else output.shape[-1]
    if rank not in (1, 2) or units is None:
        return Head("other", 0, title, what), None
    name = _name(loss)
    reached, seen = logits.look_through(output)
    # A linear head gives logits, also where its loss was not told so.
    told = seen is None and not logits.is_linear(output) and _takes_probabilities(loss)
    if seen == "softmax" and units > 1:
        kind, assumed = "classes", reached is None
    elif seen == "sigmoid" or "binary" in name:
        kind, assumed = "binary" if units == 1 else "labels", reached is None or told
    elif units == 1 or any(word in name for word in _REGRESSION):
        kind, assumed = "values", False
    else:
        kind, assumed = "classes", not getattr(loss, "from_logits", False)
    head = Head(kind, units, title, what)
    if not assumed:
        return head, None
    op = graph.source(output).op
    return dataclasses.replace(head, hidden_by=f"{op.type} ({op.name})"), "softmax" if kind == "classes" else "sigmoid"


def told_by_values(
    heads: tuple[Head, ...], assumed: tuple[str | None, ...], outputs: tuple[Any, ...]
) -> tuple[tuple[Head, ...], tuple[str | None, ...]]:
    """As `outputs_of`, now that the model was called: a softmax is assumed where it gave probabilities."""
    plain = [one == "softmax" and not are_probabilities(y) for one, y in zip(assumed, outputs, strict=True)]
    seen = [dataclasses.replace(head, hidden_by="") if no else head for head, no in zip(heads, plain, strict=True)]
    return tuple(seen), tuple(None if no else one for one, no in zip(assumed, plain, strict=True))


def are_probabilities(output: tf.Tensor) -> bool:
    """True where each row of [B, C] is a distribution: logits never are."""
    rows = tf.cast(output, tf.float64)
    sums = tf.reduce_sum(rows, -1)
    # Half precision adds up to within a hundredth.
    return bool(tf.reduce_all(rows >= 0) & tf.reduce_all(tf.abs(sums - 1) < 0.01))


def _losses(loss: Any, names: list[str], paths: list[_Path]) -> list[Any]:
    """The compiled loss of each leaf; None where unknown."""
    if isinstance(loss, Mapping):
        return [loss[name] if name in loss else _at(loss, path) for name, path in zip(names, paths, strict=True)]
    if isinstance(loss, list | tuple):
        return [_at(loss, path or (0,)) for path in paths]
    return [loss] * len(names)


def _at(loss: Any, path: _Path) -> Any:
    for key in path:
        try:
            loss = loss[key]
        except (LookupError, TypeError):  # it is shaped otherwise
            return None
    return loss


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
