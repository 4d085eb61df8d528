"""A log_dir that is removed, moved, replaced or locked up while a fit writes to it."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.faults import guests, logs
from tests.faults.conftest import ReadBack
from tests.faults.processes import alone
from tests.logging.loaders import PythonLoader
from tests.training import fits


def replace_by_a_directory(path: Path) -> None:
    path.rename(path.with_name("older"))
    path.mkdir()
    (path / "notes.txt").write_text("mine")


def replace_by_a_later_run(path: Path) -> None:
    shutil.rmtree(path)
    with logs.writer(path.parent / "other") as writer:
        logs.log(writer, [5, 50])
        Path(writer.path).rename(path)


def replace_by_a_file(path: Path) -> None:
    shutil.rmtree(path)
    path.write_text("in the way")


def cut_the_file_short(path: Path) -> None:
    (file,) = path.glob("events.out.tfevents.*")
    os.truncate(file, file.stat().st_size // 2)


ANEW = "was removed or replaced while it was being written; it is created anew at step 4, .* Leave it in place"


@pytest.mark.parametrize(
    ("happens", "name", "expected", "warning"),
    [
        (shutil.rmtree, "attribution", range(4, 11), ANEW),
        (lambda path: shutil.rmtree(path.parent), "attribution", range(4, 11), ANEW),
        (lambda path: path.rename(path.with_name("older")), "attribution", range(4, 11), ANEW),
        (replace_by_a_directory, "attribution", range(4, 11), ANEW),
        (
            replace_by_a_later_run,
            "attribution-2",
            range(4, 11),
            "was removed or replaced .*; this fit is logged to .*attribution-2 from step 4, .* Leave it in place",
        ),
        (
            replace_by_a_file,
            "attribution",
            range(8, 11),
            "the log failed: recreating .*attribution failed: File exists; fix: it must be a directory, not a file: "
            "move the file away. Training goes on",
        ),
    ],
    ids=["removed", "all removed", "renamed", "replaced", "replaced by a later run", "replaced by a file"],
)
def test_a_fit_logs_on_and_says_so_once(
    log_dir: Path,
    read_back: ReadBack,
    warned: Any,
    happens: Callable[[Path], Any],
    name: str,
    expected: range,
    warning: str,
) -> None:
    path = log_dir / "attribution"
    vandal = guests.At(batch_4=lambda: happens(path), batch_8=lambda: path.is_file() and path.unlink())
    # The vandal comes first: step 4 is explained when it has been there.
    fits.fit(fits.mlp(), vandal, guests.callback(log_dir))
    assert list(read_back(log_dir, "saliency", name, lost=True)) == list(expected)
    assert len(fits.run(log_dir, name).probes) == 1
    (text,) = warned()
    assert re.search(warning, text), text
    if (log_dir / "older").exists():
        assert list(read_back(log_dir, "saliency", "older")) == [0, 1, 2, 3]


def test_what_follows_a_cut_is_in_a_file_of_its_own(log_dir: Path, warned: Any) -> None:
    path = log_dir / "attribution"
    fits.fit(fits.mlp(), guests.At(batch_4=lambda: cut_the_file_short(path)), guests.callback(log_dir))
    found = logs.by_our_reader(path, "saliency", torn=True)
    assert [step for step in found if step > 3] == list(range(4, 11))
    assert min(found) == 0
    logs.agrees(PythonLoader(log_dir), "attribution", found, "saliency")
    (text,) = warned()
    assert re.search(ANEW.replace("removed or replaced", "cut short"), text), text


_UNPRIVILEGED = """
import numpy as np
from pathlib import Path
from tb_attribution_plugin.logging.event_file import LogWriteError

warnings.simplefilter("error")
root = Path(sys.argv[1])
with logs.writer(root / "warm") as writer:  # what is imported late may not be readable later
    logs.log(writer, [0])
os.makedirs(root / "own")
if os.getuid() == 0:
    os.chown(root / "own", 65534, 65534)
    os.chmod(root, 0o711)
    os.chdir(root)
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
os.chdir(root / "own")

def refused(action, *arguments):
    try:
        action(*arguments)
    except OSError as error:
        print(type(error).__name__, error)

writer = logs.writer("a")
os.chmod("a/attribution", 0o555)
refused(logs.log, writer, [0])
os.chmod("a/attribution", 0o755)
logs.log(writer, [1])
os.chmod("a/attribution", 0o555)
logs.log(writer, [2])
os.chmod("a/attribution", 0o000)
logs.log(writer, [3])
os.chmod("a/attribution", 0o755)
os.chmod("a", 0o555)
os.rename("a/attribution/.attribution.lock", "moved")  # as good as another directory
os.chmod("a/attribution", 0o555)
refused(logs.log, writer, [4])
os.chmod("a/attribution", 0o755)
logs.log(writer, [5])  # the loss was told with the refusal: no warning
writer.close()
os.mkdir("b", 0o555)
refused(logs.writer, "b")
"""


def test_a_user_who_may_not_write_is_told_and_logs_on_when_he_may() -> None:
    root = Path(tempfile.mkdtemp())  # which others than root can reach
    try:
        done = alone(_UNPRIVILEGED, root)
        assert done.stderr == ""
        assert re.fullmatch(
            "LogWriteError creating .*/a/attribution/events.* failed: Permission denied; fix: make the directory .*\n"
            "LogWriteError recreating .*/a/attribution failed: Permission denied; fix: make the directory .*\n"
            r"PermissionError .* log_dir is not usable: .*/b/attribution: Permission denied; make the directory .*\n",
            done.stdout,
        ), done.stdout
        root.chmod(0o700)
        assert list(logs.by_our_reader(root / "own/a/attribution")) == [1, 2, 3, 5]
    finally:
        shutil.rmtree(root)
