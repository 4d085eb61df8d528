"""What a process can do to its writer: signals, forks, limits, closed streams, an end without goodbye."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import warnings
from pathlib import Path
from typing import Any

import pytest

from tb_attribution_plugin.logging.event_file import LogWriteError
from tests.faults import guests, logs
from tests.faults.conftest import ReadBack
from tests.faults.processes import alone
from tests.training import fits


def half_a_record_then(number: int, monkeypatch: pytest.MonkeyPatch, *, at: int) -> None:
    """This process gets a signal when it has written half of that record, counted from now."""
    write, count = os.write, 0

    def interrupted(descriptor: int, data: memoryview) -> int:
        nonlocal count
        if isinstance(data, memoryview):  # pytest writes, too
            count += 1
            if count == at:
                write(descriptor, data[: len(data) // 2])
                signal.raise_signal(number)
        return write(descriptor, data)

    monkeypatch.setattr(os, "write", interrupted)


def test_a_fit_that_is_interrupted_within_a_record_goes_on_in_the_next_fit(
    log_dir: Path, read_back: ReadBack, warned: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = fits.mlp()
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore it
    half_a_record_then(signal.SIGINT, monkeypatch, at=20)
    with pytest.raises(KeyboardInterrupt):
        fits.fit(model, guests.callback(log_dir))
    signal.signal(signal.SIGINT, before)
    monkeypatch.undo()
    step = int(model.optimizer.iterations)
    assert 2 < step < 10
    fits.fit(model, guests.callback(log_dir))
    assert list(read_back(log_dir, "saliency")) == list(range(step + 11))
    assert warned() == []


_TERMINATED = """
import signal
signal.signal(signal.SIGTERM, lambda *_: sys.exit(3))  # as a cluster's trainers do
write, left = os.write, 40_000

def interrupted(descriptor, data):
    global left
    left -= len(data)
    if left < 0:
        left = 10**9
        write(descriptor, data[:100])
        os.kill(os.getpid(), signal.SIGTERM)
    return write(descriptor, data)

os.write = interrupted
writer = logs.writer(sys.argv[1])
for step in range(100):
    logs.log(writer, [step])
    print(step, flush=True)
"""


def test_a_terminated_writer_leaves_whole_steps(log_dir: Path, read_back: ReadBack) -> None:
    done = alone(_TERMINATED, log_dir)
    assert (done.returncode, done.stderr) == (3, "")
    flushed = [int(line) for line in done.stdout.split()]
    assert 0 < len(flushed) < 100
    assert list(read_back(log_dir)) == flushed


_NO_GOODBYE = """
writer = logs.writer(sys.argv[1])
logs.log(writer, range(5))
logs.writer(sys.argv[1], name="unused")
"""


def test_a_process_that_ends_without_close_loses_nothing(log_dir: Path, read_back: ReadBack) -> None:
    done = alone(_NO_GOODBYE, log_dir)
    assert (done.returncode, done.stderr) == (0, "")
    assert list(read_back(log_dir)) == [0, 1, 2, 3, 4]
    assert os.listdir(log_dir) == ["attribution"]


_FORKED = """
import multiprocessing, shutil
writer = logs.writer(sys.argv[1])
logs.log(writer, [0])

def work(_):
    try:
        logs.log(writer, [1])
    except ValueError as error:
        return str(error).replace(str(os.getppid()), "PARENT").replace(str(os.getpid()), "CHILD")

with multiprocessing.get_context("fork").Pool(2) as pool:
    print(*pool.map(work, range(3)), sep="\\n")
logs.log(writer, [2])
child = os.fork()
if not child:
    with warnings.catch_warnings(record=True) as caught, logs.writer(sys.argv[1]) as own:
        logs.log(own, [7])
    print(os.path.basename(own.path), len(caught), flush=True)
    os._exit(0)
os.waitpid(child, 0)
logs.log(writer, [3])
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_forked_workers_leave_the_log_to_their_parent(log_dir: Path, read_back: ReadBack) -> None:
    done = alone(_FORKED, log_dir, flags=("-W", "ignore::DeprecationWarning"))  # Python 3.12 warns of every fork
    assert (done.returncode, done.stderr) == (0, "")
    path = log_dir / "attribution"
    refusal = (
        f"the writer of {path} belongs to process PARENT; this is process CHILD, forked from it, which needs a writer "
        "and a name of its own"
    )
    assert done.stdout.splitlines() == [refusal] * 3 + ["attribution-2 1"]
    assert list(read_back(log_dir)) == [0, 2, 3]
    assert list(read_back(log_dir, name="attribution-2")) == [7]


