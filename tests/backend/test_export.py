from __future__ import annotations

import csv
import io
import json

import numpy as np

from tests.backend import logs
from tests.backend.server import Server

RUN = "watermark/attribution"


def npz(server: Server, **query: object) -> dict[str, np.ndarray]:
    answer = server.get("export", run=RUN, format="npz", **query)
    assert answer.status == 200, answer.body
    with np.load(io.BytesIO(answer.body), allow_pickle=False) as file:
        return dict(file)


def test_npz_holds_the_maps_that_were_logged(server: Server) -> None:
    file = npz(server, tag="grad_cam")
    assert file["steps"].tolist() == list(logs.STEPS)
    np.testing.assert_array_equal(file["scores"], np.stack([logs.cam(step) for step in logs.STEPS]))
    assert file["problems"].tolist() == []
    assert json.loads(str(file["series"]))["method"] == "GradCAM"


def test_npz_holds_whole_maps_not_thumbnails(server: Server) -> None:
    file = npz(server, tag="saliency", steps="55,0")
    assert file["steps"].tolist() == [55, 0]
    np.testing.assert_array_equal(file["scores"], np.stack([logs.gradients(55), logs.gradients(0)]))


def test_npz_holds_the_stats_of_the_chosen_steps(server: Server) -> None:
    file = npz(server, tag="saliency", steps="10,20")
    assert file["stats_columns"].tolist() == ["output", "peak"]
    assert file["stats"].shape == (2, 3, 2)
    assert file["stats"].ravel().tolist() == logs.stats_row(10) + logs.stats_row(20)


def test_csv_has_a_line_per_value(server: Server) -> None:
    answer = server.get("export", run=RUN, tag="grad_cam", format="csv", steps="5")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(answer.body.decode())))
    assert len(rows) == 3 * 2 * 2
    assert rows[5] == {
        "step": "5",
        "example": "1",
        "input": "0",
        "layer": "scores",
        "i0": "0",
        "i1": "1",
        "value": "-6",
    }


def test_a_download_has_a_plain_file_name(server: Server) -> None:
    answer = server.get("export", run=RUN, tag="grad_cam", format="npz", steps="0")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="watermark_attribution-grad_cam.npz"'
    assert answer.headers["Content-Type"] == "application/zip"


def test_an_unknown_format_names_the_known_ones(server: Server) -> None:
    answer = server.get("export", run=RUN, tag="grad_cam", format="xls")
    assert answer.status == 400
    assert answer.error == {"code": "bad_parameter", "message": "format='xls' is not known", "hint": "one of npz, csv"}


def test_too_many_values_are_refused_with_the_steps_that_fit(server: Server) -> None:
    # 3 examples x 70 x 70 cells are 14,700 values a step; 2^21 values are 142 steps.
    answer = server.get("export", run=RUN, tag="saliency", format="csv", steps=",".join(["5"] * 143))
    assert answer.status == 413
    assert answer.error["message"] == "143 steps x 14700 values are 2102100; one csv holds 2097152"
    assert "up to 142 steps" in answer.error["hint"]
