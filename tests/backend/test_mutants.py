"""A live server over mutants of every golden file: it answers all, stays small, and the good run beside them shows.

A sample here; `make fuzz` takes 10,000 mutants of each of the golden blobs, and 10,000 event files, one a run. The
Python loader gets only such as hold events: TensorBoard's reload thread dies of a sound record that is none.
"""

from __future__ import annotations

import io
import itertools
import json
import time
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import pytest

from tb_attribution_plugin.backend.problems import MAX_LISTED
from tb_attribution_plugin.wire import attribution_pb2 as pb
from tb_attribution_plugin.wire import map_step
from tests.backend import logs
from tests.backend.mutant_logs import BLOB_RUN, GOOD, BlobMutants, blob_mutants, write
from tests.backend.server import Answer, Server
from tests.golden import event_mutants, make
from tests.process_memory import children, peak_mib


class Size(NamedTuple):
    """How much of everything: mutants of each golden blob, mutated event files, and the memory that these may take.

    TensorBoard alone takes 90 MiB, its data server 15, and a download holds all its steps. The Python loader takes
    40 KiB for a run and 4 KiB for a step.
    """

    blobs: int
    files: int
    mib: int


SIZES = [
    pytest.param(Size(blobs=100, files=600, mib=300), id="sample"),
    pytest.param(Size(blobs=10_000, files=10_000, mib=2_000), id="all", marks=pytest.mark.fuzz),
]
# What one answer holds of maps, and of steps that an address names.
ITEMS = 4_000
REFUSALS = {400: "bad_parameter", 404: "not_found", 413: "too_much", 422: "unreadable"}


class Live(NamedTuple):
    """The server, what it was started on, and what it said of the good run at first."""

    size: Size
    server: Server
    blobs: list[BlobMutants]
    runs: list[str]
    good: list[bytes]


def _of_the_good_run(server: Server) -> list[bytes]:
    (run,) = (run for run in server.get("index").json["runs"] if run["run"] == GOOD)
    steps = ",".join(map(str, logs.STEPS))
    tag = {"run": GOOD, "tag": "saliency"}
    answers = [server.get("stats", **tag), server.get("maps", steps=steps, elements="0,1,2,3", **tag)]
    answers += [server.get("probe", run=GOOD, hash=logs.HASH), server.get("scalars", run=GOOD, tag="fit/loss")]
    answers.append(server.get("histograms", **tag))
    assert [answer.status for answer in answers] == [200] * 5
    return [json.dumps(run).encode(), *(answer.body for answer in answers)]


def _wait_until_read(server: Server) -> None:
    """Until the indices of three seconds have the same series, those of the good run and of all blobs among them."""
    seen: list[Any] = []

    def still(index: Any) -> bool:
        runs = {run["run"]: [len(series["steps"]) for series in run.get("series", [])] for run in index["runs"]}
        seen.append(runs)
        time.sleep(0.5)  # TensorBoard reloads every second
        return {GOOD, BLOB_RUN} <= set(runs) and len(seen) >= 6 and all(one == runs for one in seen[-6:])

    server.wait_for(still, seconds=900)


