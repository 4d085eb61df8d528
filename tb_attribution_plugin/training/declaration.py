"""What a log says of each series that a plan makes, and of their baseline."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from tb_attribution_plugin.attribution import Attribution
from tb_attribution_plugin.logging.writer import AttributionWriter
from tb_attribution_plugin.methods import baselines
from tb_attribution_plugin.training import selection
from tb_attribution_plugin.training.plan import Plan


def declare(plan: Plan, writer: AttributionWriter) -> None:
    """Before the first step."""
    if plan.segments is not None:
        writer.describe_segments(plan.segments)
    statistics = {"batchnorm": plan.batchnorm} if plan.statistics else {}
    for tag, job in plan.jobs.items():
        method = job.method
        writer.series(
            tag,
            method=type(method).__name__,
            signed=method.signed,
            target=job.target.name,
            scalar=job.target.scalar,
            parameters=selection.parameters(method) | statistics,
            class_sensitive=method.class_sensitive,
            weight_sensitive=method.weight_sensitive,
            error_kind=method.error_kind,
            additive=method.additive,
            cam=_at_layer(method) and not method.additive,
            units=tag in plan.units,
            at_layer=_at_layer(method),
            correlated_errors=getattr(method, "correlated_errors", False),
        )


def _at_layer(method: Any) -> bool:
    """What carries rules back goes to the inputs, whatever layer it looks at on the way."""
    return hasattr(method, "layer") and not hasattr(method, "rules")


def describe_baseline(plan: Plan, writer: AttributionWriter, attributions: Mapping[str, Attribution]) -> None:
    """With the model's outputs there, of the first attribution that has them.

    What other methods start from is not that input: BlurIG from a blurred one, methods at a layer from its output.
    """
    methods = {tag: plan.jobs[tag].method for tag in attributions}
    there = [
        attributions[tag].baseline_outputs
        for tag, method in methods.items()
        if isinstance(getattr(method, "baseline", None), baselines.Points) and not hasattr(method, "layer")
    ]
    finite = (outputs for outputs in there if outputs is not None and np.any(np.isfinite(outputs)))
    writer.describe_baseline(plan.baseline(), next(finite, None))
