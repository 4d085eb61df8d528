"""What a notebook reads of a log directory: runs, series, steps and arrays, each decoded when it is asked for."""

from __future__ import annotations

import functools
import os
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tb_attribution_plugin.logging.read_probe import ReadProbe
from tb_attribution_plugin.logging.read_series import ReadSeries
from tb_attribution_plugin.logging.reader import StoredRun, read_runs


class ReadScalar(NamedTuple):
    """An ordinary scalar.

    Attributes:
      steps: int64 [N], ascending.
      values: float64 [N].
    """

    steps: NDArray[np.int64]
    values: NDArray[np.float64]


class _ByTag(dict[str, ReadSeries]):
    def __missing__(self, tag: str) -> ReadSeries:
        raise KeyError(f"no series {tag!r} in this run; there are {list(self)}")


class ReadRun:
    """One run.

    Attributes:
      name: as TensorBoard names it.
      path: its directory.
      series: tag -> series, without those of a newer format.
      problems: what could not be read so far, in words; grows as arrays are read.
    """

    def __init__(self, name: str, stored: StoredRun) -> None:
        self.name = name
        self.path = stored.path
        self.problems = stored.problems
        self._stored = stored
        self.series = _ByTag({tag: ReadSeries(tag, one, self._probe_of) for tag, one in stored.series.items()})

    @functools.cached_property
    def probes(self) -> dict[str, ReadProbe]:
        """By hash."""
        stored = self._stored
        return {
            key: ReadProbe(about, functools.partial(stored.inputs, key), stored.problems)
            for key, about in stored.probes.items()
        }

    @property
    def probe(self) -> ReadProbe | None:
        """What the first series explains; None where it was not stored."""
        return next((one.probe for one in self.series.values()), None)

    @functools.cached_property
    def scalars(self) -> dict[str, ReadScalar]:
        return {
            tag: ReadScalar(np.array([p.step for p in points], np.int64), np.array([p.value for p in points]))
            for tag, points in self._stored.scalars.items()
        }

    def _probe_of(self, key: str) -> ReadProbe | None:
        return self.probes.get(key)

    def __repr__(self) -> str:
        lines = [f"run {self.name!r}: {len(self.series)} series, {len(self._stored.scalars)} scalars"]
        lines += [f"  {one!r}" for one in self.series.values()]
        return "\n".join([*lines, *([f"  {len(self.problems)} problems"] if self.problems else [])])


class Log(Mapping[str, ReadRun]):
    """The runs with attributions below a directory, by the names that TensorBoard gives them."""

    def __init__(self, logdir: str, runs: Mapping[str, ReadRun]) -> None:
        self.logdir = logdir
        self._runs = runs

    def __getitem__(self, name: str) -> ReadRun:
        if name not in self._runs:
            raise KeyError(f"no run {name!r} with attributions in {self.logdir!r}; there are {list(self._runs)}")
        return self._runs[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._runs)

    def __len__(self) -> int:
        return len(self._runs)

    def __repr__(self) -> str:
        return "\n".join([f"log {self.logdir!r}", *map(repr, self._runs.values())])


def read(logdir: str | os.PathLike[str]) -> Log:
    """Reads a log directory. Needs no TensorFlow; arrays are decoded when they are asked for.

        log = tba.read("runs")
        series = log["first/attribution"].series["integrated_gradients"]
        series[series.steps[-1]].scores      # [B, h, w]
        series.residuals                     # [steps, B]

    Returns:
      Run's name -> run, of runs that hold attributions.

    Raises:
      FileNotFoundError: there is no such directory.
      ValueError: it holds no attributions; says what it holds.
    """
    path = os.fspath(logdir)
    stored = read_runs(path)
    runs = {name: ReadRun(name, run) for name, run in stored.items() if run.series}
    if not runs:
        others = f"; it has the runs {', '.join(list(stored)[:5])} without any" if stored else ", and no event file"
        problems = "".join(f"; {run.problems[0]}" for run in stored.values() if run.problems)[:1000]
        raise ValueError(f"logdir {path!r} holds no attributions{others}{problems}")
    return Log(path, runs)
