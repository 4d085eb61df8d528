"""The outputs of a model: raw, as logits, and what kind of head each one is."""

from __future__ import annotations

import dataclasses
from typing import Any, NamedTuple

import tensorflow as tf


class Outputs(NamedTuple):
    """What a model gives for one batch, in the model's own structure of outputs.

    Attributes:
      returned: as the model returns it.
      logits: the same before a final softmax or sigmoid; equal to `returned` where there is none.
    """

    returned: Any
    logits: Any


@dataclasses.dataclass(frozen=True)
class Head:
    """One output of a model.

    Attributes:
      kind: "classes" (mutually exclusive), "binary" (one unit, classes 0 and 1), "labels" (one yes/no per column),
        "values" (regression) or "other" (needs a callable target: rank other than 2).
      units: columns.
      name: of the output, where the model names its outputs.
    """

    kind: str
    units: int
    name: str = ""


def matrix(output: tf.Tensor) -> tf.Tensor:
    """An output as float32 [B, C]."""
    output = tf.cast(output, tf.float32)
    return output[:, None] if output.shape.rank == 1 else output


def column(values: tf.Tensor, columns: tf.Tensor) -> tf.Tensor:
    """One column per row: [B, C] and [B] -> [B]."""
    return tf.gather(values, columns, batch_dims=1)


def predictions(head: Head, returned: tf.Tensor, logits: tf.Tensor, columns: tf.Tensor) -> tf.Tensor:
    """[B, classes] probabilities of a head that classifies, [B] values of the columns [B] of a regression."""
    logits, returned = matrix(logits), matrix(returned)
    if head.kind == "classes":
        return tf.nn.softmax(logits)
    if head.kind == "binary":
        return tf.concat([tf.sigmoid(-logits), tf.sigmoid(logits)], 1)
    if head.kind == "labels":
        return tf.sigmoid(logits)
    return column(returned, columns)
