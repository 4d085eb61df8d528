"""What a log says of the series that a plan makes."""

from __future__ import annotations

from typing import Any

from tb_attribution_plugin.logging.description import versions, written_out
from tb_attribution_plugin.methods import baselines
from tb_attribution_plugin.training import selection
from tb_attribution_plugin.training.declared import Declaration
from tb_attribution_plugin.training.plan import Plan


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
                "parameters": written_out(selection.parameters(job.method) | statistics),
                "class_sensitive": job.method.class_sensitive,
                "weight_sensitive": job.method.weight_sensitive,
                "error_kind": job.method.error_kind,
                "additive": job.method.additive,
                "cam": _at_layer(job.method) and not job.method.additive,
                "units": tag in plan.units,
                "at_layer": _at_layer(job.method),
                "correlated_errors": getattr(job.method, "correlated_errors", False),
                "per_place": getattr(job.method, "per_place", False),
                "computed_with": versions(),
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
