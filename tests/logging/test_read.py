"""Logs read back into a notebook."""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import tb_attribution_plugin as tba
from tb_attribution_plugin.logging import events
from tb_attribution_plugin.logging.event_file import EventFile
from tb_attribution_plugin.logging.read import ReadRun
from tb_attribution_plugin.wire import attribution_pb2 as pb
from tb_attribution_plugin.wire import blob

PICTURES = np.arange(3 * 16 * 16 * 3, dtype=np.uint8).reshape(3, 16, 16, 3)


def scores(step: int) -> np.ndarray:
    return np.arange(3 * 4 * 4, dtype=np.float32).reshape(3, 4, 4) - step


def log(root: Path, **probe: object) -> None:
    about = tba.Probe(PICTURES, [0, 1, 1], class_names=["cat", "dog"], **probe)
    with tba.AttributionWriter(root, about, store="float32") as writer:
        writer.series("cam", method="GradCAM", target="label", scalar="margin", parameters={"layer": "last"}, cam=True)
        for step in (0, 10):
            found = tba.Attribution(scores(step), outputs=np.arange(3.0) + step, residual=np.full(3, 0.5))
            writer.write(step, {"cam": found}, outputs=np.tile([[0.25, 0.75]], (3, 1)), targets={"cam": [0, 1, 1]})
            writer.scalars(step, {"fit/loss": 1 / (step + 1)})


def forged(root: Path, about: pb.ProbeBlob, *inputs: bytes, **series: object) -> ReadRun:
    maps = pb.MapSeries(tag="m", probe_hash="h", **series)
    (root / "run").mkdir()
    file = EventFile(str(root / "run"), 0)
    file.append(events.summary(0, [events.blobs("maps/m", [b""], pb.TagMetadata(version=1, maps=maps))]))
    about.hash = "h"
    probe = pb.TagMetadata(version=1, probe=pb.ProbeSeries(hash="h"))
    file.append(events.summary(0, [events.blobs("probe/h", [blob.pack(about), *inputs], probe)]))
    file.close()
    return tba.read(root)["run"]


def test_a_series_gives_attributions_by_step(tmp_path):
    log(tmp_path / "first")
    read = tba.read(tmp_path)
    assert list(read) == ["first/attribution"]
    series = read["first/attribution"].series["cam"]
    assert (series.method, series.target, series.scalar, series.signed) == ("GradCAM", "label", "margin", True)
    assert series.parameters == {"layer": "'last'"}
    assert [*series] == series.steps == [0, 10]
    found = series[10]
    np.testing.assert_array_equal(found.scores, scores(10))
    np.testing.assert_array_equal(found.outputs, [10, 11, 12])
    np.testing.assert_array_equal(found.residual, [0.5] * 3)
    assert (found.errors, found.segment_scores) == (None, None)


def test_numbers_of_all_steps_are_tables(tmp_path):
    log(tmp_path)
    series = tba.read(tmp_path)["attribution"].series["cam"]
    np.testing.assert_array_equal(series.outputs, [[0, 1, 2], [10, 11, 12]])
    np.testing.assert_array_equal(series.residuals, np.full((2, 3), 0.5))
    np.testing.assert_array_equal(series.predictions, np.ones((2, 3)))
    np.testing.assert_array_equal(series.target_probabilities, [[0.25, 0.75, 0.75]] * 2)
    assert np.isnan(series.column("drift")[0]).all()
    with pytest.raises(ValueError, match=r"column 'loss' is not known; it is one of \['output',"):
        series.column("loss")


def test_the_probe_and_the_scalars_are_there(tmp_path):
    log(tmp_path)
    run = tba.read(tmp_path)["attribution"]
    probe = run.probe
    assert probe is run.series["cam"].probe
    np.testing.assert_array_equal(probe.inputs, PICTURES)
    assert probe.picture(2).size == (16, 16)
    assert (probe.modality, probe.class_names, probe.labels.tolist()) == ("image", ["cat", "dog"], [0, 1, 1])
    loss = run.scalars["fit/loss"]
    assert (loss.steps.tolist(), loss.values[0]) == ([0, 10], 1)


def test_private_inputs_are_none(tmp_path):
    log(tmp_path, store_inputs=False)
    probe = tba.read(tmp_path)["attribution"].probe
    assert (probe.inputs, probe.picture(0), probe.values(0), probe.inputs_stored) == (None, None, None, False)


def test_several_inputs_come_by_name(tmp_path):
    inputs = {"a": np.ones((2, 3), np.float32), "b": np.full((2, 4), 2, np.float32)}
    with tba.AttributionWriter(tmp_path, tba.Probe(inputs), store="float32") as writer:
        writer.series("s", method="Saliency")
        writer.write(0, {"s": inputs})
    run = tba.read(tmp_path)["attribution"]
    assert {name: one.shape for name, one in run.series["s"][0].scores.items()} == {"a": (2, 3), "b": (2, 4)}
    assert run.probe.values(1, 1).tolist() == [2, 2, 2, 2]