@pytest.fixture(scope="module", params=SIZES)
def live(request: pytest.FixtureRequest, load_fast: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    size: Size = request.param
    logdir, scratch = tmp_path_factory.mktemp("mutants"), tmp_path_factory.mktemp("server")
    blobs = blob_mutants(size.blobs)
    files = event_mutants.event_mutants(2 * size.files)
    if load_fast == "false":
        files = (mutant for mutant in files if event_mutants.holds_events(mutant, scratch))
    runs = write(logdir, blobs, itertools.islice(files, size.files))
    assert len(runs) == size.files
    server = Server(logdir, load_fast, log=scratch / "log.txt")
    try:
        _wait_until_read(server)
        yield Live(size, server, blobs, runs, _of_the_good_run(server))
    finally:
        server.stop()


def _portions(stored: list[bytes]) -> Iterator[tuple[range, str]]:
    """Steps that one answer holds, and how an address names them."""
    for first in range(0, len(stored), ITEMS):
        steps = range(first, min(first + ITEMS, len(stored)))
        yield steps, ",".join(map(str, steps))


def test_every_mutant_of_a_blob_is_passed_on_as_it_is(live: Live) -> None:
    for name, _, stored in live.blobs:
        for steps, named in _portions(stored):
            answer = live.server.get("maps", run=BLOB_RUN, tag=name, steps=named, elements=0)
            assert answer.status == 200, answer.body
            assert [item.blob for item in pb.Maps.FromString(answer.body).items] == [stored[step] for step in steps]
    assert [len(stored) for _, _, stored in live.blobs] == [live.size.blobs] * len(make.cases())


def test_a_download_has_what_is_sound_and_names_what_is_not(live: Live, load_fast: str) -> None:
    # The data server takes 2 ms a blob.
    for name, series, stored in live.blobs[:: 4 if load_fast == "true" else 1]:
        shapes = map_step.score_shapes(series)
        for steps, named in _portions(stored):
            answer = live.server.get("export", run=BLOB_RUN, tag=name, format="npz", steps=named)
            assert answer.status == 200, answer.body
            with np.load(io.BytesIO(answer.body)) as file:
                problems = file["problems"].tolist()
                arrays = [file[key] for key in sorted(file) if key.startswith("scores")]
            assert [array.shape for array in arrays] == [(len(steps), series.examples, *s) for s in shapes.values()]
            wanted = []
            for row, step in enumerate(steps):
                found, wrong = map_step.decode(stored[step], series, 0, shapes)
                wanted += [f"step {step}, element 0: {one}" for one in wrong]
                for array, key in zip(arrays, shapes, strict=True):
                    np.testing.assert_array_equal(array[row], found.get(key, np.nan))
            of_two = {_step(one) for one in problems if not _is_of_one_blob(one)}
            told = set(problems)
            assert list(filter(_is_of_one_blob, problems)) == [
                one for one in wanted if _is_of_one_blob(one) and (one in told or _step(one) not in of_two)
            ]
            assert set(map(_step, wanted)) <= set(map(_step, problems))


def _step(problem: str) -> str:
    return problem.split(",", 1)[0]


def _is_of_one_blob(problem: str) -> bool:
    """Another step may bring errors or segments, whose shape is then expected, of the first of two as well: a part of
    another shape is refused for that, before anything else that is wrong with it."""
    return "expected" not in problem and "there twice" not in problem


def test_every_route_answers_for_a_mutated_event_file(live: Live, load_fast: str) -> None:
    statuses = []
    for run in live.runs[:: len(live.runs) // 16]:
        statuses += [
            _status(live.server.get("probe", run=run, hash="c0ffee")),
            _status(live.server.get("input", run=run, hash="c0ffee", example=1)),
            _status(live.server.get("maps", run=run, tag="ig", steps="0,4", elements="0,1,2")),
            _status(live.server.get("stats", run=run, tag="cam")),
            _status(live.server.get("histograms", run=run, tag="cam")),
            _status(live.server.get("export", run=run, tag="cam", format="csv")),
            _status(live.server.get("scalars", run=run, tag="fit/loss")),
        ]
    assert set(statuses) <= {200, *REFUSALS}
    assert statuses.count(200) > len(statuses) / 4


def _status(answer: Answer) -> int:
    if answer.status != 200:
        assert answer.error["code"] == REFUSALS[answer.status]
        assert answer.error["message"]
    return answer.status


def test_the_index_has_the_sound_runs_and_names_the_others(live: Live) -> None:
    index = live.server.get("index").json
    series = {run["run"]: {one["maps"]["tag"] for one in run.get("series", [])} for run in index["runs"]}
    assert series[BLOB_RUN] == {name for name, _, _ in live.blobs}
    assert sum({"cam", "ig"} <= series.get(run, set()) for run in live.runs) > len(live.runs) / 4
    assert 25 < len(index["problems"]) <= MAX_LISTED + 1
    assert all(one["message"] for one in index["problems"])


def test_the_good_run_is_as_it_was_and_nothing_failed_or_grew(live: Live) -> None:
    assert _of_the_good_run(live.server) == live.good
    items = pb.Maps.FromString(live.good[2]).items
    assert [item.blob for item in items[:4]] == logs.gradient_elements(0)
    log = live.server.log.read_text(errors="replace")
    assert "attribution: /" not in log
    assert "Traceback" not in log
    assert peak_mib(live.server.pid) < live.size.mib
    assert all(peak_mib(child) < live.size.mib for child in children(live.server.pid))
