from __future__ import annotations

from pathlib import Path

from tb_attribution_plugin.wire import attribution_pb2 as pb
from tests.backend import logs
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
    assert index.keys() == {"runs", "logdir", "plugin_version", "other_runs"}
    assert index["logdir"] == str(logdir)
    assert index["other_runs"] == ["watermark/train"]


def test_the_index_is_the_message_of_the_contract(server: Server) -> None:
    from google.protobuf import json_format

    index = json_format.Parse(server.get("index").body, pb.Index())
    assert index.runs[0].series[1].maps.tag == "saliency"
    assert index.samples_per_plugin == 0
