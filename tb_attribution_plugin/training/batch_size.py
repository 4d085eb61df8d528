"""How many rows go through a model at once."""

from __future__ import annotations

import tensorflow as tf


def best_batch_size(elements: int, largest: int) -> int:
    """Rows that keep one evaluation busy but bounded: measured in benchmarks/methods.py.

    Args:
      elements: activations per example, over all layers.
      largest: those of the layer that has most.
    """
    # About 2 GiB of float32 activations at most, forward and backward.
    fits = 2**28 // max(1, elements)
    if not tf.config.list_logical_devices("GPU"):
        # glibc takes a tensor above 32 MiB from the system, page by page, and gives it back each time: with 12 rows at
        # once that was a sixth of the time of MobileNetV2.
        fits = min(fits, 2**23 // max(1, largest))
    best = 32 if elements > 2**20 else 128 if elements > 2**13 else 4096 if elements > 2**9 else 16384
    return max(1, min(fits, best))
