"""Runs read back when files and blobs are not what a writer wrote."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tb_attribution_plugin.logging import events
from tb_attribution_plugin.logging.event_file import EventFile
from tb_attribution_plugin.logging.reader import StoredRun, read_runs
from tb_attribution_plugin.logging.writer import AttributionWriter
from tb_attribution_plugin.probe import Probe
from tb_attribution_plugin.wire import attribution_pb2 as pb
from tb_attribution_plugin.wire import blob, codec


def wave(*shape: int) -> np.ndarray:
    return np.sin(np.arange(np.prod(shape)) * 0.3).astype(np.float32).reshape(shape)


def log(root: Path, *steps: int, side: int = 8) -> Path:
    probe = Probe(wave(3, side, side, 1), [0, 1, 2])
    with AttributionWriter(root, probe, store="float32") as writer:
        writer.series("m", method="M")
        for step in steps:
            writer.write(step, {"m": wave(3, side, side) * (step + 1)})
            writer.scalars(step, {"fit/loss": float(step)})
        (file,) = Path(writer.path).glob("*tfevents*")
    return file


def forged(root: Path, elements: list[bytes], grid: list[int], examples: int = 3) -> StoredRun:
    """A run whose series "m" holds `elements` at step 0."""
    description = pb.MapSeries(tag="m", examples=examples, grids=[pb.Grid(shape=grid)])
    file = EventFile(str(root), 0)
    file.append(events.summary(0, [events.blobs("maps/m", elements, pb.TagMetadata(version=1, maps=description))]))
    file.close()
    return StoredRun(str(root))


def test_runs_are_named_as_tensorboard_names_them(tmp_path):
    log(tmp_path / "a", 0)
    log(tmp_path, 0)
    (tmp_path / "empty").mkdir()
    assert sorted(read_runs(str(tmp_path))) == ["a/attribution", "attribution"]
    with pytest.raises(FileNotFoundError, match="is not a directory"):
        read_runs(str(tmp_path / "none"))


def test_a_step_that_is_not_stored_names_those_that_are(tmp_path):
    log(tmp_path, 0, 4)
    with pytest.raises(KeyError, match=r"has no step 3; stored: 0 \.\. 4 \(2 steps\)"):
        StoredRun(str(tmp_path / "attribution")).series["m"].maps(3)


@pytest.mark.parametrize("side", [8, 70])
def test_whole_and_split_steps_read_alike(tmp_path, side):
    log(tmp_path, 2, side=side)
    found = StoredRun(str(tmp_path / "attribution")).series["m"].maps(2)
    np.testing.assert_array_equal(found.scores[0], wave(3, side, side) * 3)
    assert (found.errors, found.segments) == ({}, None)


def test_stored_inputs_are_there(tmp_path):
    log(tmp_path, 0)
    found = StoredRun(str(tmp_path / "attribution"))
    ((digest, probe),) = found.probes.items()
    assert (probe.examples, probe.modality) == (3, pb.MODALITY_IMAGE)
    assert [data[:8] for data in found.inputs(digest)] == [b"\x89PNG\r\n\x1a\n"] * 3


@pytest.mark.parametrize("cut", [1, 40, 200, 2000])
def test_a_truncated_file_gives_what_is_whole_and_says_so(tmp_path, cut):
    file = log(tmp_path, 0, 1, 2)
    file.write_bytes(file.read_bytes()[:-cut])
    found = StoredRun(str(file.parent))
    assert found.series["m"].steps[:2] == [0, 1]
    (problem,) = found.problems
    assert str(file) in problem
    assert "truncated" in problem


def test_a_corrupt_record_costs_itself_only(tmp_path):
    file = log(tmp_path, 0, 1, 2)
    data = bytearray(file.read_bytes())
    at = data.index(b"maps/m", data.index(b"maps/m") + 1)  # in the record of step 1
    data[at] ^= 1
    file.write_bytes(bytes(data))
    found = StoredRun(str(file.parent))
    assert found.series["m"].steps == [0, 2]
    assert [p.step for p in found.scalars["fit/loss"]] == [0, 1, 2]
    assert "the record is skipped" in found.problems[0]


def test_a_corrupt_example_is_nan_and_named(tmp_path):
    maps = wave(3, 2, 2)
    elements = [blob.pack(pb.MapBlob(parts=[codec.encode_part(maps, thumbnail=True)]))]
    elements += [blob.pack(pb.MapBlob(parts=[codec.encode_part(maps[i : i + 1], pb.CODE_FLOAT32)])) for i in range(3)]
    elements[2] = elements[2][:-1] + bytes([elements[2][-1] ^ 1])
    found = forged(tmp_path, elements, [2, 2])
    scores = found.series["m"].maps(0).scores[0]
    np.testing.assert_array_equal(scores[[0, 2]], maps[[0, 2]])
    assert np.isnan(scores[1]).all()
    assert found.problems == [f"maps/m step 0 element 2: checksum of a blob of {len(elements[2])} bytes is wrong"]


def test_examples_that_are_missing_are_nan_and_counted(tmp_path):
    maps = wave(3, 2, 2)
    elements = [blob.pack(pb.MapBlob(parts=[codec.encode_part(maps, thumbnail=True)]))]
    elements += [blob.pack(pb.MapBlob(parts=[codec.encode_part(maps[:1], pb.CODE_FLOAT32)]))]
    found = forged(tmp_path, elements, [2, 2])
    assert np.isnan(found.series["m"].maps(0).scores[0]).all(axis=(1, 2)).tolist() == [False, True, True]
    assert found.problems == ["maps/m step 0: 1 of 3 examples are stored"]


def test_claims_beyond_reason_allocate_nothing(tmp_path):
    found = forged(tmp_path, [b""], [1 << 20, 1 << 20], examples=(1 << 32) - 1)
    with pytest.raises(blob.CorruptBlobError, match="hold more than"):
        found.series["m"].maps(0)


def test_a_part_of_another_count_is_refused(tmp_path):
    found = forged(tmp_path, [blob.pack(pb.MapBlob(parts=[codec.encode_part(wave(2, 2, 2))]))], [2, 2])
    assert np.isnan(found.series["m"].maps(0).scores[0]).all()
    assert found.problems == ["maps/m step 0 element 0: maps of shape [2, 2, 2], expected [3, 2, 2]"]


def test_metadata_that_does_not_parse_is_a_problem_not_an_end(tmp_path):
    file = log(tmp_path, 0)
    bad = events.blobs("maps/bad", [b"x"], pb.TagMetadata())
    bad.metadata.plugin_data.content = b"\xff\xff"
    strange = events.ordinary_scalar("fit/strange", 1.0)
    strange.tensor.tensor_content = b"\0" * 8
    other = EventFile(str(file.parent), 1)
    other.append(events.summary(1, [bad, strange]))
    other.append(b"\xff\xff\xff")
    other.close()
    found = StoredRun(str(file.parent))
    assert list(found.series) == ["m"]
    assert list(found.scalars) == ["fit/loss"]
    assert len(found.problems) == 3
    assert "record holds no event" in found.problems[0]
    assert "'maps/bad'" in found.problems[1]
    assert "'fit/strange' has shape [] and 2 numbers" in found.problems[2]


def test_a_scalar_that_is_no_number_costs_itself_only_and_is_named(tmp_path):
    file = log(tmp_path, 0, 1)
    vector, words = events.ordinary_scalar("fit/loss", 0.0), events.ordinary_scalar("fit/words", 0.0)
    vector.tensor.CopyFrom(events.tensor("x", np.zeros(3, np.float32), pb.TagMetadata()).tensor)
    words.tensor.CopyFrom(events.blobs("x", [b"good"], pb.TagMetadata()).tensor)
    other = EventFile(str(file.parent), 2)
    other.append(events.summary(2, [vector, words]))
    other.append(events.summary(3, [events.ordinary_scalar("fit/loss", 0.5)]))
    other.close()
    found = read_runs(str(tmp_path))["attribution"]
    assert list(found.series) == ["m"]
    assert {tag: [(p.step, p.value) for p in points] for tag, points in found.scalars.items()} == {
        "fit/loss": [(0, 0.0), (1, 1.0), (3, 0.5)]
    }
    path = str(file.parent)
    assert found.problems == [
        f"{path}: tag 'fit/loss': 1 of 4 values are no scalars; step 2: 'fit/loss' has shape [3]; a scalar is one "
        "number",
        f"{path}: tag 'fit/words': 1 of 1 values are no scalars; step 2: 'fit/words' holds no float32 tensor (dtype 7)",
    ]


def test_a_grid_of_seventy_axes_is_corrupt(tmp_path):
    with pytest.raises(blob.CorruptBlobError, match="70 axes; a map has at most 8"):
        forged(tmp_path, [b""], [1] * 70).series["m"].maps(0)


def test_a_later_value_of_a_step_wins_and_a_restart_drops_what_follows(tmp_path):
    for start, steps, value in ((0, (0, 1, 2), 1.0), (1, (1,), 2.0)):
        file = EventFile(str(tmp_path), start)
        for step in steps:
            file.append(events.summary(step, [events.ordinary_scalar("loss", value)]))
        file.close()
    file = EventFile(str(tmp_path), 5)
    file.append(events.summary(5, [events.ordinary_scalar("loss", 3.0)]))
    file.append(events.summary(5, [events.ordinary_scalar("loss", 4.0)]))
    file.close()
    points = StoredRun(str(tmp_path)).scalars["loss"]
    assert [(p.step, p.value) for p in points] == [(0, 1.0), (1, 2.0), (5, 4.0)]


def test_a_series_of_a_newer_format_is_named_with_the_fix(tmp_path):
    newer = pb.TagMetadata(version=2, maps=pb.MapSeries(tag="m", examples=1, grids=[pb.Grid(shape=[2])]))
    file = EventFile(str(tmp_path), 0)
    file.append(events.summary(0, [events.blobs("maps/m", [b""], newer)]))
    file.close()
    run = StoredRun(str(tmp_path))
    assert run.series == {}
    assert "written in format 2, this reads up to 1; pip install --upgrade tb-attribution-plugin" in run.problems[0]