_NO_DESCRIPTORS = """
import resource
from tb_attribution_plugin.logging.event_file import LogWriteError
warnings.simplefilter("error")
with logs.writer(sys.argv[1], name="warm") as writer:  # modules that are imported late are files, too
    logs.log(writer, [0])
writer = logs.writer(sys.argv[1])
resource.setrlimit(resource.RLIMIT_NOFILE, (64, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))

def fill():
    taken = []
    try:
        while True:
            taken.append(os.open(os.devnull, os.O_RDONLY))
    except OSError:
        return taken

def refused(step):
    try:
        logs.log(writer, [step])
    except LogWriteError as error:
        print(error)

taken = fill()
refused(0)
for descriptor in taken:
    os.close(descriptor)
logs.log(writer, [1])
taken = fill()
logs.log(writer, [2])  # the file is open
"""


def test_a_full_table_of_files_costs_only_the_steps_that_need_one(log_dir: Path, read_back: ReadBack) -> None:
    done = alone(_NO_DESCRIPTORS, log_dir)
    assert (done.returncode, done.stderr) == (0, "")
    (line,) = done.stdout.splitlines()
    assert "failed: Too many open files; fix: close files that this process no longer needs, or raise the" in line
    assert list(read_back(log_dir)) == [1, 2]


_SPOILT_STDERR = """
import shutil
writer = logs.writer(sys.argv[1])
logs.log(writer, [0])
shutil.rmtree(writer.path)
sys.stderr.close()
logs.log(writer, [1, 2])
shutil.rmtree(writer.path)
logs.log(writer, [3])
"""


def test_a_closed_standard_error_stops_no_writer(log_dir: Path, read_back: ReadBack) -> None:
    assert alone(_SPOILT_STDERR, log_dir).returncode == 0
    assert list(read_back(log_dir, lost=True)) == [3]


_WARNINGS_ARE_ERRORS = """
import shutil
from tb_attribution_plugin.logging.notices import LogWarning
writer = logs.writer(sys.argv[1])
logs.log(writer, [0])
shutil.rmtree(writer.path)
try:
    logs.log(writer, [1])
except LogWarning as warning:
    print(warning)
logs.log(writer, [2])
"""


def test_where_warnings_are_errors_the_step_is_on_disk_before_it_is_raised(log_dir: Path, read_back: ReadBack) -> None:
    done = alone(_WARNINGS_ARE_ERRORS, log_dir, flags=("-W", "error::UserWarning"))
    assert (done.returncode, done.stderr) == (0, "")
    assert "was removed or replaced" in done.stdout
    assert list(read_back(log_dir, lost=True)) == [1, 2]


def test_where_warnings_are_errors_a_fit_goes_on(log_dir: Path, read_back: ReadBack, capsys: Any) -> None:
    vandal = guests.At(batch_4=lambda: shutil.rmtree(log_dir))
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        fits.fit(fits.mlp(), vandal, guests.callback(log_dir))
    assert list(read_back(log_dir, "saliency", lost=True)) == list(range(4, 11))
    (line,) = [line for line in capsys.readouterr().out.splitlines() if "was removed" in line]
    assert line.startswith(f"attribution: {log_dir / 'attribution'} was removed or replaced")


def lost(*_: Any) -> None:
    raise OSError(errno.EIO, os.strerror(errno.EIO))


def test_a_network_disk_that_tells_of_its_loss_late(
    log_dir: Path, read_back: ReadBack, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = logs.writer(log_dir)
    logs.log(writer, [0])
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", lost)
        with pytest.raises(LogWriteError, match=r"flushing .* failed: Input/output error; fix: check the disk behind"):
            writer.flush()
    logs.log(writer, [1])
    writer.flush()
    close = os.close
    with monkeypatch.context() as patched:
        patched.setattr(os, "close", lambda descriptor: (close(descriptor), lost()))
        with pytest.raises(LogWriteError, match=r"closing .* failed: Input/output error"):
            writer.close()
    writer.close()
    assert list(read_back(log_dir)) == [0, 1]
    with logs.writer(log_dir, start_step=2) as again:  # the directory was given back
        logs.log(again, [2])
    assert list(read_back(log_dir)) == [0, 1, 2]
