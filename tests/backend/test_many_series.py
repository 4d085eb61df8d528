"""A live server over a run of very many series: the run beside it is whole, the index and the memory stay small."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from tensorboard.compat.proto import event_pb2, summary_pb2

from tb_attribution_plugin.backend import described
from tb_attribution_plugin.wire import attribution_pb2 as pb
from tests.backend import logs
from tests.backend.events import BLOBS, SCALAR, EventFile, floats, metadata, record, strings, tagged
from tests.backend.server import Answer, Server
from tests.process_memory import peak_mib

GOOD, CROWD = "good/attribution", "crowd/attribution"
SERIES = 3_000
# TensorBoard alone takes 90 MiB, and it makes objects of all that it lists.
MAX_MIB = 400


def _write_crowd(run: Path) -> None:
    """3 MB: control characters, which JSON makes six times as long, and messages of two bytes."""
    file = EventFile(run)
    logs.add_probe(file)
    file.close()
    (path,) = run.iterdir()
    filler = [pb.Parameter(name="\x01" * 500)] + [pb.Parameter()] * 100
    with path.open("ab") as log:
        for k in range(SERIES):
            maps = tagged(maps=logs.map_series(f"s{k:05}", [2, 2], parameters=filler))
            seconds = tagged(steps=pb.StepSeries(tag=f"s{k:05}"))
            values = [
                summary_pb2.Summary.Value(tag=f"maps/s{k:05}", tensor=strings([b""]), metadata=metadata(maps, BLOBS)),
                summary_pb2.Summary.Value(
                    tag=f"seconds/s{k:05}", tensor=floats([1.0]), metadata=metadata(seconds, SCALAR)
                ),
            ]
            event = event_pb2.Event(wall_time=1.7e9, step=0, summary=summary_pb2.Summary(value=values))
            log.write(record(event.SerializeToString()))


class Crowded(NamedTuple):
    server: Server
    index: Answer


@pytest.fixture(scope="module")
def crowded(load_fast: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crowded]:
    logdir = tmp_path_factory.mktemp("crowded")
    logs.write_run(logdir / GOOD)
    _write_crowd(logdir / CROWD)
    server = Server(logdir, load_fast, log=tmp_path_factory.mktemp("server") / "log.txt")
    try:
        all_read = f"its {SERIES + 1} series"
        server.wait_for(lambda index: any(all_read in one["message"] for one in index["problems"]))
        server.wait_for(lambda index: GOOD in [run["run"] for run in index["runs"]])
        yield Crowded(server, server.get("index"))
    finally:
        server.stop()


def test_the_run_beside_it_is_whole_and_the_index_says_what_is_left_out(crowded: Crowded) -> None:
    series = {run["run"]: run["series"] for run in crowded.index.json["runs"]}
    assert [len(one["steps"]) for one in series[GOOD]] == [12, 12]
    assert 100 < len(series[CROWD]) < SERIES
    (problem,) = crowded.index.json["problems"]
    assert problem["run"] == CROWD
    assert problem["message"].startswith(f"{SERIES - len(series[CROWD])} of its {SERIES + 1} series are left out")
    assert len(crowded.index.body) < 6 * described.MAX_BYTES


def test_what_the_index_leaves_out_can_still_be_asked_for(crowded: Crowded) -> None:
    answer = crowded.server.get("maps", run=CROWD, tag=f"s{SERIES - 1:05}", steps=0, elements=0)
    assert [item.error for item in pb.Maps.FromString(answer.body).items] == [""]


def test_the_memory_stays_small(crowded: Crowded) -> None:
    assert peak_mib(crowded.server.pid) < MAX_MIB
