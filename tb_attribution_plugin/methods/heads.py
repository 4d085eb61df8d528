"""The outputs of a model: raw, as logits, and what kind of head each one is."""

from __future__ import annotations

import dataclasses
from typing import Any, NamedTuple

import tensorflow as tf

_LONGEST = 300


class Outputs(NamedTuple):
    """What a model gives for one batch.

    Attributes:
      returned: as the model returns it; () where only tensors are kept.
      tensors: by head, [B, ...]; () where the head is none.
      logits: the same before a final softmax or sigmoid; equal to `tensors` where there is none.
    """

    returned: Any
    tensors: tuple[Any, ...]
    logits: tuple[Any, ...]


@dataclasses.dataclass(frozen=True)
class Head:
    """One leaf of what a model returns.

    Attributes:
      kind: "classes" (mutually exclusive), "binary" (one unit, classes 0 and 1), "labels" (one yes/no per column),
        "values" (regression), "other" (needs a callable target: rank other than 2) or "none" (no tensor, or one without
        examples). Of a plain callable also "probabilities" (of mutually exclusive classes, with no logits behind them)
        and "scores" (several columns: classes or values, nobody knows).
      units: columns.
      name: "kind", or "parts/kind" in nested dicts; "" where the model names nothing.
      what: dtype and shape, or what else it is.
      hidden_by: the operation that ends probabilities whose logits cannot be seen; "" where these can.
    """

    kind: str
    units: int
    name: str = ""
    what: str = ""
    hidden_by: str = ""


def described(returned: Any) -> str:
    """A structure with its tensors as dtype and shape, everything else as its type."""
    text = repr(tf.nest.map_structure(_Word, returned))
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."


class _Word:
    def __init__(self, leaf: Any) -> None:
        self._leaf = leaf

    def __repr__(self) -> str:
        if isinstance(self._leaf, tf.Tensor):
            return f"{self._leaf.dtype.name}{self._leaf.shape}"
        return "None" if self._leaf is None else type(self._leaf).__name__


def matrix(output: tf.Tensor) -> tf.Tensor:
    """An output as float32 [B, C]."""
    output = tf.cast(output, tf.float32)
    return output[:, None] if output.shape.rank == 1 else output


def column(values: tf.Tensor, columns: tf.Tensor) -> tf.Tensor:
    """One column per row: [B, C] and [B] -> [B]."""
    # The gradient of tf.gather along rows is a hundred operations, more than all others of a small model.
    chosen = tf.range(values.shape[1]) == columns[:, None]
    return tf.reduce_sum(tf.where(chosen, values, tf.zeros_like(values)), 1)


def predictions(head: Head, returned: tf.Tensor, logits: tf.Tensor, columns: tf.Tensor) -> tf.Tensor:
    """[B, classes] probabilities of a head that classifies, [B] values of the columns [B] of a regression."""
    logits, returned = matrix(logits), matrix(returned)
    if head.kind == "classes":
        return tf.nn.softmax(logits)
    if head.kind == "binary":
        return tf.concat([tf.sigmoid(-logits), tf.sigmoid(logits)], 1)
    if head.kind == "labels":
        return tf.sigmoid(logits)
    if head.kind == "probabilities":
        return returned
    return column(returned, columns)
