"""The demo as a user runs it: trained for real, read back from its logs."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import NamedTuple

import pytest
import shares

from tb_attribution_plugin.logging.reader import read_runs

pytestmark = pytest.mark.once

DEMO = Path(shares.__file__).parent
# One of the three of `make demo`, each of which trains for a minute.
SEEDS = ["seed-1"]


class Demo(NamedTuple):
    logdir: Path
    printed: str
    pairs: list[shares.Pair]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    logdir = tmp_path_factory.mktemp("runs")
    seeds = [seed.removeprefix("seed-") for seed in SEEDS]
    command = [sys.executable, str(DEMO / "watermark.py"), "--logdir", str(logdir), "--seeds", *seeds]
    process = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert process.returncode == 0, process.stdout[-4000:]
    return Demo(logdir, process.stdout, shares.read(logdir))


def test_both_runs_start_from_the_same_maps(demo: Demo) -> None:
    """Same probe, same untrained weights: at step 0 the runs differ in nothing."""
    for pair in demo.pairs:
        assert pair.first[0] == pytest.approx(pair.first[1], rel=1e-4)


def test_the_watermarked_runs_heat_moves_into_the_corner(demo: Demo) -> None:
    for pair in demo.pairs:
        assert pair.growth[0] > 3, pair


def test_the_controls_heat_does_not(demo: Demo) -> None:
    for pair in demo.pairs:
        assert pair.growth[1] < 1.5, pair


def test_grad_cam_says_the_same(demo: Demo) -> None:
    for pair in demo.pairs:
        assert pair.grad_cam[0] > 2 * pair.grad_cam[1], pair


def test_accuracy_does_not_tell_the_runs_apart_to_the_watermarks_loss(demo: Demo) -> None:
    watermark, control = (sum(pair.accuracy[run] for pair in demo.pairs) / len(demo.pairs) for run in (0, 1))
    assert watermark >= control - 0.01
    assert control > 0.75  # it learned the digits: chance is 0.1


def test_every_seed_is_printed_with_its_shares(demo: Demo) -> None:
    for name, pair in zip(SEEDS, demo.pairs, strict=True):
        row = re.search(rf"^{name} .*$", demo.printed, re.MULTILINE)
        assert row is not None, demo.printed[-2000:]
        shown = [float(cell) for cell in re.findall(r"([\d.]+)%", row[0])]
        stored = [pair.first[0], pair.last[0], pair.first[1], pair.last[1]]
        assert shown == pytest.approx([100 * share for share in stored], abs=0.0501)


def test_both_runs_log_the_same_steps_and_one_probe(demo: Demo) -> None:
    """63 batches an epoch: powers of two in the first, then every epoch."""
    runs = read_runs(str(demo.logdir))
    assert sorted(runs) == sorted(f"{seed}/{run}/attribution" for seed in SEEDS for run in ("watermark", "control"))
    for run in runs.values():
        assert sorted(run.series) == ["grad_cam", "integrated_gradients"]
        for series in run.series.values():
            assert series.steps == [0, 1, 2, 4, 8, 16, 32, 63, 126, 189, 252, 315]
        assert not run.problems
    for seed in SEEDS:
        assert runs[f"{seed}/watermark/attribution"].probes.keys() == runs[f"{seed}/control/attribution"].probes.keys()


def test_serve_shows_both_runs_of_the_median_seed(demo: Demo) -> None:
    command = [sys.executable, str(DEMO / "serve.py"), "--logdir", str(demo.logdir)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        try:
            assert server.stdout is not None
            line = next(line for line in server.stdout if "http://" in line)
            assert str(shares.median(demo.pairs).logdir) in line
            address = re.search(r"http://127\.0\.0\.1:\d+/(?=#attribution)", line)
            assert address is not None, line
            runs: list[str] = []
            for _ in range(100):  # TensorBoard reads event files in the background
                with urllib.request.urlopen(f"{address[0]}data/plugin/attribution/index", timeout=60) as answer:
                    runs = sorted(run["run"] for run in json.load(answer).get("runs", []))
                if len(runs) == 2:
                    break
                time.sleep(0.2)
            assert runs == ["control/attribution", "watermark/attribution"]
        finally:
            server.terminate()
