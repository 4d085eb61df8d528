"""How TensorBoard was started: prefix, sampling limit, empty logdir, logdirs that grow."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tb_attribution_plugin.wire import attribution_pb2 as pb
from tests.backend import logs
from tests.backend.events import EventFile, tagged
from tests.backend.server import Server


@pytest.fixture
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("server") / "log.txt"


@pytest.fixture(scope="module")
def prefixed(load_fast: str, logdir: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    log = tmp_path_factory.mktemp("server") / "log.txt"
    limit = "--samples_per_plugin=attribution=4,scalars=3"
    running = Server(logdir, load_fast, limit, prefix="/some/where", log=log)
    try:
        running.wait_for(lambda index: [run["scalars"] for run in index["runs"]] == [["fit/loss"]] * 3)
        running.wait_for(lambda index: all(one["steps"][-1] == 55 for run in index["runs"] for one in run["series"]))
        yield running
    finally:
        running.stop()


def test_every_address_works_below_a_path_prefix(prefixed: Server) -> None:
    run = "control/attribution"
    step = int(prefixed.get("index").json["runs"][1]["series"][0]["steps"][0])
    answers = {
        "maps": prefixed.get("maps", run=run, tag="saliency", steps=step, elements=1),
        "probe": prefixed.get("probe", run=run, hash=logs.HASH),
        "input": prefixed.get("input", run=run, hash=logs.HASH, example=0),
        "stats": prefixed.get("stats", run=run, tag="saliency"),
        "scalars": prefixed.get("scalars", run=run, tag="fit/loss"),
        "export": prefixed.get("export", run=run, tag="grad_cam", format="csv"),
        "static": prefixed.get("static/index.js"),
    }
    assert {name: answer.status for name, answer in answers.items()} == dict.fromkeys(answers, 200)
    assert prefixed.get_url(prefixed.root.replace("/some/where", "") + "/data/plugin/attribution/index").status == 404


def test_the_users_own_limit_wins_and_is_said(prefixed: Server) -> None:
    index = prefixed.get("index").json
    assert (index["samples_per_plugin"], index["samples_per_scalar"]) == (4, 3)
    assert len(prefixed.get("scalars", run="control/attribution", tag="fit/loss").json["series"][0]["steps"]) == 3
    for series in index["runs"][0]["series"]:
        assert len(series["steps"]) == 4
        assert series["steps"][-1] == 55


def test_a_sampled_series_has_its_maps_and_stats_at_the_steps_listed(prefixed: Server) -> None:
    series = prefixed.get("index").json["runs"][0]["series"][1]
    steps = [int(step) for step in series["steps"]]
    query = {"run": "attribution", "tag": "saliency"}
    answer = prefixed.get("maps", **query, steps=",".join(map(str, steps)), elements=1)
    items = pb.Maps.FromString(answer.body).items
    assert [item.blob for item in items] == [logs.gradient_elements(step)[1] for step in steps]
    (stats,) = pb.StatsList.FromString(prefixed.get("stats", **query).body).series
    assert list(stats.steps) == steps


def test_an_empty_logdir_is_an_empty_index_and_the_tab_lights_up_once_there_is_data(
    load_fast: str, tmp_path: Path, log: Path
) -> None:
    running = Server(tmp_path, load_fast, log=log)

    def enabled() -> bool:
        return bool(running.get_url(f"{running.root}/data/plugins_listing").json["attribution"]["enabled"])

    try:
        assert running.get("index").json.keys() == {"logdir", "plugin_version", "samples_per_scalar"}
        assert not enabled()
        other = EventFile(tmp_path / "x" / "train")
        other.scalar(0, "loss", 1.0, plugin="scalars")
        running.wait_for(lambda index: index.get("other_runs") == ["x/train"])
        assert "runs" not in running.get("index").json
        assert not enabled()
        logs.write_run(tmp_path / "x" / "attribution")
        running.wait_for(lambda index: len(index.get("runs", [])) == 1)
        assert enabled()
        assert running.get("index").json["other_runs"] == ["x/train"]
    finally:
        running.stop()


def test_a_logdir_that_is_not_there_is_said_until_it_is(load_fast: str, tmp_path: Path, log: Path) -> None:
    running = Server(tmp_path / "nowhere", load_fast, log=log)
    try:
        assert running.get("index").json["logdir_missing"]
        logs.write_run(tmp_path / "nowhere" / "attribution")
        running.wait_for(lambda index: len(index.get("runs", [])) == 1)
        assert "logdir_missing" not in running.get("index").json
    finally:
        running.stop()


def test_a_run_in_the_logdir_itself_has_no_group(load_fast: str, tmp_path: Path, log: Path) -> None:
    logs.write_run(tmp_path)
    running = Server(tmp_path, load_fast, log=log)
    try:
        running.wait_for(lambda index: len(index.get("runs", [])) == 1)
        (run,) = running.get("index").json["runs"]
        assert (run["run"], run.get("group", ""), run["name"]) == (".", "", ".")
        assert running.get("probe", run=".", hash=logs.HASH).status == 200
    finally:
        running.stop()


def test_new_steps_and_rewritten_steps_are_seen(load_fast: str, tmp_path: Path, log: Path) -> None:
    """A resumed fit writes a new file that replaces what it overlaps."""
    directory = tmp_path / "x" / "attribution"
    series = logs.map_series("grad_cam", [2, 2])
    seconds = tagged(steps=pb.StepSeries(tag="grad_cam"))

    def add(file: EventFile, step: int, value: int) -> None:
        file.blobs(step, "maps/grad_cam", logs.cam_elements(value), tagged(maps=series))
        file.scalar(step, "seconds/grad_cam", value, seconds)

    first = EventFile(directory)
    first.start(0)
    logs.add_probe(first)
    for step in (0, 10, 20):
        add(first, step, step)
    running = Server(tmp_path, load_fast, log=log)

    def seconds_are(expected: list[float]) -> None:
        running.wait_for(lambda index: index["runs"][0]["series"][0]["seconds"] == expected)

    def at(step: int, etag: str = "") -> tuple[int, bytes, str]:
        headers = {"If-None-Match": etag} if etag else {}
        answer = running.get("maps", headers, run="x/attribution", tag="grad_cam", steps=step, elements=0)
        blob = pb.Maps.FromString(answer.body).items[0].blob if answer.status == 200 else b""
        return answer.status, blob, answer.headers["ETag"]

    try:
        running.wait_for(lambda index: "runs" in index)
        seconds_are([0, 10, 20])
        _, blob, etag = at(20)
        assert blob == logs.cam_elements(20)[0]
        add(first, 30, 30)
        seconds_are([0, 10, 20, 30])
        assert at(30)[1] == logs.cam_elements(30)[0]
        assert at(20, etag)[0] == 304
        first.close()
        second = EventFile(directory, later=1)
        second.start(20)
        logs.add_probe(second, 20)
        add(second, 20, 21)
        add(second, 30, 31)
        second.close()
        seconds_are([0, 10, 21, 31])
        assert at(20, etag)[:2] == (200, logs.cam_elements(21)[0])
        assert running.get("probe", run="x/attribution", hash=logs.HASH).status == 200
    finally:
        running.stop()


def test_steps_written_twice_without_a_session_start_are_listed_once(load_fast: str, tmp_path: Path, log: Path) -> None:
    file = EventFile(tmp_path / "x" / "attribution")
    logs.add_probe(file)
    series = logs.map_series("grad_cam", [2, 2])
    for step in (0, 10, 20, 10, 20, 30):
        logs.add_step(file, step, series, logs.cam_elements(step))
    running = Server(tmp_path, load_fast, log=log)
    try:
        running.wait_for(lambda index: index["runs"][0]["series"][0]["steps"] == [0, 10, 20, 30])
        (stats,) = pb.StatsList.FromString(running.get("stats", run="x/attribution", tag="grad_cam").body).series
        assert list(stats.steps) == [0, 10, 20, 30]
        assert len(logs.from_bytes(stats.values)) == 4 * 3 * 2
    finally:
        running.stop()


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="finds the child process in /proc")
def test_a_data_server_that_died_is_said_in_words(logdir: Path, log: Path) -> None:
    running = Server(logdir, "true", log=log)
    try:
        running.wait_for(lambda index: len(index["runs"]) == 3)
        children = Path(f"/proc/{running.pid}/task").glob("*/children")
        (child,) = " ".join(file.read_text() for file in children).split()
        os.kill(int(child), signal.SIGKILL)
        for answer in (
            running.get("index"),
            running.get("maps", run="attribution", tag="grad_cam", steps=0, elements=0),
            running.get("stats", run="attribution", tag="grad_cam"),
        ):
            assert answer.status == 503
            assert answer.error["code"] == "unavailable"
            assert "data server does not answer" in answer.error["message"]
            assert "restart tensorboard" in answer.error["hint"]
    finally:
        running.stop()
