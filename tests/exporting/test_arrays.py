"""Arrays and tables of a log."""

from __future__ import annotations

import io
import json
import zipfile

import numpy as np

from tb_attribution_plugin.attribution import Attribution
from tb_attribution_plugin.exporting import arrays
from tb_attribution_plugin.logging.writer import AttributionWriter
from tb_attribution_plugin.probe import Probe
from tests.exporting.logs import HOSTILE, chosen, halves, pictures, written


def npz(choice) -> dict:
    return dict(np.load(io.BytesIO(written(arrays.npz, choice))))


def lines(choice) -> list[list[str]]:
    return [line.split(",") for line in written(arrays.csv, choice).decode().splitlines()]


def test_an_npz_holds_maps_numbers_and_what_they_are_of(tmp_path):
    pictures(tmp_path, 0, 10, names=["a", "b", "c"])
    found = npz(chosen(tmp_path, examples=[2, 0]))
    np.testing.assert_array_equal(found["halves.scores"], np.stack([halves(0), halves(10)])[:, [2, 0]])
    np.testing.assert_array_equal(found["halves.steps"], [0, 10])
    np.testing.assert_array_equal(found["halves.output"], [[2, 0]] * 2)
    np.testing.assert_array_equal(found["halves.residual"], np.full((2, 2), -0.5))
    np.testing.assert_array_equal(found["labels"], [1, 0])
    assert (found["names"].tolist(), found["examples"].tolist()) == (["c", "a"], [2, 0])
    assert str(found["run"]) == "attribution"
    assert json.loads(str(found["halves.series"]))["method"] == "Halves"
    assert not found["problems"].size


def test_a_table_has_a_line_for_each_value(tmp_path):
    pictures(tmp_path, 0, 10)
    head, *found = lines(chosen(tmp_path, 10, examples=[1]))
    assert head == ["series", "step", "example", "input", "layer", "i0", "i1", "value"]
    assert len(found) == 16 * 16
    assert found[7] == ["halves", "10", "1", "0", "scores", "0", "7", "-11"]
    assert found[-1] == ["halves", "10", "1", "0", "scores", "15", "15", "11"]


def test_inputs_errors_and_segments_have_names_of_their_own(tmp_path):
    inputs = {"a": np.ones((2, 3), np.float32), "b": np.ones((2, 2), np.float32)}
    with AttributionWriter(tmp_path, Probe(inputs), store="float32") as writer:
        writer.series("s", method="Shap", error_kind="standard_error")
        writer.write(3, {"s": Attribution(inputs, errors=inputs, segment_scores=np.full((2, 5), 7.0))})
    found = npz(chosen(tmp_path))
    shapes = {key: found[key].shape for key in found if key.startswith("s.") and found[key].ndim > 2}
    assert shapes == {
        "s.scores_0": (1, 2, 3), "s.scores_1": (1, 2, 2), "s.errors_0": (1, 2, 3), "s.errors_1": (1, 2, 2),
        "s.segments": (1, 2, 5),
    }  # fmt: skip
    layers = [(line[3], line[4]) for line in lines(chosen(tmp_path))[1:]]
    assert [layers.count(one) for one in (("0", "scores"), ("1", "errors"), ("0", "segments"))] == [6, 4, 10]


def test_a_tag_is_no_path_and_no_formula(tmp_path):
    pictures(tmp_path, 0, name="=cmd/../x")
    assert lines(chosen(tmp_path))[1][0] == "cmd____x"
    names = zipfile.ZipFile(io.BytesIO(written(arrays.npz, chosen(tmp_path)))).namelist()
    assert "cmd____x.scores.npy" in names
    assert not [name for name in names if "/" in name or "\\" in name or ".." in name]


def test_tags_that_would_be_one_name_are_told_apart(tmp_path):
    with AttributionWriter(tmp_path, np.ones((1, 2), np.float32)) as writer:
        for tag in ("a b", "a&b"):
            writer.series(tag, method=HOSTILE)
        writer.write(0, {"a b": np.ones((1, 2)), "a&b": np.zeros((1, 2))})
    assert {"a_b.scores", "a_b_2.scores"} <= set(npz(chosen(tmp_path)))


def test_a_step_that_cannot_be_read_is_nan_and_a_problem(tmp_path):
    pictures(tmp_path, 0, 10)
    choice = chosen(tmp_path)
    stored = choice.series[0].stored
    maps = stored.maps
    stored.maps = lambda step: maps(step) if step else (_ for _ in ()).throw(ValueError("no blob"))
    found = npz(choice)
    assert np.isnan(found["halves.scores"][0]).all()
    np.testing.assert_array_equal(found["halves.scores"][1], halves(10))
    assert "maps/halves step 0: no blob" in found["problems"].tolist()
