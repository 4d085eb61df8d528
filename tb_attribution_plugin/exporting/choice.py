"""What of a log is exported."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from tb_attribution_plugin.logging.read import Log, ReadRun
from tb_attribution_plugin.logging.read_series import ReadSeries
from tb_attribution_plugin.wire.names import MAX_EXAMPLES

_NAMES = 12  # in a sentence of bearable length


class Choice(NamedTuple):
    """
    Attributes:
      series: at least one.
      steps: ascending, each of them stored of one series at least.
      examples: at least one.
      notes: what was left out because nobody asked for it, in words.
    """

    run: ReadRun
    series: list[ReadSeries]
    steps: list[int]
    examples: list[int]
    notes: list[str]


class Most(NamedTuple):
    """What is exported where nobody chose: so many at most; None: all."""

    steps: int | None
    examples: int | None
    series: int | None


def choose(
    log: Log,
    run: str | None,
    tags: Sequence[str] | None,
    steps: Sequence[int | str] | None,
    examples: Sequence[int] | None,
    most: Most,
) -> Choice:
    """
    Args:
      steps: numbers, "first", "last".

    Raises:
      ValueError: names what there is.
    """
    found = _run(log, run)
    series, few = _series(found, tags, most.series)
    stored = sorted({step for one in series for step in one.steps})
    if not stored:
        raise ValueError(f"no step of {[one.tag for one in series]} in run {found.name!r} can be read")
    claimed = [one.stored.description.examples for one in series]
    count = min(*claimed, MAX_EXAMPLES, *[one.probe.size for one in series if one.probe is not None])
    chosen, left_out = _steps(stored, steps, most.steps)
    shown = _examples(count, examples, most.examples)
    notes = [f"{len(shown)} of {count} examples"] if examples is None and len(shown) < count else []
    return Choice(found, series, chosen, shown, [*few, *left_out, *notes])


def _run(log: Log, name: str | None) -> ReadRun:
    if name is None and len(log) > 1:
        raise ValueError(f"{log.logdir!r} holds {len(log)} runs; choose one with --run: {_listed(list(log))}")
    if name is not None and name not in log:
        # As the page says it: the writer's own directory is understood.
        name = next((full for full in log if full == f"{name}/attribution"), name)
    if name is not None and name not in log:
        raise ValueError(f"no run {name!r} with attributions in {log.logdir!r}; there are: {_listed(list(log))}")
    return log[name if name is not None else next(iter(log))]


def _series(run: ReadRun, tags: Sequence[str] | None, most: int | None) -> tuple[list[ReadSeries], list[str]]:
    unknown = [tag for tag in tags or () if tag not in run.series]
    if unknown:
        raise ValueError(f"no series {unknown[0]!r} in run {run.name!r}; there are: {_listed(list(run.series))}")
    series = [run.series[tag] for tag in dict.fromkeys(tags or run.series)]
    few = [f"{most} of {len(series)} series"] if not tags and most is not None and len(series) > most else []
    series = series[:most] if few else series
    probes = {one.stored.description.probe_hash for one in series}
    if len(probes) > 1:
        raise ValueError(
            f"the series of run {run.name!r} explain {len(probes)} probes; choose those of one with --series: "
            f"{_listed([one.tag for one in series])}"
        )
    return series, few


def _steps(stored: list[int], asked: Sequence[int | str] | None, most: int | None) -> tuple[list[int], list[str]]:
    if not asked:
        if most is None or len(stored) <= most:
            return stored, []
        kept = [stored[at] for at in _spread(len(stored), most)]
        return kept, [f"{most} of {len(stored)} steps" if most > 1 else f"the last of {len(stored)} steps"]
    ends = {"first": stored[0], "last": stored[-1]}
    numbers = sorted({ends[step] if isinstance(step, str) else step for step in asked})
    there = set(stored)
    for step in numbers:
        if step not in there:
            span = f"{stored[0]} .. {stored[-1]} ({len(stored)} steps)"
            near = min(stored, key=lambda one: abs(one - step))
            raise ValueError(f"step {step} is not stored; stored are {span}, the nearest is {near}")
    return numbers, []


def _spread(count: int, most: int) -> list[int]:
    """Places of `most` of `count`, evenly, the first and the last among them; of one the last."""
    return [round(at * (count - 1) / (most - 1)) for at in range(most)] if most > 1 else [count - 1]


def _examples(count: int, asked: Sequence[int] | None, most: int | None) -> list[int]:
    if not asked:
        return list(range(count if most is None else min(most, count)))
    for one in asked:
        if not 0 <= one < count:
            raise ValueError(f"example {one} is not in the probe; it has 0 to {count - 1}")
    return list(asked)


def _listed(names: Sequence[str]) -> str:
    more = len(names) - _NAMES
    return ", ".join(names[:_NAMES]) + (f" and {more} more" if more > 0 else "")
