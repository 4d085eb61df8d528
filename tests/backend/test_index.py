from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from google.protobuf.message import DecodeError

from tb_attribution_plugin.backend import index as index_module
from tb_attribution_plugin.backend import listing
from tb_attribution_plugin.backend.provider import Data
from tb_attribution_plugin.wire import attribution_pb2 as pb
from tests.backend import logs
from tests.backend.events import tagged
from tests.backend.lists import listed_blobs, listed_scalars
from tests.backend.server import Server


def test_runs_are_grouped_by_their_parent(server: Server) -> None:
    runs = server.get("index").json["runs"]
    assert [(run["run"], run.get("group", ""), run["name"]) for run in runs] == [
        ("attribution", "", "attribution"),
        ("control/attribution", "control", "attribution"),
        ("watermark/attribution", "watermark", "attribution"),
    ]


def test_every_written_step_is_listed_with_its_time_and_seconds(server: Server) -> None:
    run = server.get("index").json["runs"][1]
    for series in run["series"]:
        assert series["steps"] == list(logs.STEPS)
        assert series["wall_times"] == [1.7e9 + step for step in logs.STEPS]
        assert [round(seconds, 6) for seconds in series["seconds"]] == [step / 100 for step in logs.STEPS]


def test_a_series_carries_the_metadata_as_written(server: Server) -> None:
    series = server.get("index").json["runs"][2]["series"][0]["maps"]
    assert series == {
        "tag": "grad_cam",
        "method": "GradCAM",
        "target": "label",
        "probe_hash": logs.HASH,
        "grids": [{"shape": [2, 2]}],
        "examples": 3,
    }


def test_epochs_probes_and_ordinary_scalars_are_listed(server: Server) -> None:
    run = server.get("index").json["runs"][0]
    assert run["probe_hashes"] == [logs.HASH]
    assert run["scalars"] == ["fit/loss"]
    assert run["epoch_steps"] == list(logs.STEPS)
    assert run["epochs"] == [step // 10 for step in logs.STEPS]


def test_a_sound_logdir_has_no_problems_and_names_the_other_runs(server: Server, logdir: Path) -> None:
    index = server.get("index").json
    assert index.keys() == {"runs", "logdir", "plugin_version", "other_runs", "samples_per_scalar"}
    assert index["logdir"] == str(logdir)
    assert index["other_runs"] == ["watermark/train"]


def test_the_index_is_the_message_of_the_contract(server: Server) -> None:
    from google.protobuf import json_format

    index = json_format.Parse(server.get("index").body, pb.Index())
    assert index.runs[0].series[1].maps.tag == "saliency"
    assert (index.samples_per_plugin, index.samples_per_scalar) == (0, 1000)


class Provider:
    """Two runs with a series each; TensorBoard fails on `seconds/ig` of the second."""

    def __init__(self, steps: list[int]) -> None:
        self._steps = steps

    def list_runs(self, context: None, **_: object) -> list[Any]:
        return [SimpleNamespace(run_name=run) for run in ("good", "bad")]

    def list_blob_sequences(self, context: None, **_: object) -> dict[str, Any]:
        maps = tagged(maps=logs.map_series("ig", [2, 2]))
        probe = tagged(probe=pb.ProbeSeries(hash=logs.HASH))
        tags = {"maps/ig": maps, f"probe/{logs.HASH}": probe}
        listed = {tag: listed_blobs(content) for tag, content in tags.items()}
        return {"good": listed, "bad": listed}

    def list_scalars(self, context: None, *, plugin_name: str, **_: object) -> dict[str, Any]:
        if plugin_name == "scalars":
            return {}
        tags = dict.fromkeys(("seconds/ig", "epoch"), listed_scalars())
        return {"good": tags, "bad": tags}

    def read_scalars(self, context: None, *, run_tag_filter: Any, **_: object) -> dict[str, Any]:
        runs = run_tag_filter.runs or ["good", "bad"]
        tags = run_tag_filter.tags or ["seconds/ig", "epoch"]
        if "bad" in runs and "seconds/ig" in tags:
            raise ValueError("claims 2^29 values")
        points = [SimpleNamespace(step=step, wall_time=0.0, value=0.0) for step in self._steps]
        return {run: dict.fromkeys(tags, points) for run in runs}


def test_a_scalar_that_tensorboard_fails_on_is_named_and_the_others_show() -> None:
    index = index_module.build(Data(Provider([0, 3]), None, ""))
    assert [len(run.series) for run in index.runs] == [0, 1]
    assert list(index.runs[0].epoch_steps) == [0, 3]
    assert {(problem.run, problem.tag) for problem in index.problems} == {("bad", "seconds/ig"), ("bad", "maps/ig")}


def test_steps_that_cannot_be_asked_for_are_left_out_and_named() -> None:
    index = index_module.build(Data(Provider([-5, 0, 2**53, 2**53 + 1, 2**63 - 1]), None, ""))
    assert list(index.runs[1].series[0].steps) == [0, 2**53]
    assert [(problem.tag, problem.message) for problem in index.problems if problem.run == "good"] == [
        ("maps/ig", "steps outside 0 to 9007199254740992 are left out: -5 and 2 more")
    ]


class Unlistable(Provider):
    """TensorBoard fails on every list that has the second run."""

    def list_scalars(self, context: None, *, plugin_name: str, run_tag_filter: Any, **_: object) -> dict[str, Any]:
        if run_tag_filter.runs is None or "bad" in run_tag_filter.runs:
            raise KeyError("fit/loss")
        return {"good": super().list_scalars(context, plugin_name=plugin_name).get("good", {})}


def test_a_run_that_tensorboard_cannot_list_is_named_and_the_others_show() -> None:
    index = index_module.build(Data(Unlistable([0, 3]), None, ""))
    (series,) = next(run for run in index.runs if run.run == "good").series
    assert list(series.steps) == [0, 3]
    assert ("bad", "TensorBoard cannot read runs ['bad'], tags None: 'fit/loss'") in {
        (problem.run, problem.message) for problem in index.problems
    }


def test_of_a_logdir_of_runs_that_cannot_be_listed_not_all_are_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "MOST_ASKED", 1)
    data = Data(Unlistable([0, 3]), None, "")
    assert data.list_scalars() == {}
    assert set(data.unlisted) == {"good", "bad"}


def test_a_run_that_cannot_be_listed_is_looked_for_once_in_a_request() -> None:
    asked: list[Any] = []

    class Counted(Unlistable):
        def list_scalars(self, context: None, *, plugin_name: str, run_tag_filter: Any, **_: object) -> dict[str, Any]:
            asked.append(run_tag_filter.runs)
            return super().list_scalars(context, plugin_name=plugin_name, run_tag_filter=run_tag_filter)

    data = Data(Counted([0, 3]), None, "")
    data.list_scalars()
    assert asked == [None, {"good", "bad"}, {"good"}, {"bad"}]
    data.list_scalars("scalars")
    assert asked[4:] == [{"good"}]


def test_runs_that_tensorboard_cannot_count_leave_those_that_it_lists() -> None:
    class Uncountable(Provider):
        def list_runs(self, context: None, **_: object) -> list[Any]:
            raise DecodeError("Wire format was corrupt")

    index = index_module.build(Data(Uncountable([0, 3]), None, ""))
    assert [run.run for run in index.runs] == ["bad", "good"]
    assert "TensorBoard cannot read the runs: Wire format was corrupt" in {one.message for one in index.problems}
