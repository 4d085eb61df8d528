"""Probe, input, maps and scalars over a real TensorBoard."""

from __future__ import annotations

import urllib.parse

import pytest

from tb_attribution_plugin.wire import attribution_pb2 as pb
from tb_attribution_plugin.wire import blob
from tests.backend import logs
from tests.backend.server import Answer, Server

RUN = "watermark/attribution"


def maps(server: Server, tag: str, steps: str, elements: str) -> list[pb.MapItem]:
    answer = server.get("maps", run=RUN, tag=tag, steps=steps, elements=elements)
    assert answer.status == 200, answer.body
    assert answer.headers["Content-Type"] == "application/octet-stream"
    return list(pb.Maps.FromString(answer.body).items)


def test_blobs_are_passed_through_byte_for_byte_in_the_order_asked(server: Server) -> None:
    items = maps(server, "saliency", "10,0,55", "3,0")
    assert [(item.step, item.element) for item in items] == [(10, 3), (10, 0), (0, 3), (0, 0), (55, 3), (55, 0)]
    for item in items:
        assert item.blob == logs.gradient_elements(int(item.step))[item.element]
        assert item.error == ""


def test_what_is_not_there_is_said_in_its_item_and_the_rest_is_answered(server: Server) -> None:
    items = maps(server, "grad_cam", "5,6", "0,1")
    assert items[0].blob == logs.cam_elements(5)[0]
    assert [item.error for item in items[1:]] == [
        "step 5 holds 1 element, no element 1",
        "no map is stored at step 6",
        "no map is stored at step 6",
    ]


def test_all_items_of_all_steps_come_in_one_answer(server: Server) -> None:
    items = maps(server, "saliency", ",".join(map(str, logs.STEPS)), "0,1,2,3")
    assert [item.blob for item in items] == [one for step in logs.STEPS for one in logs.gradient_elements(step)]


def of_several(server: Server, route: str, *series: dict[str, object], etag: str = "") -> Answer:
    query = "&".join(urllib.parse.urlencode(one) for one in series)
    headers = {"If-None-Match": etag} if etag else {}
    return server.get_url(f"{server.root}/data/plugin/attribution/{route}?{query}", headers)


def test_maps_of_several_series_come_in_one_answer_each_at_its_own_steps(server: Server) -> None:
    asked: list[dict[str, object]] = [
        {"run": RUN, "tag": "saliency", "steps": "10,0", "elements": "0,3"},
        {"run": "control/attribution", "tag": "grad_cam", "steps": 55, "elements": 0},
    ]
    answer = of_several(server, "maps", *asked)
    items = pb.Maps.FromString(answer.body).items
    assert [(item.series, item.step, item.element) for item in items] == [
        (0, 10, 0),
        (0, 10, 3),
        (0, 0, 0),
        (0, 0, 3),
        (1, 55, 0),
    ]
    assert [item.blob for item in items[:4]] == [logs.gradient_elements(step)[at] for step in (10, 0) for at in (0, 3)]
    assert items[4].blob == logs.cam_elements(55)[0]
    again = of_several(server, "maps", *asked, etag=answer.headers["ETag"])
    assert (again.status, again.body) == (304, b"")


def test_of_several_series_the_missing_ones_are_named_in_their_items(server: Server) -> None:
    answer = of_several(
        server,
        "maps",
        {"run": RUN, "tag": "lime", "steps": 5, "elements": 0},
        {"run": RUN, "tag": "grad_cam"},
        {"run": "nope", "tag": "grad_cam"},
    )
    items = pb.Maps.FromString(answer.body).items
    assert [item.error for item in items] == [f"run {RUN!r} has no 'lime'", "", "no run 'nope' with such data"]
    assert items[1].blob == logs.cam_elements(5)[0]
    assert answer.headers["Cache-Control"] == "no-cache, must-revalidate"


def test_scalars_of_several_tags_come_in_one_answer(server: Server) -> None:
    asked = [("watermark/train", "epoch_loss"), (RUN, "fit/loss"), (RUN, "fit/los")]
    found = of_several(server, "scalars", *({"run": run, "tag": tag} for run, tag in asked)).json["series"]
    assert found[0]["values"] == [1, 0.5, 0.25, 0.125]
    assert found[1]["steps"] == list(logs.STEPS)
    assert found[2] == {"error": f"run {RUN!r} has no 'fit/los'"}


