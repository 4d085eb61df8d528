"""What a log says of each series that a plan makes, and of their baseline."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np

from tb_attribution_plugin.attribution import Attribution
from tb_attribution_plugin.logging.writer import AttributionWriter
from tb_attribution_plugin.methods import baselines
from tb_attribution_plugin.training import selection
from tb_attribution_plugin.training.plan import Plan


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


def declaration(plan: Plan) -> Declaration:
    statistics = {"batchnorm": plan.batchnorm} if plan.statistics else {}
    methods = {tag: job.method for tag, job in plan.jobs.items()}
    return Declaration(
        series={
            tag: {
                "method": type(job.method).__name__,
                "signed": job.method.signed,
                "target": job.target.name,
                "scalar": job.target.scalar,
                "parameters": selection.parameters(job.method) | statistics,
                "class_sensitive": job.method.class_sensitive,
                "weight_sensitive": job.method.weight_sensitive,
                "error_kind": job.method.error_kind,
                "additive": job.method.additive,
                "cam": _at_layer(job.method) and not job.method.additive,
                "units": tag in plan.units,
                "at_layer": _at_layer(job.method),
                "correlated_errors": getattr(job.method, "correlated_errors", False),
            }
            for tag, job in plan.jobs.items()
        },
        segments=plan.segments,
        units=plan.units,
        baseline=plan.baseline(),
        # Others start elsewhere: BlurIG from a blurred input, methods at a layer from its output.
        start_there=frozenset(
            tag
            for tag, method in methods.items()
            if isinstance(getattr(method, "baseline", None), baselines.Points) and not hasattr(method, "layer")
        ),
    )


def _at_layer(method: Any) -> bool:
    """What carries rules back goes to the inputs, whatever layer it looks at on the way."""
    return hasattr(method, "layer") and not hasattr(method, "rules")
