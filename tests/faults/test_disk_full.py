"""A disk that is full for a while, under a live reader: what fitted is there, what is half written is not."""

from __future__ import annotations

import contextlib
import itertools
import os
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tb_attribution_plugin.logging import event_file, events
from tb_attribution_plugin.logging.event_file import LogWriteError
from tests.faults import guests, logs
from tests.faults.conftest import ReadBack
from tests.logging.loaders import DataServer
from tests.logging.test_event_file import files_up_to
from tests.training import fits


@contextlib.contextmanager
def filled(directory: Path) -> Iterator[None]:
    """No byte is free on the disk of this directory."""
    rest = directory / "everything-else"
    descriptor = os.open(rest, os.O_WRONLY | os.O_CREAT)
    with contextlib.suppress(OSError):
        while True:
            os.write(descriptor, bytes(4096))
    os.close(descriptor)
    try:
        yield
    finally:
        rest.unlink()


@contextlib.contextmanager
def small_disk(directory: Path) -> Iterator[None]:
    directory.mkdir(parents=True)
    mount = ["mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", str(directory)]
    try:
        done = subprocess.run(mount, capture_output=True, text=True, check=False)
        refused = done.stderr.strip() if done.returncode else ""
    except FileNotFoundError:
        refused = "there is no mount"
    if refused:
        pytest.skip(f"no file system can be mounted here ({refused}); /dev/full and a limit on files are tried")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(directory)], check=True)


def fitted(log_dir: Path, full: Callable[[], Any]) -> list[int]:
    """Steps of a fit of 10 batches that logs each; the disk is full from the end of batch 3 to that of batch 7."""
    disk = guests.Within(full, 3, 7)
    history = fits.fit(fits.mlp(), disk, guests.callback(log_dir)).history
    assert len(history["loss"]) == 1
    return fits.steps(log_dir, "saliency")


def is_one_warning(texts: list[str], reason: str, fix: str) -> None:
    (text,) = texts
    assert re.search(rf"attribution: the log failed: .* failed: {reason}; fix: {fix}", text), text
    assert text.endswith("Training goes on, and logging is tried again at the next step")


def test_a_fit_goes_on_where_no_file_can_grow(log_dir: Path, read_back: ReadBack, warned: Any) -> None:
    steps = fitted(log_dir, lambda: files_up_to(150))
    assert steps == [0, 1, 2, 7, 8, 9, 10]
    assert list(read_back(log_dir, "saliency")) == steps
    is_one_warning(warned(), "File too large", "raise the limit on file sizes")


def test_a_fit_goes_on_where_the_disk_is_full(tmp_path: Path, read_back: ReadBack, warned: Any) -> None:
    with small_disk(tmp_path / "disk"):
        log_dir = tmp_path / "disk" / "logs"
        steps = fitted(log_dir, lambda: filled(tmp_path / "disk"))
        # A page of the file may still have room.
        assert [step for step in steps if not 3 <= step < 7] == [0, 1, 2, 7, 8, 9, 10]
        assert list(logs.by_all(log_dir, tag="saliency")) == steps
        is_one_warning(warned(), "No space left on device", "free space on that disk")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_a_fit_goes_on_where_a_device_is_full(
    log_dir: Path, read_back: ReadBack, warned: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextlib.contextmanager
    def refuses() -> Iterator[None]:
        write, full = os.write, os.open("/dev/full", os.O_WRONLY)
        monkeypatch.setattr(os, "write", lambda descriptor, data: write(full, data))
        yield
        monkeypatch.setattr(os, "write", write)
        os.close(full)

    assert fitted(log_dir, refuses) == [0, 1, 2, 7, 8, 9, 10]
    assert list(read_back(log_dir, "saliency")) == [0, 1, 2, 7, 8, 9, 10]
    is_one_warning(warned(), "No space left on device", "free space on that disk")
    assert len(list((log_dir / "attribution").glob("*tfevents*"))) == 1  # nothing was torn


def is_shown(server: DataServer, run: str) -> None:
    assert run in server.tags("scalars", "scalars")


def test_a_reader_that_saw_half_a_record_reads_the_next_one(
    log_dir: Path, read_back: ReadBack, watched: tuple[Path, DataServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The data server keeps the first half of a record; what is put behind it would be neither record."""
    truncate, seen = os.ftruncate, []
    beacons = (log_dir / f"beacon-{number}" for number in itertools.count())

    def after_the_reader(descriptor: int, size: int) -> None:
        assert os.fstat(descriptor).st_size > size  # half of it is there
        for beacon in itertools.islice(beacons, 2):  # a whole reading lies between two
            beacon.mkdir(parents=True)
            file = event_file.EventFile(str(beacon), 0)
            file.append(events.summary(0, [events.ordinary_scalar("seen", 1.0)]))
            file.close()
            run = str(beacon.relative_to(watched[0]))
            logs.eventually(lambda run=run: is_shown(watched[1], run))
            seen.append(run)
        truncate(descriptor, size)

    monkeypatch.setattr(os, "ftruncate", after_the_reader)
    with logs.writer(log_dir) as writer:
        logs.log(writer, [0, 1])
        with files_up_to(writer.bytes_written + 700), pytest.raises(LogWriteError):
            logs.log(writer, [2])
        logs.log(writer, [3, 4, 5])
    assert len(seen) == 2
    assert read_back(log_dir) == logs.undisturbed(log_dir.parent / "calm", dict.fromkeys([0, 1, 3, 4, 5], 0))
