"""One fit that is logged: what its hooks do."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from tb_attribution_plugin.budget import Budget, Seconds
from tb_attribution_plugin.logging.fit_logs import SCALAR_BYTES
from tb_attribution_plugin.logging.reports import Reports
from tb_attribution_plugin.logging.voice import say
from tb_attribution_plugin.logging.writer import AttributionWriter
from tb_attribution_plugin.schedule import Schedule
from tb_attribution_plugin.training import start_line
from tb_attribution_plugin.training.iterations import Iterations
from tb_attribution_plugin.training.plan import Plan, tensors
from tb_attribution_plugin.training.recorder import Recorder
from tb_attribution_plugin.training.rejection import cause

# A loss and one metric, with those of a validation.
_USUAL_SCALARS = 4
# A scalar with its tag; only the first of a tag has metadata.
_LATER_SCALAR_BYTES = 50

Logs = Mapping[str, Any] | None


class Fit:
    """From the traces of its methods until its log is closed. A hook that fails is reported, and training goes on.

    `params` of the hooks are those that Keras hands to callbacks.
    """

    def __init__(
        self,
        plan: Plan,
        writer: AttributionWriter,
        iterations: Iterations,
        schedule: Schedule,
        *,
        max_overhead: float | None,
        max_bytes: int | None,
        raises: bool,
    ) -> None:
        """Traces everything.

        Args:
          raises: a failure stops training instead.

        Raises:
          ValueError: a method does not fit the model; names its tag.
        """
        began = time.perf_counter()
        self._plan = plan
        self._writer = writer
        self._iterations = iterations
        self._schedule = schedule
        self._max_overhead = max_overhead
        self._max_bytes = max_bytes
        self._reports = Reports(raises=raises, cause=cause)
        self._budget = Budget({name: len(jobs) for name, jobs in plan.groups.items()}, max_overhead, max_bytes)
        self._recorder = Recorder(
            plan, plan.compiled(tensors(writer.probe.inputs)), writer, self._budget, self._reports
        )
        self._epoch = 0
        self._begun = False
        self._foreseen: tuple[int, int] | None = None  # further logs, and bytes of the whole directory
        self.tracing = time.perf_counter() - began

    @property
    def seconds(self) -> Seconds:
        """Where the time went so far."""
        return self._recorder.seconds._replace(tracing=self.tracing)

    def epoch_begins(self, epoch: int) -> None:
        self._epoch = epoch

    def begin(self, log_dir: str, params: Mapping[str, Any] | None) -> None:
        """Opens the log where training starts; not before, because another callback may restore a backup when it does.

        A loop that is written by hand may leave hooks out: the first one that it calls begins.
        """
        if not self._begun:
            self._begun = True
            self._reports.guarded("the callback", lambda: self._begin(log_dir, params or {}))

    def batch_ended(self, params: Mapping[str, Any] | None, logs: Logs) -> None:
        self._reports.guarded("the callback", lambda: self._batch_ended(params or {}, logs or {}))

    def epoch_ended(self, epoch: int, logs: Logs) -> None:
        self._reports.guarded("the callback", lambda: self._epoch_ended(epoch, logs or {}))
        self._epoch = epoch + 1  # a loop that is written by hand may not announce it

    def close(self) -> None:
        self._recorder.close()

    def _begin(self, log_dir: str, params: Mapping[str, Any]) -> None:
        step = self._iterations.training_begins()
        self._recorder.start(self._schedule.start(step), step, self._epoch)
        self._say_start(log_dir, step, _length(params), int(params.get("epochs") or 1))

    def _batch_ended(self, params: Mapping[str, Any], logs: Mapping[str, Any]) -> None:
        self._iterations.batch_ended(_length(params))
        if not self._schedule.watches(self._epoch) or self._iterations.at_most < self._schedule.next_entry():
            return  # reading the iterations waits for the device
        step = self._iterations.read()
        entry = self._schedule.batch(step, self._epoch)
        if entry is not None:
            self._recorder.record(entry, step, self._epoch, self._iterations.batches, logs)

    def _epoch_ended(self, epoch: int, logs: Mapping[str, Any]) -> None:
        self._iterations.epoch_ended()
        step, entry = self._iterations.read(), self._schedule.epoch_end()
        if entry is None:
            self._recorder.scalars(step, logs)
        else:
            self._recorder.record(entry, step, epoch, self._iterations.batches, logs)
        self._recorder.epoch_ended(self._iterations.batches)
        self._correct(len(logs))

    def _say_start(self, log_dir: str, step: int, length: int | None, epochs: int) -> None:
        what = start_line.jobs_line(self._plan.groups, self._writer.probe)
        cost = "" if self._recorder.first_bytes == 0 else f"; {self._cost(step, length, epochs)}"
        lines = [f"attribution: {what}{cost}; {self._writer.path}; open with: tensorboard --logdir {log_dir}"]
        lines += [f"attribution: {note}" for note in self._plan.notes]
        # A progress bar may have left its line open.
        say("\n" + "\n".join(lines))

    def _cost(self, step: int, length: int | None, epochs: int) -> str:
        seconds, size = self._recorder.log_seconds, self._recorder.first_bytes
        cost = start_line.cost_line(step, seconds, size, self.tracing)
        logs = self._schedule.planned(step, length, epochs, self._epoch)
        if logs is not None:
            # Fit's own logs come with every entry but the first.
            size += SCALAR_BYTES * _USUAL_SCALARS
            logs = self._budget.plan(logs, size, self._writer.bytes_written)
            total = self._writer.bytes_written + (logs - 1) * size
            self._foreseen = logs - 1, total
            cost += "; " + start_line.total_line(logs, logs * seconds, total, self._max_overhead)
        return cost

    def _correct(self, scalars: int) -> None:
        """Says the size again where fit turns out to log far more values, or fewer, than most do."""
        if self._foreseen is None:
            return
        (logs, said), self._foreseen = self._foreseen, None
        total = said + logs * (_LATER_SCALAR_BYTES * scalars - SCALAR_BYTES * _USUAL_SCALARS)
        if self._max_bytes is None and abs(total - said) > 0.1 * said:
            say(f"\nattribution: fit logs {scalars} values of its own, so the log takes {start_line.in_bytes(total)}")


def _length(params: Mapping[str, Any]) -> int | None:
    """Batches of an epoch. Keras hands on what fit was given, NumPy's integers too."""
    steps = params.get("steps")
    return None if steps is None else int(steps)
