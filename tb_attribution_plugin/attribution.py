"""The record that every method returns and every writer takes."""

from __future__ import annotations

from typing import Any, NamedTuple


class Attribution(NamedTuple):
    """What a method found, and how wrong it may be. NumPy or TensorFlow arrays; B examples.

    Attributes:
      scores: structure of the inputs, each [B, *grid], float32. Signed unless the method says otherwise.
        The grid is the input's own shape, or the method's own (a CAM's is its layer's).
      residual: [B], the method's own measure of how wrong it is (its `error_kind`); NaN where it has none.
      outputs: [B], the explained scalar f(x).
      baseline_outputs: [B], f(x0); NaN where the method has no baseline.
      segment_scores: [B, K], one value per segment; None where features are not grouped.
      errors: an error per value, in the shape of `scores` (or of `segment_scores`); None where the method has none.
      evaluations: [B], model evaluations spent, forward or forward and backward.
    """

    scores: Any
    residual: Any = None
    outputs: Any = None
    baseline_outputs: Any = None
    segment_scores: Any = None
    errors: Any = None
    evaluations: Any = None
