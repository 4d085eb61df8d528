"""What a log says of each series, and of their baseline; no TensorFlow."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np

from tb_attribution_plugin.attribution import Attribution
from tb_attribution_plugin.logging.writer import AttributionWriter


@dataclasses.dataclass(frozen=True, kw_only=True)
class Declaration:
    """Plain values, for a writer in any process.

    Attributes:
      series: by tag, arguments of `AttributionWriter.series`.
      segments: that the log shows where the probe names none, or None.
      units: tags of scores of units of a layer.
      baseline: what "feature absent" means, in words.
      start_there: tags of methods that start from that input.
    """

    series: dict[str, dict[str, Any]]
    segments: Any
    units: frozenset[str]
    baseline: str
    start_there: frozenset[str]

    def declare(self, writer: AttributionWriter) -> None:
        """Before the first step."""
        if self.segments is not None:
            writer.describe_segments(self.segments)
        for tag, about in self.series.items():
            writer.series(tag, **about)

    def describe_baseline(self, writer: AttributionWriter, attributions: Mapping[str, Attribution]) -> None:
        """With the model's outputs there, of the first attribution that has them."""
        there = [one.baseline_outputs for tag, one in attributions.items() if tag in self.start_there]
        finite = (outputs for outputs in there if outputs is not None and np.any(np.isfinite(outputs)))
        writer.describe_baseline(self.baseline, next(finite, None))
