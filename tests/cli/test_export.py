"""`tb-attribution export`: files, words and exit codes."""

from __future__ import annotations

import os
import subprocess
import sys
import zlib

import numpy as np
import pytest

from tb_attribution_plugin.cli import export
from tb_attribution_plugin.cli.main import main
from tb_attribution_plugin.logging import events
from tb_attribution_plugin.logging.event_file import EventFile
from tb_attribution_plugin.wire import attribution_pb2 as pb
from tb_attribution_plugin.wire import blob, codec
from tests.exporting import logs

BEGINS = {"npz": b"PK", "csv": b"series,step", "png": b"\x89PNG", "gif": b"GIF89a", "html": b"<!doctype html>"}


@pytest.mark.parametrize("kind", BEGINS)
def test_the_ending_of_the_file_says_its_format(tmp_path, capsys, kind):
    logs.pictures(tmp_path / "runs", 0, 10)
    out = tmp_path / f"maps.{kind}"
    assert main(["export", str(tmp_path / "runs"), "--out", str(out)]) == 0
    assert out.read_bytes().startswith(BEGINS[kind])
    steps = "1 step" if kind == "png" else "2 steps"
    assert capsys.readouterr().out.splitlines()[0] == f"{out}: 1 series, {steps}, 3 examples of run attribution"
    assert sorted(path.name for path in tmp_path.iterdir()) == [out.name, "runs"]


def test_what_is_chosen_is_what_is_written(tmp_path, capsys):
    logs.pictures(tmp_path / "a", 0, 10, 20)
    logs.pictures(tmp_path / "b", 0)
    out = tmp_path / "maps.dat"
    chosen = ["--run", "a", "--series", "halves", "--steps", "first", "20", "--examples", "1", "--format", "npz"]
    assert main(["export", str(tmp_path), "--out", str(out), *chosen]) == 0
    with np.load(out) as found:
        assert found["halves.scores"].shape == (2, 1, 16, 16)
        assert found["halves.steps"].tolist() == [0, 20]


def test_pictures_say_what_they_leave_out(tmp_path, capsys):
    logs.pictures(tmp_path, 0, 10)
    assert main(["export", str(tmp_path), "--out", str(tmp_path / "x.png")]) == 0
    assert "  the last of 2 steps" in capsys.readouterr().out.splitlines()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--out", "maps.bmp"], "--out 'maps.bmp': its ending is no format; add --format npz|csv|png|gif|html"),
        (["--out", "x", "--format", "bmp"], "--format 'bmp' is not known; it is one of npz|csv|png|gif|html"),
        (
            ["--out", "maps.png", "--steps", "7"],
            "step 7 is not stored; stored are 0 .. 0 (1 steps), the nearest is 0",
        ),
        (["--out", "no/such/maps.png"], "No such file or directory"),
    ],
)
def test_what_cannot_be_done_is_one_line(tmp_path, capsys, arguments, words, monkeypatch):
    monkeypatch.chdir(tmp_path)
    logs.pictures(tmp_path / "runs", 0)
    assert main(["export", "runs", *arguments]) == 2
    error = capsys.readouterr().err
    assert words in error
    assert error.count("\n") == 1


def test_a_directory_without_attributions_is_said_to_be_one(tmp_path, capsys):
    assert main(["export", str(tmp_path), "--out", str(tmp_path / "x.png")]) == 2
    assert "holds no attributions" in capsys.readouterr().err


@pytest.mark.parametrize("kind", ["png", "gif", "html", "csv"])
def test_damage_is_named_and_the_rest_is_written(tmp_path, capsys, kind):
    """Maps of absurd shapes, elements that are no blobs, a probe that is not there."""
    (tmp_path / "run").mkdir()
    file = EventFile(str(tmp_path / "run"), 0)
    series = {"huge": [1 << 31], "deep": [1] * 12, "broken": [4, 4], "none": []}
    for tag, shape in series.items():
        about = pb.MapSeries(tag=tag, examples=2, method="\x1b[2J", grids=[pb.Grid(shape=shape)])
        value = events.blobs(f"maps/{tag}", [b"no blob"], pb.TagMetadata(version=1, maps=about))
        file.append(events.summary(0, [value]))
    file.close()
    out = tmp_path / f"x.{kind}"
    code = main(["export", str(tmp_path), "--out", str(out), "--series", "broken", "none"])
    assert code == 1
    printed = capsys.readouterr()
    assert "damaged: " in printed.err
    assert "\x1b" not in printed.err + printed.out
    assert out.stat().st_size > 0
    assert main(["export", str(tmp_path), "--out", str(out), "--series", "huge", "deep"]) == 1