def test_segments_and_regions_are_arrays(tmp_path):
    ids = np.array([[0, 1, -1], [2, 2, 0]])
    probe = tba.Probe(np.ones((2, 3), np.float32), segments=ids, regions={"first": np.eye(2, 3, dtype=bool)})
    with tba.AttributionWriter(tmp_path, probe, store="float32") as writer:
        writer.series("lime", method="LIME")
        writer.write(0, {"lime": tba.Attribution(np.zeros((2, 3)), segment_scores=np.arange(6).reshape(2, 3))})
    run = tba.read(tmp_path)["attribution"]
    np.testing.assert_array_equal(run.probe.segments[0], ids)
    np.testing.assert_array_equal(run.probe.regions["first"], np.eye(2, 3, dtype=bool))
    assert run.series["lime"][0].segment_scores.tolist() == [[0, 1, 2], [3, 4, 5]]


def test_what_it_holds_is_said_in_lines(tmp_path):
    log(tmp_path / "x")
    lines = repr(tba.read(tmp_path)).splitlines()
    assert lines[1:] == [
        "run 'x/attribution': 1 series, 1 scalars",
        "  'cam': 'GradCAM' of 'label', 3 maps of 4x4, 2 steps 0 .. 10",
    ]


def test_a_directory_without_attributions_is_refused_with_what_it_holds(tmp_path):
    with pytest.raises(FileNotFoundError, match="is not a directory"):
        tba.read(tmp_path / "none")
    with pytest.raises(ValueError, match="holds no attributions, and no event file"):
        tba.read(tmp_path)
    (tmp_path / "train").mkdir()
    file = EventFile(str(tmp_path / "train"), 0)
    file.append(events.summary(0, [events.ordinary_scalar("loss", 1.0)]))
    file.close()
    with pytest.raises(ValueError, match="holds no attributions; it has the runs train without any"):
        tba.read(tmp_path)


def test_a_run_and_a_step_that_are_not_there_name_those_that_are(tmp_path):
    log(tmp_path)
    with pytest.raises(KeyError, match=r"no run 'b' .* there are \['attribution'\]"):
        tba.read(tmp_path)["b"]
    with pytest.raises(KeyError, match=r"no series 'grad-cam' in this run; there are \['"):
        tba.read(tmp_path)["attribution"].series["grad-cam"]
    with pytest.raises(KeyError, match=r"has no step 3; stored: 0 \.\. 10"):
        tba.read(tmp_path)["attribution"].series["cam"][3]


def test_a_picture_that_claims_too_much_is_a_problem(tmp_path):
    stream = io.BytesIO()
    Image.new("L", (1, 1)).save(stream, format="PNG")
    head = b"IHDR" + (60000).to_bytes(4, "big") * 2 + stream.getvalue()[24:29]
    bomb = stream.getvalue()[:12] + head + zlib.crc32(head).to_bytes(4, "big") + stream.getvalue()[33:]
    run = forged(tmp_path, pb.ProbeBlob(modality=pb.MODALITY_IMAGE, examples=2), bomb, b"no picture")
    assert (run.probe.picture(0), run.probe.picture(1), run.probe.inputs) == (None, None, None)
    assert run.probe.picture(0) is None
    assert len([problem for problem in run.problems if "picture of example" in problem]) == 2  # each said once


def test_examples_and_segments_that_no_array_can_hold_are_refused(tmp_path):
    about = pb.ProbeBlob(examples=2**31, segments=[pb.SegmentMap(shape=[2**31], payload=b"")])
    run = forged(tmp_path, about, examples=2**31, grids=[pb.Grid(shape=[2])])
    assert run.probe.segments == []
    assert "more than" in run.problems[-1]
    with pytest.raises(ValueError, match="hold more than"):
        run.series["m"].column("output")
    with pytest.raises(ValueError, match="hold more than"):
        run.series["m"][0]


def test_reading_needs_no_tensorflow(tmp_path):
    log(tmp_path)
    code = f"import sys, tensorboard, tb_attribution_plugin as tba; r = tba.read({str(tmp_path)!r})['attribution']; "
    code += "r.series['cam'][0].plot(r.probe.inputs); print({'tensorflow', 'keras'} & set(sys.modules))"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "set()"


def test_what_lies_beside_a_run_while_it_is_rewritten_is_no_run(tmp_path):
    log(tmp_path / "first")
    for beside in ("gap", "new", "old"):
        shutil.copytree(tmp_path / "first" / "attribution", tmp_path / "first" / f".attribution.{beside}")
    shutil.copytree(tmp_path / "first" / "attribution", tmp_path / ".hidden" / "notes.old")
    assert list(tba.read(tmp_path)) == [".hidden/notes.old", "first/attribution"]
    assert list(tba.read(tmp_path / "first" / ".attribution.gap")) == ["."]
