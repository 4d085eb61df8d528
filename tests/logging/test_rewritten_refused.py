"""Runs that are not rewritten, because steps would be lost or mixed with others."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from tb_attribution_plugin.logging import event_index, records, rewritten
from tb_attribution_plugin.logging.reader import StoredRun
from tb_attribution_plugin.logging.rewritten import Rewritten
from tb_attribution_plugin.logging.writer import AttributionWriter
from tb_attribution_plugin.probe import Probe
from tests.logging.test_rewritten import PROBE, assert_whole, gaps, log, maps


def event_file(directory: Path) -> Path:
    (path,) = directory.glob("*tfevents*")
    return path


def steps(directory: Path) -> list[int]:
    return StoredRun(str(directory)).series["a"].steps


def break_a_record(directory: Path, step: int) -> None:
    """Of that step's maps of series a."""
    place = StoredRun(str(directory)).events.values["maps/a"][step]
    with open(place.path, "r+b") as file:
        file.seek(place.offset + records.HEADER_SIZE + 40)
        byte = file.read(1)[0]
        file.seek(-1, os.SEEK_CUR)
        file.write(bytes([byte ^ 1]))


@pytest.mark.parametrize(
    ("which", "way_out"),
    [("attribution", "explain into another log_dir"), (".attribution.gap", r"delete \S*\.attribution\.gap, whose")],
)
def test_a_damaged_record_stops_it(tmp_path, which, way_out):
    run = gaps(tmp_path)
    break_a_record(tmp_path / which, 20 if which == "attribution" else 10)
    before = event_file(tmp_path / which).read_bytes()
    with pytest.raises(ValueError, match=rf"{which}/events.*checksum of a record.*restore that file, or {way_out}"):
        run.recover()
    assert event_file(tmp_path / which).read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir() if path.name != ".attribution.new") == [
        ".attribution.gap",
        "attribution",
    ]


@pytest.mark.parametrize("which", ["attribution", ".attribution.gap"])
def test_a_disk_that_does_not_read_stops_it(tmp_path, monkeypatch, which):
    run, scan = gaps(tmp_path), records.scan

    def failing(path):
        first, second, *_ = scan(path)
        yield from (first, second)
        if f"/{which}/" in path:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        yield from list(scan(path))[2:]

    with monkeypatch.context() as patched:
        patched.setattr(event_index.records, "scan", failing)
        with pytest.raises(OSError, match="Input/output error"):
            run.recover()
    run.recover()
    assert_whole(tmp_path)


def test_the_end_that_a_killed_writer_leaves_stops_nothing(tmp_path):
    run = gaps(tmp_path)
    for directory in ("attribution", run.side_name):
        with open(event_file(tmp_path / directory), "ab") as file:
            file.write(records.frame(b"x" * 100)[:50])
    run.recover()
    assert_whole(tmp_path)


def test_a_run_that_is_created_between_the_renames_is_left_alone(tmp_path, monkeypatch):
    run, rename = gaps(tmp_path), os.rename

    def racing(source, target):
        rename(source, target)
        if str(target).endswith(".old"):
            log(tmp_path, "attribution", 7)

    with monkeypatch.context() as patched:
        patched.setattr(rewritten.os, "rename", racing)
        with pytest.raises(ValueError, match=r"attribution was created while it was rewritten"):
            run.recover()
    for _ in range(2):
        with pytest.raises(ValueError, match=r"all its steps are in \S*/\.attribution\.new, .*\.attribution\.old"):
            Rewritten(str(tmp_path), "attribution").recover()
    assert steps(tmp_path / "attribution") == [7]
    assert steps(tmp_path / ".attribution.old") == [0, 20, 40]
    assert steps(tmp_path / ".attribution.new") == [0, 5, 10, 20, 30, 40]
    shutil.rmtree(tmp_path / "attribution")
    Rewritten(str(tmp_path), "attribution").recover()
    assert_whole(tmp_path)


def test_further_steps_of_a_run_that_is_gone_are_named(tmp_path):
    run = gaps(tmp_path)
    shutil.rmtree(tmp_path / "attribution")
    with pytest.raises(ValueError, match=r"\.attribution\.gap holds steps of \S*/attribution, which is gone; delete"):
        run.recover()
    os.rename(tmp_path / ".attribution.gap", tmp_path / "attribution")
    run.recover()
    assert steps(tmp_path / "attribution") == [5, 10, 30]


@pytest.mark.parametrize(
    ("probe", "tags", "message", "storage"),
    [
        (Probe(np.zeros((2, 4, 4, 1), np.float32)), ["a", "b"], "further steps of maps of another probe as 'a'", {}),
        (PROBE, ["a"], r"further steps of the series \['b'\]", {}),
        (PROBE, ["a", "b"], "further steps of maps on other grids", {"resolution": 2}),
    ],
)
def test_further_steps_are_not_put_into_another_run(tmp_path, probe, tags, message, storage):
    run = gaps(tmp_path)
    shutil.rmtree(tmp_path / "attribution")
    with AttributionWriter(tmp_path, probe, store="float32", **storage) as writer:
        for tag in tags:
            writer.series(tag, method=tag)
        writer.write(0, {tag: maps(0) for tag in tags})
    with pytest.raises(ValueError, match=message + r".*delete \S*\.attribution\.gap"):
        run.recover()
    assert steps(tmp_path / "attribution") == [0]
    assert steps(tmp_path / ".attribution.gap") == [5, 10, 30]


def test_where_a_run_is_a_link_what_it_leads_to_is_rewritten(tmp_path):
    root = tmp_path / "runs"
    run = gaps(root)
    os.rename(root / "attribution", tmp_path / "elsewhere")
    os.symlink(tmp_path / "elsewhere", root / "attribution")
    Rewritten(str(root), run.side_name[1:-4]).recover()
    assert os.readlink(root / "attribution") == str(tmp_path / "elsewhere")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["elsewhere", "runs"]
    assert_whole(root)