@pytest.mark.parametrize("kind", ["png", "html", "csv"])
def test_of_maps_that_no_picture_and_no_table_holds_nothing_is_read(tmp_path, monkeypatch, kind):
    (tmp_path / "run").mkdir()
    file = EventFile(str(tmp_path / "run"), 0)
    about = pb.MapSeries(tag="huge", examples=1, grids=[pb.Grid(shape=[8192, 8192])])
    part = codec.encode_part(np.zeros((1, 4096, 4096), np.float32), pb.CODE_FLOAT32)
    blobs = [blob.pack(pb.MapBlob(parts=[part]))]
    file.append(events.summary(0, [events.blobs("maps/huge", blobs, pb.TagMetadata(version=1, maps=about))]))
    file.close()
    monkeypatch.setattr(codec, "decode_part", lambda part: pytest.fail("a map was decoded"))
    assert main(["export", str(tmp_path), "--out", str(tmp_path / f"x.{kind}")]) == 1


def test_exporting_needs_no_tensorflow(tmp_path):
    logs.pictures(tmp_path, 0, 10)
    code = "import sys, tensorboard; from tb_attribution_plugin.cli.main import main\n"
    for kind in BEGINS:
        code += f"assert main(['export', {str(tmp_path)!r}, '--out', {str(tmp_path / f'm.{kind}')!r}]) == 0\n"
    code += "print({'tensorflow', 'keras', 'matplotlib'} & set(sys.modules))"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).splitlines()[-1] == "set()"


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_a_terminal_without_the_characters_of_a_name_has_them_spelt_out(tmp_path, encoding):
    logs.pictures(tmp_path / "runs" / "\u6ce8", 0)
    out = tmp_path / "x.npz"
    code = "import sys; from tb_attribution_plugin.cli.main import main; sys.exit(main())"
    done = subprocess.run(
        [sys.executable, "-c", code, "export", str(tmp_path / "runs"), "--out", str(out)],
        env={**os.environ, "PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"},
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"of run \\u6ce8/attribution" in done.stdout


def test_two_exports_into_one_file_leave_one_of_them_whole(tmp_path):
    out = tmp_path / "x"
    with export._whole(str(out)) as first:
        first.write(b"first")
        with export._whole(str(out)) as second:
            second.write(b"second")
        assert out.read_bytes() == b"second"
    assert out.read_bytes() == b"first"
    assert [path.name for path in tmp_path.iterdir()] == ["x"]


def test_maps_without_cells_and_segments_of_fewer_columns_are_no_error(tmp_path):
    (tmp_path / "run").mkdir()
    file = EventFile(str(tmp_path / "run"), 0)
    for tag, shape in {"empty": [0, 5], "table": [5]}.items():
        grid = pb.Grid(shape=shape, input_shape=shape)
        about = pb.MapSeries(tag=tag, examples=1, probe_hash="h" if tag == "table" else "", grids=[grid])
        parts = [codec.encode_part(np.ones((1, *shape), np.float32))]
        parts.append(codec.encode_part(np.ones((1, 3), np.float32), layer=pb.LAYER_SEGMENTS))
        blobs = [blob.pack(pb.MapBlob(parts=parts))]
        file.append(events.summary(0, [events.blobs(f"maps/{tag}", blobs, pb.TagMetadata(version=1, maps=about))]))
    ids = pb.SegmentMap(shape=[3], payload=zlib.compress(np.arange(3, dtype="<i4").tobytes()))
    probe = pb.ProbeBlob(hash="h", examples=1, modality=pb.MODALITY_TABULAR, segments=[ids])
    of_probe = pb.TagMetadata(version=1, probe=pb.ProbeSeries(hash="h"))
    file.append(events.summary(0, [events.blobs("probe/h", [blob.pack(probe)], of_probe)]))
    file.close()
    for tag in ("empty", "table"):
        out = tmp_path / f"{tag}.png"
        assert main(["export", str(tmp_path), "--series", tag, "--out", str(out)]) == 1  # there are no numbers
        assert out.stat().st_size > 0
