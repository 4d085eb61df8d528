"""One fit's attributions: computes what is due, writes it, keeps the books."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Mapping
from typing import Any

from tb_attribution_plugin.budget import Budget, Seconds
from tb_attribution_plugin.logging.event_file import LogFullError
from tb_attribution_plugin.logging.fit_logs import FitLogs
from tb_attribution_plugin.logging.region_shares import region_shares
from tb_attribution_plugin.logging.reports import ArgumentError, Reports
from tb_attribution_plugin.logging.voice import say
from tb_attribution_plugin.logging.writer import AttributionWriter
from tb_attribution_plugin.training import divergence
from tb_attribution_plugin.training.compiled import Results
from tb_attribution_plugin.training.declaration import declaration
from tb_attribution_plugin.training.gathered import gathered
from tb_attribution_plugin.training.group import Group
from tb_attribution_plugin.training.plan import Plan
from tb_attribution_plugin.wire import names

# A first run that took less is repeated, because only the second one tells what the later ones will cost.
_SHORT_SECONDS = 5.0


class Recorder:
    """Logs a plan's jobs at the entries that its budget allows.

    Attributes:
      log_seconds: what one log will cost, as far as the first one tells.
      first_bytes: bytes of the first log, the probe left out.
    """

    def __init__(
        self, plan: Plan, groups: dict[str, Group], writer: AttributionWriter, budget: Budget, reports: Reports
    ) -> None:
        self._plan = plan
        self._groups = groups
        self._writer = writer
        self._budget = budget
        self._reports = reports
        self._last_step: int | None = None
        self._fit_logs = FitLogs(writer, budget.fits)
        self._computing: dict[str, float] = {}  # seconds at this entry, by group
        self.log_seconds = 0.0
        self.first_bytes = 0
        self._first_seconds = 0.0
        self._started = time.perf_counter()
        self._ended: float | None = None
        self._declaration = declaration(plan)
        self._declaration.declare(writer)

    def start(self, entry: int, step: int, epoch: int) -> None:
        """Training starts here: opens the log with the untouched model's maps."""
        began = time.perf_counter()
        self._reports.guarded("the log", lambda: self._start(entry, step, epoch))
        self._started = time.perf_counter()
        self._first_seconds = self._started - began

    def record(self, entry: int, step: int, epoch: int, batches: int, logs: Mapping[str, Any]) -> None:
        """Explains the probe with the weights as they are, unless this step is already logged; then fit's own logs.

        Args:
          batches: trained on since the start.
        """
        new = self._last_step is None or step > self._last_step
        due = self._due(entry) if new else []
        if due:
            # The device finishes its training step first: that time is not attribution's.
            self._reports.guarded("the log", self._plan.drain)
        with self._charged():
            self._reports.guarded("the log", lambda: self._record(entry, due, step, epoch, batches, logs))

    def scalars(self, step: int, logs: Mapping[str, Any]) -> None:
        """Fit's own logs on our axis; a value already logged at this step stays."""
        with self._charged():
            self._reports.guarded("the log", lambda: self._fit_logs.write(step, logs))

    def epoch_ended(self, batches: int) -> None:
        """Notes where the statistics of BatchNormalization are, after so many batches."""
        with self._charged():
            self._reports.guarded("the log", lambda: self._plan.statistics.epoch_ended(batches))

    def close(self) -> None:
        """Closes the log, and says what was left out and why."""
        try:
            with self._charged():
                self._reports.guarded("the log", self._writer.close)
        finally:
            self._ended = time.perf_counter()
        for name, (logged, asked, limits) in self._budget.thinned.items():
            say(
                f"attribution: {name} was logged at {logged} of {asked} entries of the schedule, to stay within "
                f"{' and '.join(limits)}"
            )

    @property
    def seconds(self) -> Seconds:
        """Where the time went so far; tracing was before."""
        ended = time.perf_counter() if self._ended is None else self._ended
        logs = self._budget.seconds
        return Seconds(first=self._first_seconds, logs=logs, training=ended - self._started - logs)

    @contextlib.contextmanager
    def _charged(self) -> Iterator[None]:
        """Time in the context is attribution's."""
        self._computing = {}
        began = time.perf_counter()
        try:
            yield
        finally:
            self._budget.spent(self._computing, time.perf_counter() - began - sum(self._computing.values()))

    def _due(self, entry: int) -> list[str]:
        training, written = self.seconds.training, self._writer.bytes_written
        return [name for name in self._groups if self._budget.allows(name, entry, training, written)]

    def _explain(self, names: list[str]) -> dict[str, Results]:
        results = {}
        for name in names:
            began = time.perf_counter()
            found = self._groups[name].explained(self._reports)
            self._computing[name] = time.perf_counter() - began
            if found is not None:
                results[name] = found
        return results

    def _start(self, entry: int, step: int, epoch: int) -> None:
        self._plan.statistics.start()
        due = self._due(entry)
        results = self._explain(due)
        self._explain([name for name in results if self._computing[name] < _SHORT_SECONDS])
        found = {tag: one for group in results.values() for tag, one in group.attributions.items()}
        self._declaration.describe_baseline(self._writer, found)
        try:
            # At `step` itself stay fit's own logs of the epoch that an earlier fit ended with.
            with self._reports.notices():
                self._writer.open(step, replaces=step + 1)
            self._warmth()  # its first run, too, is slow
            began = time.perf_counter()
            self._write(step, epoch, results)
        except LogFullError as error:
            self._budget.full()
            if self._writer.bytes_before:  # a fit that resumes goes on without its log
                raise
            self._writer.discard()
            raise ArgumentError(
                f"max_bytes is too small: the probe and one log take {error.needed:,} bytes; raise it, or pass fewer "
                "examples, fewer methods or a lower resolution="
            ) from error
        writing = time.perf_counter() - began
        for name in due:
            self._budget.expects(name, self._computing[name] + writing / len(due))
        self.log_seconds = sum(self._computing.values()) + writing

    def _record(self, entry: int, due: list[str], step: int, epoch: int, batches: int, logs: Mapping[str, Any]) -> None:
        self._plan.statistics.updated(batches)
        results = self._explain(due)
        # A failed write must not take fit's own logs with it.
        self._reports.guarded("the log", lambda: self._write(step, epoch, results))
        if self._budget.room(entry, self._writer.bytes_written):
            self._fit_logs.write(step, logs)

    def _write(self, step: int, epoch: int, results: dict[str, Results]) -> None:
        if not results:
            return
        first, self._last_step = self._last_step is None, step
        log = gathered(results, self._computing, self._plan.by_feature)
        before = self._writer.bytes_written
        try:
            with self._reports.notices():
                self._writer.write(step, **log._asdict(), epoch=epoch)
        except LogFullError:
            self._budget.full()
            raise
        self._budget.logged(results)
        self._writer.scalars(
            step, region_shares(log.attributions, self._writer.probe, self._plan.units) | self._warmth()
        )
        size = self._writer.bytes_written - before
        if first:
            self.first_bytes = size
        self._budget.wrote(size)
        if bad := divergence.not_finite(log.attributions):
            examples, variables = self._writer.probe.size, self._plan.variables
            self._reports.once("not finite", lambda: divergence.explained(bad, step, examples, variables))

    def _warmth(self) -> dict[str, float]:
        if self._plan.warmth is None:
            return {}
        found = self._reports.guarded("BatchNorm's accuracy", self._plan.warmth.numbers) or {}
        return {names.BATCHNORM + what: value for what, value in found.items()}
