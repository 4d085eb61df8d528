"""Seeded mutations of the golden event file, most of them framed anew so that readers get behind the checksums.

One of four is a mutant of the whole file; in the others records are changed, lost, doubled or moved.

python -m tests.golden.event_mutants     reads all of them, and prints what happened (see `Found`)
"""

from __future__ import annotations

import dataclasses
import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from google.protobuf.message import DecodeError
from tensorboard.compat.proto import event_pb2, meta_graph_pb2

from tb_attribution_plugin.logging import records
from tb_attribution_plugin.logging.reader import StoredRun
from tb_attribution_plugin.logging.stored_series import StoredSeries
from tests.golden import make
from tests.golden.mutants import Random, changed
from tests.golden.verdicts import splices
from tests.process_memory import peak_mib

NUMBER = 10_000
_SEED = 0x7B0A77


def event_mutants(number: int = NUMBER) -> Iterator[bytes]:
    """Mutants 0 .. number - 1 of the golden event file."""
    others, whole = splices(), make.EVENT_FILE.read_bytes()
    rows = [one.data for one in records.scan(str(make.EVENT_FILE)) if isinstance(one, records.Record)]
    others += rows
    for k in range(number):
        random = Random(_SEED + k * 0x9E3779B9)
        if random.below(4):
            yield b"".join(map(records.frame, _changed_rows(rows, others, random)))
        else:
            yield changed(whole, others, random)


def holds_events(mutant: bytes, directory: Path) -> bool:
    """Whether every intact record is an event, and its graph, if any, a graph. Where one is not, TensorBoard's Python
    loader ends its reading of the whole logdir (its reload thread dies of the DecodeError), which no plugin mends."""
    path = directory / "mutant"
    path.write_bytes(mutant)
    try:
        for one in records.scan(str(path)):
            if isinstance(one, records.Record):
                event = event_pb2.Event.FromString(one.data)
                meta_graph_pb2.MetaGraphDef.FromString(event.meta_graph_def)
    except DecodeError:
        return False
    return True


def _changed_rows(rows: list[bytes], others: list[bytes], random: Random) -> list[bytes]:
    found = list(rows)
    at = random.below(len(found))
    kind = random.below(8)
    if kind == 0:
        del found[at]
    elif kind == 1:
        found.insert(random.below(len(found)), found[at])
    elif kind == 2:
        found.insert(random.below(len(found)), found.pop(at))
    else:
        found[at] = changed(found[at], others, random)
    return found


@dataclasses.dataclass
class Found:
    """What our own reader made of the mutants: how many are sound, steps of maps that were read and that were refused,
    and how much memory it took, in MiB beyond that of the start."""

    sound: int = 0
    steps: int = 0
    refused: int = 0
    peak_mib: float = 0.0

    def read(self, directory: str) -> None:
        """Reads all there is. Raises AssertionError for what is not as described, and whatever the reader raises
        beside its own errors."""
        run = StoredRun(directory)
        for series in run.series.values():
            for step in series.steps:
                for read in (self._maps, self._stats, self._histogram, self._seconds):
                    try:
                        read(series, step)
                    except (KeyError, ValueError) as error:
                        if not str(error):
                            raise AssertionError("an error without words") from error
                        self.refused += 1
        for points in run.scalars.values():
            assert all(isinstance(point.value, float) for point in points)
        for probe_hash in run.probes:
            assert all(isinstance(stored, bytes) for stored in run.inputs(probe_hash))
        assert all(isinstance(problem, str) and problem for problem in run.problems)
        self.sound += not run.problems

    def _maps(self, series: StoredSeries, step: int) -> None:
        maps = series.maps(step)
        examples, shapes = series.description.examples, [tuple(g.shape) for g in series.description.grids if g.shape]
        assert [scores.shape for scores in maps.scores] == [(examples, *shape) for shape in shapes]
        assert all(scores.dtype == np.float32 for scores in maps.scores)
        self.steps += 1

    def _stats(self, series: StoredSeries, step: int) -> None:
        columns = series.stats(step)
        assert all(values.shape == (series.description.examples,) for values in columns.values())

    def _histogram(self, series: StoredSeries, step: int) -> None:
        assert series.histogram(step).dtype == np.float32

    def _seconds(self, series: StoredSeries, step: int) -> None:
        assert isinstance(series.seconds(step), float)


def main() -> None:
    start, found = peak_mib(), Found()
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory, make.EVENT_FILE.name)
        for mutant in event_mutants():
            path.write_bytes(mutant)
            found.read(directory)
    found.peak_mib = peak_mib() - start
    json.dump(dataclasses.asdict(found), sys.stdout)


if __name__ == "__main__":
    main()