@pytest.mark.parametrize(
    ("series", "status", "message"),
    [
        ([{"run": RUN, "tag": "grad_cam"}, {"run": RUN}], 400, "2 times run and 1 times tag"),
        ([{"run": RUN, "tag": "grad_cam"}] * 65, 413, "65 series; one answer holds 64"),
        ([{"run": RUN, "tag": "grad_cam", "steps": 0, "elements": 0}] * 2 + [{"run": RUN, "tag": "a"}], 400, "2 times"),
        (
            [
                {"run": RUN, "tag": "grad_cam", "steps": ",".join(["0"] * 1366), "elements": 0},
                *[{"run": RUN, "tag": "a"}] * 2,
            ],
            413,
            "the steps x elements of 3 series are 4098 items; one answer holds 4096",
        ),
    ],
)
def test_a_request_for_several_series_that_cannot_be_meant_is_refused_in_words(
    server: Server, series: list[dict[str, object]], status: int, message: str
) -> None:
    answer = of_several(server, "maps", *series)
    assert answer.status == status
    assert message in answer.error["message"]


def test_the_probe_comes_with_its_envelope(server: Server) -> None:
    probe = blob.unpack(server.get("probe", run=RUN, hash=logs.HASH).body, pb.ProbeBlob)
    assert (probe.hash, probe.examples, list(probe.names)) == (logs.HASH, 3, ["a", "b", "c"])


@pytest.mark.parametrize("example", [0, 2])
def test_an_input_is_its_png(server: Server, example: int) -> None:
    answer = server.get("input", run=RUN, hash=logs.HASH, example=example)
    assert answer.body == logs.PNG + bytes([example])
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_scalars_of_other_runs_are_answered(server: Server) -> None:
    (scalars,) = server.get("scalars", run="watermark/train", tag="epoch_loss").json["series"]
    assert scalars["steps"] == [0, 1, 2, 3]
    assert scalars["values"] == [1, 0.5, 0.25, 0.125]
    assert scalars["wall_times"] == [1.7e9, 1.7e9 + 1, 1.7e9 + 2, 1.7e9 + 3]


@pytest.mark.parametrize(
    ("route", "query", "message", "hint"),
    [
        ("maps", {"run": "nope", "tag": "grad_cam", "steps": 0, "elements": 0}, "no run 'nope'", RUN),
        ("maps", {"run": RUN, "tag": "grad_can", "steps": 0, "elements": 0}, "no 'grad_can'", "known: 'grad_cam'"),
        ("probe", {"run": RUN, "hash": "beef"}, "no 'beef'", logs.HASH),
        ("input", {"run": RUN, "hash": logs.HASH, "example": 3}, "holds no input 3", "inputs stored: 3"),
        ("scalars", {"run": RUN, "tag": "fit/los"}, "no 'fit/los'", "'fit/loss'"),
        ("scalars", {"run": "watermark", "tag": "fit/loss"}, "no run 'watermark'", "watermark/train"),
        ("stats", {"run": RUN, "tag": "lime"}, "no 'lime'", "'saliency'"),
        ("export", {"run": RUN, "tag": "lime", "format": "npz"}, "no 'lime'", "'saliency'"),
        ("export", {"run": RUN, "tag": "grad_cam", "format": "npz", "steps": "7"}, "step 7", "'5'"),
    ],
)
def test_what_is_not_known_is_404_with_the_nearest_names(
    server: Server, route: str, query: dict[str, object], message: str, hint: str
) -> None:
    answer = server.get(route, **query)
    assert answer.status == 404
    assert answer.error["code"] == "not_found"
    assert message in answer.error["message"]
    assert hint in answer.error["hint"]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"steps": ",".join(["0"] * 65), "elements": ",".join(["0"] * 64)}, "65 steps x 64 elements are 4160 items"),
    ],
)
def test_more_items_than_one_answer_holds_is_413_with_the_limit(
    server: Server, query: dict[str, object], message: str
) -> None:
    answer = server.get("maps", run=RUN, tag="grad_cam", **query)
    assert answer.status == 413
    assert answer.error["code"] == "too_much"
    assert message in answer.error["message"]
    assert "4096" in answer.error["message"]
