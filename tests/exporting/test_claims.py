"""Logs that claim more than they hold: a few bytes are not believed."""

from __future__ import annotations

import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tb_attribution_plugin.cli import export
from tb_attribution_plugin.cli.main import main
from tb_attribution_plugin.logging import events
from tb_attribution_plugin.logging.event_file import EventFile
from tb_attribution_plugin.logging.read import ReadRun, read
from tb_attribution_plugin.wire import attribution_pb2 as pb
from tb_attribution_plugin.wire import blob, codec
from tests.exporting import logs

SQUARE = pb.Grid(shape=[4096, 4096])


def run(root: Path, maps: pb.MapBlob, probe: list[bytes] | None = None, **series: Any) -> ReadRun:
    (root / "run").mkdir()
    file = EventFile(str(root / "run"), 0)
    about = pb.TagMetadata(version=1, maps=pb.MapSeries(tag="m", probe_hash="h", **series))
    file.append(events.summary(0, [events.blobs("maps/m", [blob.pack(maps)], about)]))
    if probe:
        of_probe = pb.TagMetadata(version=1, probe=pb.ProbeSeries(hash="h"))
        file.append(events.summary(0, [events.blobs("probe/h", probe, of_probe)]))
    file.close()
    return read(root)["run"]


def part(shape: tuple[int, ...], **more: Any) -> pb.Part:
    return codec.encode_part(np.zeros(shape, np.float32), pb.CODE_FLOAT32, **more)


@pytest.mark.parametrize("kind", ["npz", "csv", "png", "html"])
def test_four_billion_examples_take_no_memory(tmp_path, capsys, kind):
    run(tmp_path, pb.MapBlob(), examples=4_000_000_000, grids=[pb.Grid(shape=[2])])
    tracemalloc.start()
    try:
        assert main(["export", str(tmp_path), "--out", str(tmp_path / f"x.{kind}")]) in (1, 2)
        assert tracemalloc.get_traced_memory()[1] < 64 << 20
    finally:
        tracemalloc.stop()
    assert capsys.readouterr().err


def test_more_examples_than_the_probe_has_are_not_exported(tmp_path):
    probe = [blob.pack(pb.ProbeBlob(hash="h", examples=2, labels=[0, 1]))]
    run(tmp_path, pb.MapBlob(), probe, examples=500, grids=[pb.Grid(shape=[2])])
    assert logs.chosen(tmp_path).examples == [0, 1]


def test_the_maps_of_all_inputs_together_are_no_more_than_one_may_be(tmp_path):
    found = run(tmp_path, pb.MapBlob(), examples=4, grids=[SQUARE, SQUARE])
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match="hold more than"):
            found.series["m"].stored.maps(0)
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()


def test_segments_and_regions_together_are_no_more_than_one_may_be(tmp_path, monkeypatch):
    about = pb.ProbeBlob(hash="h", examples=1)
    about.segments.extend([pb.SegmentMap(shape=[1 << 25])] * 3)
    about.regions.extend([pb.RegionMask(name=str(one), shape=[1 << 25]) for one in range(3)])
    probe = run(tmp_path, pb.MapBlob(), [blob.pack(about)], examples=1, grids=[pb.Grid(shape=[2])]).probe
    monkeypatch.setattr(blob, "inflate", lambda *_: pytest.fail("a payload was inflated"))
    assert (probe.segments, probe.regions) == ([], {})


def test_of_the_parts_of_an_input_only_the_first_is_decoded(tmp_path, monkeypatch):
    parts = pb.MapBlob(parts=[part((1, 2))] * 50)
    probe = [blob.pack(pb.ProbeBlob(hash="h", examples=1)), blob.pack(parts)]
    found = run(tmp_path, pb.MapBlob(), probe, examples=1, grids=[pb.Grid(shape=[2])]).probe
    decoded = []
    decode = codec.decode_part
    monkeypatch.setattr(codec, "decode_part", lambda one: decoded.append(one) or decode(one))
    assert found.values(0).tolist() == [0, 0]
    assert len(decoded) == 1


def test_segments_that_no_table_holds_are_left_out_of_it_and_named(tmp_path, capsys):
    maps = pb.MapBlob(parts=[part((2, 2)), part((2, 1 << 22), layer=pb.LAYER_SEGMENTS)])
    run(tmp_path, maps, examples=2, grids=[pb.Grid(shape=[2])])
    out = tmp_path / "x.csv"
    assert main(["export", str(tmp_path), "--out", str(out)]) == 1
    assert len(out.read_text().splitlines()) == 1 + 4
    assert "segments of shape [4194304] are no table; NPZ holds them" in capsys.readouterr().err


def test_what_memory_does_not_hold_is_refused_in_words(tmp_path, capsys, monkeypatch):
    def full(_: object) -> int:
        raise MemoryError

    monkeypatch.setattr(export, "run", full)
    assert main(["export", str(tmp_path), "--out", "x.png"]) == 2
    assert capsys.readouterr().err == "tb-attribution export: not enough memory for what the log holds\n"
