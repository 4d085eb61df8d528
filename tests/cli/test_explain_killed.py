"""`tb-attribution explain` in several processes, killed in the middle and called again."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from tb_attribution_plugin.cli.main import main
from tb_attribution_plugin.logging.reader import StoredRun
from tests.cli.test_explain import saved
from tests.logging.loaders import load

STEPS = [0, 8, 16, 24, 32]


def steps(directory: str) -> list[int]:
    stored = StoredRun(directory)
    return sorted(set.intersection(*(set(one.steps) for one in stored.series.values()))) if stored.series else []


def children(process: int) -> list[int]:
    return [int(one) for one in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


def until(fact) -> None:
    deadline = time.monotonic() + 300
    while not fact():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.once
def test_a_killed_call_is_gone_on_with(tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)
    arguments = saved(tmp_path, *STEPS)
    blocking = Path("ckpt-16.weights.h5")
    blocking.rename("held")
    os.mkfifo(blocking)  # whoever reads it waits
    process = subprocess.Popen([sys.executable, "-m", "tb_attribution_plugin", *arguments, "--jobs", "2"])
    until(lambda: steps("run/attribution") == [0, 8] or process.poll() is not None)
    workers = children(process.pid)
    assert len(workers) >= 2
    process.send_signal(signal.SIGKILL)
    process.wait()
    # The processes that explain end with the one that writes; the one that waits for the file, too.
    until(lambda: not any(Path(f"/proc/{one}").exists() for one in workers))
    blocking.unlink()
    Path("held").rename(blocking)

    assert main(arguments) == 0
    assert "3 steps written into" in (out := capfd.readouterr().out)
    assert "2 were there" in out
    assert main([*arguments, "--name", "at_once"]) == 0
    found, expected = StoredRun("run/attribution"), StoredRun("run/at_once")
    assert found.problems == []
    for tag, series in expected.series.items():
        assert found.series[tag].steps == series.steps == STEPS
        for step in STEPS:
            np.testing.assert_array_equal(found.series[tag].maps(step).scores, series.maps(step).scores)
            assert str(found.series[tag].stats(step)) == str(series.stats(step))
    with contextlib.closing(load("python", tmp_path / "run")) as view:
        assert list(view.blobs("attribution", "maps/saliency")) == STEPS
