"""Which methods a loop of its own explains with, at which steps: as AttributionCallback does in `fit`."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterable, Iterator

from tb_attribution_plugin.budget import Budget
from tb_attribution_plugin.logging.event_file import LogFullError
from tb_attribution_plugin.logging.reports import Reports
from tb_attribution_plugin.logging.voice import say
from tb_attribution_plugin.schedule import Schedule, UpdateFreq


class Pace:
    """A schedule of entries, and the budget that thins them.

    Attributes:
      budget: of all methods.
    """

    def __init__(
        self, tags: Iterable[str], update_freq: UpdateFreq, max_overhead: float | None, max_bytes: int | None
    ) -> None:
        self.budget = Budget(dict.fromkeys(tags, 1), max_overhead, max_bytes)
        self._tags = list(tags)
        self._schedule = Schedule(update_freq)
        self._epoch = 0
        self._last: int | None = None
        self._began: float | None = None  # when the first log was done

    def batch(self, step: int) -> int | None:
        """The entry at this step, if there is one; the first call is.

        Raises:
          ValueError: the step is before the last one.
        """
        last, self._last = self._last, self._ascending(step)
        return self._schedule.start(step) if last is None else self._schedule.batch(step, self._epoch)

    def epoch(self, step: int) -> int | None:
        """An epoch ended at this step: its entry, if there is one."""
        self._last = self._ascending(step)
        self._epoch += 1
        return self._schedule.epoch_end()

    def due(self, entry: int, bytes_written: int) -> list[str]:
        """Tags that the budget allows."""
        other = 0.0 if self._began is None else time.perf_counter() - self._began - self.budget.seconds
        return [tag for tag in self._tags if self.budget.allows(tag, entry, other, bytes_written)]

    @contextlib.contextmanager
    def charged(self, seconds: dict[str, float]) -> Iterator[None]:
        """Time in the context is attribution's; `seconds` are, in the end, those of each tag.

        What the first log takes is free, and lets expect the cost of the next.
        """
        began = time.perf_counter()
        try:
            yield
        finally:
            beside = time.perf_counter() - began - sum(seconds.values())
            if self._began is not None:
                self.budget.spent(seconds, beside)
            else:
                self._began = time.perf_counter()
                for tag, each in seconds.items():
                    self.budget.expects(tag, each + beside / len(seconds))

    @contextlib.contextmanager
    def writing(self, reports: Reports) -> Iterator[None]:
        """Maps are written in the context; where they no longer fit into `max_bytes`, no later ones are due."""
        try:
            with reports.notices():
                yield
        except LogFullError:
            self.budget.full()
            raise

    def say_thinned(self) -> None:
        """Says what was left out and why."""
        for tag, (logged, asked, limits) in self.budget.thinned.items():
            say(
                f"attribution: {tag} was logged at {logged} of {asked} entries of the schedule, to stay within "
                f"{' and '.join(limits)}"
            )

    def _ascending(self, step: int) -> int:
        if self._last is not None and step < self._last:
            raise ValueError(f"step {step} follows step {self._last}; steps count up, over epochs too")
        return step
