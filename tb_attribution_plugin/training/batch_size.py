"""How many rows go through a model at once."""

from __future__ import annotations


def best_batch_size(elements: int) -> int:
    """Rows that keep one evaluation busy but bounded: measured in benchmarks/methods.py.

    Args:
      elements: activations per example.
    """
    # About 2 GiB of float32 activations at most, forward and backward.
    fits = max(1, 2**28 // max(1, elements))
    best = 32 if elements > 2**20 else 128 if elements > 2**13 else 4096
    return min(fits, best)
