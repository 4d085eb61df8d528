"""One method by several tools: their calls and those of its limit take turns, and become rows of a table."""

from __future__ import annotations

import contextlib
import io
import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from benchmarks import limits, peers, tables
from benchmarks.evaluations import Evaluations

Call = Callable[[], Any]
Times = Mapping[str, Sequence[float]]
OURS = "ours"
# A tool whose first call takes more seconds is not called again.
LONG = 60.0
# Seconds that one measurement lasts at least, and the evaluations of a limit at most: one call, again and again on the
# same rows, is up to a quarter faster than the many that a method of several seconds makes.
LEAST, MOST = 0.2, 10.0


class Entry(NamedTuple):
    """A method by a tool, and whose evaluations it is compared with: "TensorFlow" or "torch"."""

    library: str
    tool: str
    call: Call


class Limit:
    """So many evaluations by one library; what they take is measured anew, at the batches that seem the cheapest."""

    def __init__(self, evaluations: Evaluations, library: str, searches: Mapping[str, limits.Search]) -> None:
        self._number, self._name = evaluations.number, library + evaluations.kind
        search = searches[self._name]
        self._batches = search.closest(self._number)
        self._times = {
            batch: max(1, min(self._number // batch, int(MOST * 1e3 / search.milliseconds[batch])))
            for batch in self._batches
        }
        self.calls = {self._key(batch): self._repeated(search.calls[batch], batch) for batch in self._batches}

    def best(self, times: Times) -> limits.Limit:
        taken = {batch: statistics.median(times[self._key(batch)]) / self._times[batch] for batch in self._batches}
        return limits.best(self._number, taken)

    def each(self, times: Times) -> list[float]:
        """Milliseconds for all of them, in each round."""
        batch = self.best(times).batch
        return [ms * self._number / (batch * self._times[batch]) for ms in times[self._key(batch)]]

    def _repeated(self, call: Call, batch: int) -> Call:
        return lambda: [call() for _ in range(self._times[batch])][-1]

    def _key(self, batch: int) -> str:
        return f"{self._name} {batch}"


def rows(
    entries: Sequence[Entry],
    evaluations: Evaluations,
    more: Evaluations | None,
    searches: Mapping[str, limits.Search],
    runs: int,
) -> Iterator[list[object]]:
    """What stands behind model and method, one row for each entry.

    Args:
      entries: ours is the first one.
      more: what ours asks for beside `evaluations`.
    """
    first: dict[str, float] = {}
    errors: dict[str, str] = {}
    for entry in entries:
        began = time.perf_counter()
        try:
            _quietly(entry.call)
            first[entry.tool] = time.perf_counter() - began
        except Exception as error:  # whatever a peer does wrong is its row
            errors[entry.tool] = peers.reason(error)
    own = {entry.library: Limit(evaluations, entry.library, searches) for entry in entries if entry.tool in first}
    parts = list(own.values())
    if more is not None:
        parts.append(Limit(more, "TensorFlow", searches))
    once = {tool for tool, seconds in first.items() if tool != OURS and seconds > LONG}
    timed = [entry for entry in entries if entry.tool in first and entry.tool not in once]
    calls = {key: call for part in parts for key, call in part.calls.items()}
    calls |= {entry.tool: _quiet(entry.call) for entry in timed}
    times = tables.rounds(calls, runs, LEAST) | {tool: [first[tool] * 1e3] * runs for tool in once}
    for entry in entries:
        if entry.tool in errors:
            yield [entry.tool, "", "", "", errors[entry.tool], "", "", ""]
            continue
        ms, asked = times[entry.tool], own[entry.library].each(times)
        total = asked
        if more is not None and entry.tool == OURS:
            total = [a + b for a, b in zip(asked, parts[-1].each(times), strict=True)]
        # In pairs: what slows the machine for a while slows both.
        ratios = [f"{tables.paired_ratio(ms, other):.2f}" for other in (total, asked)]
        against = f"{tables.paired_ratio(ms, times[OURS]):.2f}" if OURS in times else ""
        taken = f"{ms[0]:.0f} (its first call alone)" if entry.tool in once else tables.spread(ms)
        batch = own[entry.library].best(times).batch
        yield [entry.tool, evaluations.number, batch, f"{statistics.median(total):.2f}", taken, *ratios, against]


def _quietly(call: Call) -> Any:
    """Progress bars would cost time and tear the table."""
    with contextlib.redirect_stderr(io.StringIO()), contextlib.redirect_stdout(io.StringIO()):
        return call()


def _quiet(call: Call) -> Call:
    return lambda: _quietly(call)
