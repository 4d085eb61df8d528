"""A file that grows by whole records, on disks that are full."""

from __future__ import annotations

import contextlib
import errno
import os
import resource
import signal
import struct
from collections.abc import Iterator

import pytest
from tensorboard.compat.proto import event_pb2

from tb_attribution_plugin.logging import events
from tb_attribution_plugin.logging.event_file import EventFile, LogWriteError
from tb_attribution_plugin.logging.records import Damage, Record, scan


@contextlib.contextmanager
def files_up_to(size: int) -> Iterator[None]:
    """How large a file of this process may grow, pytest's own output included: the kernel's own "disk full"."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


def test_a_file_begins_with_version_and_start(tmp_path):
    file = EventFile(str(tmp_path), 42)
    file.close()
    version, start = (event_pb2.Event.FromString(item.data) for item in scan(file.path) if isinstance(item, Record))
    assert version.file_version == "brain.Event:2"
    assert (start.step, start.session_log.status) == (42, event_pb2.SessionLog.START)
    assert os.path.getsize(file.path) == file.bytes_written


def test_every_record_is_in_the_file_when_append_returns(tmp_path):
    file = EventFile(str(tmp_path), 0)
    for step in range(3):
        file.append(events.summary(step, [events.ordinary_scalar("loss", 1.0)]))
        assert os.path.getsize(file.path) == file.bytes_written
    file.close()


def test_a_record_that_does_not_fit_is_taken_back_and_the_next_one_follows(tmp_path):
    file = EventFile(str(tmp_path), 0)
    file.append(b"small")
    before = file.bytes_written
    words = r"writing to .*events\.out.* failed: File too large; fix: raise the limit"
    with files_up_to(before + 500):
        with pytest.raises(LogWriteError, match=words):
            file.append(b"x" * 5000)
        assert os.path.getsize(file.path) == file.bytes_written == before
        file.append(b"fits")
    file.close()
    items = list(scan(file.path))
    assert not any(isinstance(item, Damage) for item in items)
    assert [item.data for item in items][2:] == [b"small", b"fits"]


def test_the_error_is_typed_and_names_the_cause(tmp_path):
    file = EventFile(str(tmp_path), 0)
    with files_up_to(file.bytes_written + 10), pytest.raises(OSError) as caught:
        file.append(b"x" * 5000)
    assert isinstance(caught.value, LogWriteError)
    assert (caught.value.errno, caught.value.path) == (errno.EFBIG, file.path)
    file.close()


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_a_full_device_says_what_helps(tmp_path, monkeypatch):
    file = EventFile(str(tmp_path), 0)
    full = os.open("/dev/full", os.O_WRONLY)
    monkeypatch.setattr(file, "_fd", full)
    with pytest.raises(LogWriteError, match="No space left on device; fix: free space on that disk"):
        file.append(b"x")
    os.close(full)


def test_a_file_without_its_head_is_not_left_behind(tmp_path):
    with files_up_to(10), pytest.raises(LogWriteError):
        EventFile(str(tmp_path), 0)
    assert list(tmp_path.iterdir()) == []


def test_it_notices_that_its_path_is_gone_or_another_file(tmp_path):
    file = EventFile(str(tmp_path), 0)
    assert file.in_place()
    os.rename(file.path, file.path + "x")
    assert not file.in_place()
    with open(file.path, "wb") as other:
        other.write(struct.pack("<Q", 0))
    assert not file.in_place()
    file.close()
    file.close()


def test_a_strangers_file_whose_number_is_no_number_is_passed_over(tmp_path):
    (tmp_path / "events.out.tfevents.²").touch()  # a digit, but int() refuses it
    EventFile(str(tmp_path), 0).close()
    assert len(list(tmp_path.iterdir())) == 2


def test_an_interrupt_leaves_no_half_record(tmp_path, monkeypatch):
    file = EventFile(str(tmp_path), 0)
    before, write = file.bytes_written, os.write

    def interrupted(descriptor: int, data: memoryview) -> int:
        write(descriptor, data[:7])
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "write", interrupted)
    with pytest.raises(KeyboardInterrupt):
        file.append(b"x" * 100)
    monkeypatch.undo()
    assert os.path.getsize(file.path) == file.bytes_written == before
    file.append(b"next")
    file.close()
    assert [type(item) for item in scan(file.path)] == [Record] * 3
