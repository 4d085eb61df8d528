"""A run into which earlier steps are put, and crashes on the way."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from tb_attribution_plugin.logging import rewritten
from tb_attribution_plugin.logging.place import PlaceWriter
from tb_attribution_plugin.logging.reader import StoredRun
from tb_attribution_plugin.logging.rewritten import Rewritten
from tb_attribution_plugin.probe import Probe
from tests.logging.loaders import load

PROBE = Probe(np.ones((2, 4, 4, 1), np.float32), [0, 1])


def maps(step: int) -> np.ndarray:
    return np.random.default_rng(step).normal(size=(2, 4, 4)).astype(np.float32)


def log(root: Path, name: str, *steps: int) -> None:
    with PlaceWriter(root, PROBE, name=name, store="float32") as writer:
        for tag in ("a", "b"):
            writer.series(tag, method=tag)
        for step in steps:
            writer.open(step)
            writer.scalars(step, {"region/a/x": step / 2})
            writer.write(step, {tag: maps(step) for tag in ("a", "b")}, outputs=[0.0, float(step)])


def gaps(root: Path) -> Rewritten:
    """0, 20, 40 are in the run, and 5, 10 and 30 beside it."""
    log(root, "attribution", 0, 20, 40)
    found = Rewritten(str(root), "attribution")
    log(root, found.side_name, 5, 10, 30)
    return found


def assert_whole(root: Path) -> None:
    """As if one writer had written all steps, with nothing beside it."""
    log(root / "at once", "attribution", 0, 5, 10, 20, 30, 40)
    found, expected = StoredRun(str(root / "attribution")), StoredRun(str(root / "at once" / "attribution"))
    assert sorted(path.name for path in root.iterdir()) == ["at once", "attribution"]
    assert found.problems == []
    for tag, series in expected.series.items():
        assert found.series[tag].steps == series.steps == [0, 5, 10, 20, 30, 40]
        for step in series.steps:
            np.testing.assert_array_equal(found.series[tag].maps(step).scores, series.maps(step).scores)
            assert str(found.series[tag].stats(step)) == str(series.stats(step))
    assert [point[::2] for point in found.scalars["region/a/x"]] == [
        (step, step / 2) for step in (0, 5, 10, 20, 30, 40)
    ]
    assert found.probes == expected.probes


def test_steps_are_put_in_their_places_and_drift_from_those_before_them_now(tmp_path):
    gaps(tmp_path).recover()
    assert_whole(tmp_path)


@pytest.mark.parametrize("kind", ["python", "data_server"])
def test_tensorboard_reads_every_step_in_order(tmp_path, kind):
    gaps(tmp_path).recover()
    view = load(kind, tmp_path)
    try:
        assert list(view.blobs("attribution", "maps/a")) == [0, 5, 10, 20, 30, 40]
        assert list(view.scalars("attribution", "seconds/b")) == [0, 5, 10, 20, 30, 40]
        assert list(view.blobs("attribution", f"probe/{PROBE.hash}")) == [0]
    finally:
        view.close()


@pytest.mark.parametrize("kind", ["python", "data_server"])
def test_a_tensorboard_that_is_open_shows_the_new_steps(tmp_path, kind):
    run = gaps(tmp_path)
    view = load(kind, tmp_path, runs=2)
    try:
        assert list(view.blobs("attribution", "maps/a")) == [0, 20, 40]
        run.recover()
        view.reload(lambda: len(view.blobs("attribution", "maps/a")) == 6)
        assert list(view.blobs("attribution", "maps/a")) == [0, 5, 10, 20, 30, 40]
        assert list(view.scalars("attribution", "seconds/b")) == [0, 5, 10, 20, 30, 40]
        assert list(view.tags("scalars")) == ["attribution"]
    finally:
        view.close()


class Crash(Exception):
    pass


@pytest.mark.parametrize("crash", range(7))
def test_a_crash_at_any_point_loses_nothing(tmp_path, monkeypatch, crash):
    """Whatever the last thing was that was done to the disk."""
    run, done = gaps(tmp_path), []

    def crashing(action):
        def counted(*arguments):
            if len(done) == crash:
                raise Crash
            done.append(action)
            return action(*arguments)

        return counted

    with monkeypatch.context() as patched:
        patched.setattr(rewritten.os, "rename", crashing(os.rename))
        patched.setattr(rewritten.os, "mkdir", crashing(os.mkdir))
        patched.setattr(rewritten.shutil, "rmtree", crashing(shutil.rmtree))
        patched.setattr(rewritten, "merge", crashing(rewritten.merge))
        with pytest.raises(Crash):
            run.recover()
    Rewritten(str(tmp_path), "attribution").recover()
    assert_whole(tmp_path)


def test_what_is_not_ours_is_not_lost(tmp_path):
    run = gaps(tmp_path)
    (tmp_path / "attribution" / "notes.txt").write_text("mine")
    with pytest.raises(ValueError, match=r"holds 'notes\.txt', which is not ours; move that elsewhere"):
        run.recover()
    assert (tmp_path / "attribution" / "notes.txt").read_text() == "mine"
    os.unlink(tmp_path / "attribution" / "notes.txt")
    run.recover()
    assert_whole(tmp_path)


def test_a_step_that_is_half_there_is_replaced(tmp_path):
    log(tmp_path, "attribution", 0, 20)
    with PlaceWriter(tmp_path, PROBE, store="float32") as writer:
        for tag in ("a", "b"):
            writer.series(tag, method=tag)
        writer.open(30)
        writer.write(30, {"a": maps(99)})
    run = Rewritten(str(tmp_path), "attribution")
    log(tmp_path, run.side_name, 5, 10, 30, 40)
    run.recover()
    assert_whole(tmp_path)
