"""Paths that are odd, too long, or relative in a process that moves."""

from __future__ import annotations

import os
import warnings
from pathlib import Path

import pytest

from tb_attribution_plugin.logging.event_file import LogWriteError
from tests.faults import guests, logs
from tests.faults.conftest import ReadBack
from tests.training import fits


@pytest.fixture(autouse=True)
def no_warning_passes_unseen() -> None:
    warnings.simplefilter("error")  # pytest restores the filters


def test_any_name_is_read_back(log_dir: Path, read_back: ReadBack) -> None:
    names = ["läuft 試 ✓", "with  spaces", "#%&+;='(1)", "-dash", "a" * 200]
    for name in names:
        with logs.writer(log_dir / name) as writer:
            logs.log(writer, [0, 1])
    for name in names:
        assert list(read_back(log_dir / name)) == [0, 1]


def test_a_name_that_is_too_long_says_so_at_once(tmp_path: Path) -> None:
    with pytest.raises(OSError, match=r"log_dir is not usable: .*: File name too long; give a shorter log_dir or name"):
        logs.writer(tmp_path / ("a" * 300))
    assert list(tmp_path.iterdir()) == []


def test_a_directory_in_which_only_the_event_file_has_too_long_a_path_says_so(tmp_path: Path) -> None:
    longest = os.pathconf(tmp_path, "PC_PATH_MAX")
    parts = len(str(tmp_path))
    log_dir = tmp_path
    while parts < longest - 300:
        log_dir, parts = log_dir / ("b" * 200), parts + 201
    log_dir /= "c" * (longest - parts - len("//attribution/.attribution.lock") - 5)
    too_long = pytest.raises(LogWriteError, match="File name too long; fix: give a shorter log_dir or name")
    with logs.writer(log_dir) as writer, too_long:
        logs.log(writer, [0])


def test_a_fit_that_changes_the_working_directory_logs_where_it_began(
    log_dir: Path, read_back: ReadBack, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    log_dir.mkdir(parents=True)
    monkeypatch.chdir(log_dir)
    moves = guests.At(batch_3=lambda: os.chdir(tmp_path))
    fits.fit(fits.mlp(), moves, guests.callback(Path("runs/mine")))
    assert list(read_back(log_dir / "runs" / "mine", "saliency")) == list(range(11))
    assert list(tmp_path.iterdir()) == []
