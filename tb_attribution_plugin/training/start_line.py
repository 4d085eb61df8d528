"""What is said when training starts: what will be logged, where to, and what that will cost."""

from __future__ import annotations

from collections.abc import Mapping

from tb_attribution_plugin.budget import FREE_SECONDS
from tb_attribution_plugin.probe import Probe
from tb_attribution_plugin.training.compiled import Job


def jobs_line(groups: Mapping[str, Mapping[str, Job]], probe: Probe) -> str:
    """Methods with their cost, those together that share it; examples and targets."""
    jobs = {tag: job for group in groups.values() for tag, job in group.items()}
    costs: dict[str, int] = {}
    for group in groups.values():
        cost = max(job.method.cost() for job in group.values())
        # Methods of one evaluation are a group too, and may have a target each.
        costs |= dict.fromkeys([" + ".join(group)] if cost > 1 else group, cost)
    methods = ", ".join(f"{tags} ({cost} evaluation{'s' if cost > 1 else ''})" for tags, cost in costs.items())
    targets = dict.fromkeys(f"{job.target.name} ({job.target.scalar})" for job in jobs.values())
    return f"{methods} of {probe.size} {probe.modality} examples, target {', '.join(targets)}"


def cost_line(step: int, seconds: float, size: int, tracing: float) -> str:
    """Of one log.

    Args:
      step: of the first one, which was measured.
      seconds, size: of each log; bytes.
      tracing: seconds.
    """
    return f"{seconds:.2f} s and {in_bytes(size)} per log (step {step}), {tracing:.1f} s of tracing"


def total_line(logs: int, seconds: float, size: float, max_overhead: float | None) -> str:
    """Of the whole fit.

    Args:
      seconds: of all logs.
      size: of the whole directory, bytes.
    """
    thinned = max_overhead is not None and seconds > FREE_SECONDS
    limit = f" (as far as {max_overhead:.0%} of the training time allow)" if thinned else ""
    return f"at most {logs} logs, {in_seconds(seconds)}{limit} and {in_bytes(size)}"


def in_seconds(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds >= 1 else "< 1 s"


def in_bytes(size: float) -> str:
    return f"{size / 1e6:.1f} MB" if size >= 1e6 else f"{size / 1e3:.1f} kB"
