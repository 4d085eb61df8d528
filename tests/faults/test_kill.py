"""kill -9 at random moments, while both of TensorBoard's loaders read: nothing that was flushed is lost."""

from __future__ import annotations

import concurrent.futures
import contextlib
import json
import os
import random
import signal
import subprocess
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tb_attribution_plugin.logging.reader import StoredRun
from tb_attribution_plugin.wire import attribution_pb2 as pb
from tests.backend.server import Server
from tests.faults import logs, mortal_fit
from tests.faults.processes import own_warnings, started

pytestmark = pytest.mark.once

KILLS, FIT_KILLS = 60, 3


class Training:
    """A writer that is killed again and again, and goes on where its last checkpoint was.

    Args:
      nursery: a running `mortal_writers`.

    Attributes:
      sessions: step -> the session that logged it last, of the steps that are flushed and not replaced.
      position: where training is.
    """

    def __init__(self, log_dir: Path, seed: int, nursery: subprocess.Popen[str]) -> None:
        self._log_dir = log_dir
        self._random = random.Random(seed)
        self._nursery = nursery
        self.sessions: dict[int, int] = {}
        self.position = 0
        self.killed = 0

    def live(self, session: int, until: int, *, dies: bool) -> None:
        # Steps are numbered from 1, since one that starts at 0 is another fit.
        begin = max(1, self.position - self._random.choice([0, 0, 0, 1, 3]))
        # It replaces what was logged from there on; where it dies before it could say so, the next one does.
        self.sessions = {step: told for step, told in self.sessions.items() if step < begin}
        self.position = begin
        by_itself = self._random.randint(1, 150_000) if dies and session % 2 else None
        delay = self._random.uniform(0.0, 0.1)
        order = {"log_dir": str(self._log_dir), "start": begin, "session": session, "until": until}
        self._nursery.stdin.write(json.dumps(order | {"dies_after": by_itself}) + "\n")
        self._nursery.stdin.flush()
        killer = None
        for line in self._nursery.stdout:
            event, value = line.split()
            if event == "began" and dies and by_itself is None:
                killer = threading.Timer(delay, os.kill, (int(value), signal.SIGKILL))
                killer.start()
            elif event == "opened":
                assert value == "attribution"  # resumed in place
            elif event == "flushed":
                self.sessions[int(value)] = session
                self.position = int(value) + 1
            elif event == "ended":
                if killer is not None:
                    killer.join()
                self.killed += int(value) == signal.SIGKILL
                return
        raise AssertionError("the nursery ended, or was ended because a writer hung")


def fit_killed_in_each_epoch(log_dir: Path, folder: Path, seed: int) -> list[int]:
    """A fit that resumes from its checkpoint until it is through; the steps that it said were flushed.

    Args:
      folder: for its checkpoint, and for what its processes complain of.
    """
    flushed = []
    for life in range(FIT_KILLS + 1):
        death = [str(seed + life)] if life < FIT_KILLS else []
        complaints = folder / f"fit-{life}.txt"
        words = str(log_dir), str(folder / "checkpoint.npz"), *death
        with started("tests.faults.mortal_fit", *words, complaints=complaints) as fit:
            flushed += [int(line.split()[1]) for line in fit.stdout if line.startswith("flushed")]
            assert fit.wait(timeout=60) == (-signal.SIGKILL if life < FIT_KILLS else 0), complaints.read_text()
        assert own_warnings(complaints) == []
    return flushed


def test_killed_writers_and_fits_lose_no_flushed_step(tmp_path: Path) -> None:
    logdir = tmp_path / "logs"
    logdir.mkdir()
    with contextlib.ExitStack() as stack:
        live = []
        for fast in ("true", "false"):
            live.append(Server(logdir, fast, log=tmp_path / f"{fast}.txt"))
            stack.callback(live[-1].stop)
        fits = stack.enter_context(concurrent.futures.ThreadPoolExecutor(1))
        flushed = fits.submit(fit_killed_in_each_epoch, logdir / "f", tmp_path, 5)
        complaints = tmp_path / "writers.txt"
        nursery = stack.enter_context(started("tests.faults.mortal_writers", complaints=complaints))
        training = Training(logdir / "w", 20, nursery)
        for session in range(KILLS):
            training.live(session, until=10_000, dies=True)
            for server in live:
                logs.eventually(lambda server=server: undamaged(server))
        training.live(KILLS, until=training.position + 5, dies=False)
        assert training.killed == KILLS
        assert own_warnings(complaints) == []  # every resume was legal
        assert sorted(training.sessions) == list(range(1, training.position))
        assert len(StoredRun(str(logdir / "w/attribution")).problems) > KILLS / 4  # many deaths fell into a record
        expected = logs.undisturbed(tmp_path / "calm", training.sessions)
        assert logs.by_our_reader(logdir / "w/attribution", torn=True) == expected
        for server in live:
            logs.eventually(lambda server=server: served(server, "w/attribution", expected))
        assert set(range(1, 61)) <= set(flushed.result())
        expected = logs.by_our_reader(logdir / "f/attribution", "saliency", torn=True)
        assert list(expected) == list(range(61))
        for server in live:
            logs.eventually(lambda server=server: served(server, "f/attribution", expected))
    mortal_fit.train(tmp_path / "calm_fit", tmp_path / "calm.npz")
    killed, calm = (
        StoredRun(str(path / "attribution")).series["saliency"] for path in (logdir / "f", tmp_path / "calm_fit")
    )
    assert killed.steps == calm.steps
    for step in calm.steps:
        found, wanted = (series.maps(step).scores[0] for series in (killed, calm))
        np.testing.assert_allclose(found, wanted, atol=0.02 * np.abs(wanted).max())


def undamaged(server: Server) -> dict[str, Any]:
    """The index. Where a step is listed and replaced before it is read, the next answer is right."""
    index: dict[str, Any] = server.get("index").json
    assert "problems" not in index
    return index


def served(server: Server, run: str, expected: dict[int, list[bytes]]) -> None:
    """The page gets these steps with these bytes, and is told of no damage."""
    (series,) = [series for one in undamaged(server)["runs"] if one["run"] == run for series in one["series"]]
    assert series["steps"] == sorted(expected)
    tag = series["maps"]["tag"]
    elements = ",".join(str(i) for i in range(len(next(iter(expected.values())))))
    for first in range(0, len(expected), 100):
        steps = list(expected)[first : first + 100]
        answer = server.get("maps", run=run, tag=tag, steps=",".join(map(str, steps)), elements=elements)
        found = [(item.step, item.element, item.blob) for item in pb.Maps.FromString(answer.body).items]
        assert found == [(step, i, blob) for step in steps for i, blob in enumerate(expected[step])]
