"""What a log says of each series that a plan makes, and of their baseline."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from tb_attribution_plugin.attribution import Attribution
from tb_attribution_plugin.logging.writer import AttributionWriter
from tb_attribution_plugin.probe import Probe
from tb_attribution_plugin.training import selection
from tb_attribution_plugin.training.plan import Plan


def declare(plan: Plan, writer: AttributionWriter) -> None:
    """Before the first step."""
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
            cam=hasattr(method, "layer") and not method.additive,
            units=hasattr(method, "layer") and method.additive and _are_units(plan, writer.probe, method.layer),
        )


def _are_units(plan: Plan, probe: Probe, layer: str) -> bool:
    """True where a layer's output does not have the axes of the input that is shown, and so no place in it."""
    return len(plan.network.shape(layer)) - 2 != {"image": 2, "time_series": 1, "text": 1}.get(probe.modality)


def describe_baseline(plan: Plan, writer: AttributionWriter, attributions: Iterable[Attribution]) -> None:
    """With the model's outputs there, of the first attribution that has them."""
    outputs = (one.baseline_outputs for one in attributions if one.baseline_outputs is not None)
    writer.describe_baseline(plan.baseline(), next((one for one in outputs if np.any(np.isfinite(one))), None))
