"""A pass over a batch in chunks that fit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from tb_attribution_plugin.methods import rows
from tb_attribution_plugin.methods.evaluated import Batch
from tb_attribution_plugin.methods.rows import Structure


def in_chunks(run: Callable[[Batch, Structure], Any], batch: Batch, reference: Structure, size: int) -> Any:
    """What `run`, which reads the traced graph, gives for the whole batch.

    Args:
      reference: by row too; None or () where there is none.
      size: at most this many rows at a time.
    """
    run = tf.function(run, autograph=False) if tf.executing_eagerly() else run
    count = batch.examples.shape[0]
    if count <= size:
        return run(batch, reference)

    def some(index: tf.Tensor) -> Any:
        return run(rows.gather(batch, index), rows.gather(reference, index))

    return rows.mapped(some, count, size)
