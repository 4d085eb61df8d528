"""A clock that goes backwards: nothing is ordered or measured by it."""

from __future__ import annotations

import itertools
import os
import time
from pathlib import Path
from typing import Any

import pytest

from tb_attribution_plugin.logging import event_file
from tb_attribution_plugin.logging.reader import StoredRun
from tests.faults import guests, logs
from tests.faults.conftest import ReadBack
from tests.training import fits


def test_a_resumed_writer_whose_clock_is_behind_replaces_what_it_overlaps(
    log_dir: Path, read_back: ReadBack, warned: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = time.time()
    for start, end, session, shift in ((0, 6, 0, 86_400.0), (4, 8, 1, 0.0), (6, 9, 2, -86_400.0)):
        monkeypatch.setattr(time, "time", lambda shift=shift: now + shift)
        monkeypatch.setattr(event_file, "_last_stamp", 0)  # each is a process of its own
        with logs.writer(log_dir, start) as writer:
            logs.log(writer, range(start, end), session)
        if session == 0:
            assert len(read_back(log_dir)) == 6  # the data server follows what comes
    monkeypatch.undo()
    sessions = dict.fromkeys(range(4), 0) | {4: 1, 5: 1} | dict.fromkeys(range(6, 9), 2)
    assert read_back(log_dir) == logs.undisturbed(log_dir.parent / "calm-clock", sessions)
    assert warned() == []
    names = sorted(os.listdir(log_dir / "attribution"))
    assert len([name for name in names if "tfevents" in name]) == 3


def test_a_fit_whose_clock_runs_backwards_keeps_every_step_and_no_time_is_negative(
    log_dir: Path, read_back: ReadBack, warned: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    now, ticks = time.time(), itertools.count()
    monkeypatch.setattr(time, "time", lambda: now - 60 * next(ticks))
    guest = guests.callback(log_dir)
    fits.fit(fits.mlp(), guest)
    monkeypatch.undo()
    assert list(read_back(log_dir, "saliency")) == list(range(11))
    stored = StoredRun(str(log_dir / "attribution"))
    assert all(stored.series["saliency"].seconds(step) > 0 for step in range(11))
    walls = [point.wall_time for point in stored.scalars["fit/loss"]]
    assert walls == sorted(walls, reverse=True)  # the clock did run backwards
    assert warned() == []
