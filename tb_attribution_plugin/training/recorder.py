"""One fit's attributions: computes what is due, writes it, keeps the books."""

from __future__ import annotations

import time
import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np

from tb_attribution_plugin.attribution import Attribution
from tb_attribution_plugin.evaluation.regions import region_share
from tb_attribution_plugin.logging.event_file import LogWriteError
from tb_attribution_plugin.logging.writer import AttributionWriter
from tb_attribution_plugin.schedule import Budget
from tb_attribution_plugin.training import selection, survey
from tb_attribution_plugin.training.compiled import Compiled, Results
from tb_attribution_plugin.training.plan import Plan
from tb_attribution_plugin.training.voice import say
from tb_attribution_plugin.wire import names

# A scalar with its tag and metadata, in a record of its own.
SCALAR_BYTES = 150


class AttributionWarning(UserWarning):
    """Attribution could not do what was asked; training goes on."""


class Recorder:
    """Logs a plan's jobs at the entries that its budget allows.

    Attributes:
      first_seconds: seconds of the first log, by group.
      first_bytes: bytes of the first log, the probe left out.
    """

    def __init__(
        self, plan: Plan, groups: dict[str, Compiled], writer: AttributionWriter, budget: Budget, *, raises: bool
    ) -> None:
        self._plan = plan
        self._groups = groups
        self._writer = writer
        self._budget = budget
        self._raises = raises
        self._reported: set[str] = set()
        self._first_step, self._batches_per_step = 0, 1
        self._last_step: int | None = None
        self._scalars_at: dict[str, int] = {}
        self.first_seconds: dict[str, float] = {}
        self.first_bytes = 0
        self._started = time.perf_counter()
        self._attribution_seconds = 0.0
        for tag, job in plan.jobs.items():
            method = job.method
            writer.series(
                tag,
                method=type(method).__name__,
                signed=method.signed,
                target=job.target.name,
                scalar=job.target.scalar,
                parameters=selection.parameters(method),
                class_sensitive=method.class_sensitive,
                weight_sensitive=method.weight_sensitive,
                error_kind=method.error_kind,
                additive=method.additive,
                cam=hasattr(method, "layer") and not method.additive,
            )

    def start(self, entry: int, step: int, epoch: int, *, batches_per_step: int) -> None:
        """Training starts here: opens the log with the untouched model's maps."""
        self._first_step, self._batches_per_step = step, batches_per_step
        self._guarded("the log", lambda: self._start(entry, step, epoch))
        self._started = time.perf_counter()
        self._attribution_seconds = 0.0

    def record(self, entry: int, step: int, epoch: int, logs: Mapping[str, Any]) -> None:
        """Explains the probe with the weights as they are, unless this step is already logged; then fit's own logs."""
        began = time.perf_counter()
        self._guarded("the log", lambda: self._record(entry, step, epoch, logs))
        self._attribution_seconds += time.perf_counter() - began

    def scalars(self, step: int, logs: Mapping[str, Any]) -> None:
        """Fit's own logs on our axis; a value already logged at this step stays."""
        self._guarded("the log", lambda: self._scalars(step, logs))

    def close(self) -> None:
        """Closes the log, and says what was left out and why."""
        self._guarded("the log", self._writer.close)
        for name, every in self._budget.thinned.items():
            say(
                f"attribution: {name} was logged at every {every}th entry of the schedule to stay within max_overhead "
                "and max_bytes"
            )

    @property
    def other_seconds(self) -> float:
        """Seconds that the fit has spent on anything but attribution."""
        return time.perf_counter() - self._started - self._attribution_seconds

    def _explain(self, entry: int) -> tuple[dict[str, Results], dict[str, float]]:
        results, seconds = {}, {}
        for name, compiled in self._groups.items():
            if not self._budget.allows(name, entry, self.other_seconds, self._writer.bytes_written):
                continue
            self._plan.drain()
            began = time.perf_counter()
            found = self._guarded(name, compiled)
            elapsed = time.perf_counter() - began
            if name in self.first_seconds:
                self._budget.spent(name, elapsed)
            else:
                self.first_seconds[name] = elapsed
            if found is not None:
                results[name], seconds[name] = found, elapsed
        return results, seconds

    def _start(self, entry: int, step: int, epoch: int) -> None:
        self._plan.statistics.start()
        results, seconds = self._explain(entry)
        outputs = (_baseline_outputs(found.attributions) for found in results.values())
        self._writer.describe_baseline(self._plan.baseline(), next((one for one in outputs if one is not None), None))
        self._writer.open(step)
        self._write(step, epoch, results, seconds)

    def _record(self, entry: int, step: int, epoch: int, logs: Mapping[str, Any]) -> None:
        self._plan.statistics.updated((step - self._first_step) * self._batches_per_step)
        if self._last_step is None or step > self._last_step:
            results, seconds = self._explain(entry)
            # A failed write must not take fit's own logs with it.
            self._guarded("the log", lambda: self._write(step, epoch, results, seconds))
        if self._budget.room(entry, self._writer.bytes_written):
            self._scalars(step, logs)

    def _scalars(self, step: int, logs: Mapping[str, Any]) -> None:
        fresh = {
            names.FIT + key: float(value)
            for key, value in logs.items()
            if np.ndim(value) == 0 and np.asarray(value).dtype.kind in "biuf" and self._scalars_at.get(key) != step
        }
        if self._budget.fits(self._writer.bytes_written, SCALAR_BYTES * len(fresh)):
            self._writer.scalars(step, fresh)
            self._scalars_at.update({key.removeprefix(names.FIT): step for key in fresh})

    def _write(self, step: int, epoch: int, results: dict[str, Results], seconds: dict[str, float]) -> None:
        if not results:
            return
        first, self._last_step = self._last_step is None, step
        attributions: dict[str, Attribution] = {}
        targets: dict[str, Any] = {}
        each: dict[str, float] = {}
        predictions: dict[str, Any] = {}
        for name, found in results.items():
            attributions |= found.attributions
            targets |= {tag: columns for tag, columns in found.columns.items() if columns is not None}
            # A group's methods share their evaluations; each is shown its part.
            each |= dict.fromkeys(found.attributions, seconds[name] / len(found.attributions))
            predictions |= found.predictions
        before = self._writer.bytes_written
        self._writer.write(step, attributions, outputs=predictions, targets=targets, epoch=epoch, seconds=each)
        self._writer.scalars(step, self._region_shares(attributions) | self._warmth())
        size = self._writer.bytes_written - before
        if first:
            self.first_bytes = size
        self._budget.wrote(size)

    def _warmth(self) -> dict[str, float]:
        found = {} if self._plan.warmth is None else self._plan.warmth.accuracies()
        return {f"{names.BATCHNORM}accuracy_{kind}": value for kind, value in found.items()}

    def _region_shares(self, attributions: Mapping[str, Any]) -> dict[str, float]:
        probe, shares = self._writer.probe, {}
        for tag, attribution in attributions.items():
            scores = attribution.scores
            if isinstance(scores, dict):
                scores = scores[probe.input_names[probe.shown]]
            elif isinstance(scores, list | tuple):
                scores = scores[probe.shown]
            for region, mask in probe.regions.items():
                share = region_share(scores, mask)
                if np.any(np.isfinite(share)):
                    shares[f"{names.REGION}{tag}/{region}"] = float(np.nanmean(share))
        return shares

    def _guarded(self, what: str, action: Any) -> Any:
        """Runs an action; a failure is reported once, with its cause, and training goes on."""
        try:
            return action()
        except Exception as error:
            if self._raises:
                raise
            kind = f"{what}: {type(error).__name__}"
            if kind not in self._reported:
                self._reported.add(kind)
                message = f"attribution: {what} failed: {_cause(error)}"
                try:
                    warnings.warn(message, AttributionWarning, stacklevel=2)
                except AttributionWarning:  # warnings are errors in this process; training is not to pay for it
                    say(message)
            return None


def _baseline_outputs(attributions: Mapping[str, Any]) -> Any:
    for attribution in attributions.values():
        if attribution.baseline_outputs is not None and np.any(np.isfinite(attribution.baseline_outputs)):
            return attribution.baseline_outputs
    return None


def _cause(error: Exception) -> str:
    if isinstance(error, LogWriteError):
        return f"{error}. Training goes on, and logging is tried again at the next step"
    return (
        f"{type(error).__name__}: {survey.cause(error)}. Training goes on and it is tried again at the next entry; "
        "on_error='raise' stops instead"
    )
