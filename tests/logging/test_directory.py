"""Who owns which directory: names, locks, resumed and repeated fits."""

from __future__ import annotations

import contextlib
import gc
import os
import shutil
import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from tb_attribution_plugin.logging import events, run_path
from tb_attribution_plugin.logging.directory import Claim, DirectoryInUseError
from tb_attribution_plugin.logging.event_file import EventFile
from tb_attribution_plugin.logging.stored_steps import stored_steps


@pytest.fixture(autouse=True)
def no_warning_passes_unseen() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def log_steps(directory: Path, *steps: int, start: int | None = None) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    file = EventFile(str(directory), steps[0] if start is None else start)
    for step in steps:
        file.append(events.summary(step, [events.ordinary_scalar("loss", 1.0)]))
    file.close()


def claimed(root: Path, start_step: int = 0, name: str = "attribution") -> str:
    """Name of the directory that a new writer gets."""
    claim = Claim(root, name, start_step)
    try:
        return os.path.basename(claim.path)
    finally:
        claim.release()


@contextlib.contextmanager
def another_process(root: Path, name: str, start_step: int = 0) -> Iterator[str]:
    """Path that a second process holds."""
    command = [sys.executable, "-m", "tests.logging.other_process", str(root), name, str(start_step)]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment)
    try:
        yield process.stdout.readline().strip()
    finally:
        process.stdin.close()
        process.wait(timeout=30)
        process.stdout.close()


def test_the_directory_is_made_and_an_empty_one_is_taken_away_again(tmp_path):
    claim = Claim(tmp_path / "deep" / "logs", "attribution")
    assert claim.path == str(tmp_path / "deep" / "logs" / "attribution")
    assert os.path.isdir(claim.path)
    claim.release()
    assert not os.path.exists(claim.path)


def test_a_directory_with_events_stays(tmp_path):
    claim = Claim(tmp_path, "attribution")
    log_steps(tmp_path / "attribution", 0)
    claim.release()
    assert stored_steps(claim.path) == (0, 0)


def test_a_name_is_held_once_in_a_process(tmp_path):
    claim = Claim(tmp_path, "train")
    with pytest.raises(
        DirectoryInUseError, match=r"train is already being written by this process.*name='train_validation'"
    ):
        Claim(tmp_path, "train")
    with pytest.raises(ValueError):  # callers may catch it as what it is
        Claim(str(tmp_path) + "/.", "train")
    other = Claim(tmp_path, "validation")
    claim.release()
    assert claimed(tmp_path, name="train") == "train"
    other.release()


def test_a_claim_that_is_forgotten_is_given_back(tmp_path):
    Claim(tmp_path, "attribution")
    gc.collect()
    assert claimed(tmp_path) == "attribution"


def test_another_process_makes_the_next_name(tmp_path):
    with another_process(tmp_path, "attribution") as path:
        assert path == str(tmp_path / "attribution")
        with pytest.warns(
            UserWarning, match=r"attribution is being written by another process, so this fit is logged to .*-2;"
        ) as seen:
            claim = Claim(tmp_path, "attribution")
        assert len(seen) == 1
        assert os.path.basename(claim.path) == "attribution-2"
        claim.release()
    assert claimed(tmp_path) == "attribution"


def test_the_lock_dies_with_its_process(tmp_path):
    with another_process(tmp_path, "attribution"):
        pass
    assert claimed(tmp_path) == "attribution"


def test_a_fit_that_starts_at_zero_leaves_earlier_steps_alone(tmp_path):
    log_steps(tmp_path / "attribution", 0, 5, 10)
    claim = Claim(tmp_path, "attribution")
    assert os.path.basename(claim.path) == "attribution-2"
    with pytest.warns(
        UserWarning,
        match=r"attribution holds steps 0 \.\. 10 of an earlier fit\. This fit starts at step 0, .*attribution-2\.",
    ):
        claim.announce()
    claim.announce()  # once
    claim.release()


def test_every_fit_that_starts_at_zero_gets_the_next_name(tmp_path):
    log_steps(tmp_path / "attribution", 0)
    log_steps(tmp_path / "attribution-2", 0)
    assert claimed(tmp_path) == "attribution-3"


def test_a_directory_without_steps_is_taken(tmp_path):
    (tmp_path / "attribution").mkdir()
    (tmp_path / "attribution" / "events.out.tfevents.1.x").write_bytes(b"")
    (tmp_path / "attribution" / "notes.txt").write_text("mine")
    assert claimed(tmp_path) == "attribution"
    assert (tmp_path / "attribution" / "notes.txt").exists()


def test_a_fit_that_starts_later_resumes_silently(tmp_path):
    log_steps(tmp_path / "attribution", 0, 5, 10)
    assert claimed(tmp_path, start_step=5) == "attribution"
    assert claimed(tmp_path, start_step=500) == "attribution"


def test_the_newest_fit_is_resumed(tmp_path):
    log_steps(tmp_path / "attribution", 0, 5)
    log_steps(tmp_path / "attribution-2", 0, 5)
    assert claimed(tmp_path, start_step=5) == "attribution-2"


def test_the_fit_that_got_as_far_is_resumed_not_a_newer_one(tmp_path):
    log_steps(tmp_path / "attribution", 0, 40)
    log_steps(tmp_path / "attribution-2", 0, 20)
    assert claimed(tmp_path, start_step=40) == "attribution"
    assert claimed(tmp_path, start_step=20) == "attribution-2"
    assert claimed(tmp_path, start_step=60) == "attribution-2"


def test_a_fit_that_another_process_writes_is_not_resumed(tmp_path):
    log_steps(tmp_path / "attribution", 0, 5)
    log_steps(tmp_path / "attribution-2", 1, 5)
    with another_process(tmp_path, "attribution-2", 5), pytest.warns(UserWarning, match="another process"):
        pass_over = Claim(tmp_path, "attribution", 5)
    assert os.path.basename(pass_over.path) == "attribution"
    pass_over.release()


def test_a_start_below_the_first_step_is_another_fit(tmp_path):
    log_steps(tmp_path / "attribution", 100, 200)
    assert claimed(tmp_path, start_step=50) == "attribution-2"
    assert claimed(tmp_path, start_step=100) == "attribution"


def test_a_backup_that_is_restored_after_the_claim_moves_it(tmp_path):
    log_steps(tmp_path / "attribution", 0, 5, 10)
    claim = Claim(tmp_path, "attribution", 0)
    claim.settle(10, {})
    assert os.path.basename(claim.path) == "attribution"
    claim.announce()  # nothing to say: it was resumed
    assert not (tmp_path / "attribution-2").exists()
    claim.release()


@pytest.mark.parametrize(
    ("log_dir", "name", "message"),
    [
        (3, "a", "log_dir is a int"),
        ("", "a", "log_dir is ''"),
        ("logs", "a/b", "name 'a/b' must be the name of one directory"),
        ("logs", "..", "name '..' must be"),
        ("logs", "", "name '' must be"),
        ("logs", 7, "name is a int"),
    ],
)
def test_arguments_that_are_no_directory_are_refused(tmp_path, monkeypatch, log_dir, name, message):
    monkeypatch.chdir(tmp_path)
    with pytest.raises((TypeError, ValueError)) as caught:
        Claim(log_dir, name)
    assert message in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_a_file_in_the_way_is_named(tmp_path):
    (tmp_path / "logs").write_text("")
    with pytest.raises(OSError, match=r"log_dir is not usable: .*logs/attribution.*it must be a directory, not a file"):
        Claim(tmp_path / "logs", "attribution")
    (tmp_path / "attribution").write_text("")
    with pytest.raises(OSError, match="it must be a directory, not a file"):
        Claim(tmp_path, "attribution")


@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="needs a file system that nobody can write to")
def test_a_directory_that_cannot_be_written_is_named():
    with pytest.raises(
        OSError, match=r"log_dir is not usable: /proc/self/attribution: .*give a log_dir that this user may"
    ):
        Claim("/proc/self", "attribution")


def test_retake_takes_the_same_directory_again(tmp_path):
    log_steps(tmp_path / "attribution", 0, 5)
    claim = Claim(tmp_path, "attribution", 0)
    path = claim.path
    assert claim.in_place()
    os.unlink(os.path.join(path, ".attribution.lock"))
    os.rmdir(path)
    assert not claim.in_place()
    claim.retake(6)
    assert claim.in_place()
    assert claim.path == path
    with pytest.warns(UserWarning, match="was removed or replaced .* created anew at step 6.* Leave it in place"):
        claim.announce()
    os.rename(path, path + "-moved")
    claim.retake(8)
    assert claim.in_place()
    claim.announce()  # once
    claim.release()


def test_a_directory_in_its_place_is_continued_only_where_it_holds_nothing_later(tmp_path):
    for last, expected in ((4, "attribution"), (5, "attribution-2")):
        claim = Claim(tmp_path, "attribution", 0)
        os.rename(claim.path, claim.path + f"-moved-{last}")
        log_steps(tmp_path / "attribution", 0, last)
        claim.retake(5)
        assert os.path.basename(claim.path) == expected
        with pytest.warns(UserWarning, match=rf"attribution was removed or replaced .*{expected}|created anew"):
            claim.announce()
        claim.release()
        shutil.rmtree(tmp_path / "attribution")


def test_steps_that_are_logged_between_the_look_and_the_lock_are_seen(tmp_path, monkeypatch):
    """Another writer claims, logs and is done after this one looked into the directory."""
    make = run_path.make

    def raced(path: str, root: str) -> bool:
        if not os.path.isdir(path) and path.endswith("attribution"):
            log_steps(tmp_path / "attribution", 0)
        return make(path, root)

    monkeypatch.setattr(run_path, "make", raced)
    assert claimed(tmp_path) == "attribution-2"


def test_steps_that_are_logged_between_the_making_and_the_lock_are_seen(tmp_path, monkeypatch):
    """Another writer claims, logs and is done in a directory that this one has made."""
    make = run_path.make

    def raced(path: str, root: str) -> bool:
        made = make(path, root)
        if made and path.endswith("attribution"):
            log_steps(tmp_path / "attribution", 0)
        return made

    monkeypatch.setattr(run_path, "make", raced)
    assert claimed(tmp_path) == "attribution-2"


def test_a_directory_that_its_last_writer_takes_away_is_made_again(tmp_path, monkeypatch):
    make, vanished = run_path.make, []

    def raced(path: str, root: str) -> bool:
        made = make(path, root)
        if not vanished:
            vanished.append(path)
            os.rmdir(path)
        return made

    monkeypatch.setattr(run_path, "make", raced)
    assert claimed(tmp_path) == "attribution"
    assert vanished == [str(tmp_path / "attribution")]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_child_does_not_keep_the_lock_beyond_its_parent(tmp_path):
    """As a data loader's worker does that outlives a killed fit."""
    program = (
        "import os, sys, time; from tb_attribution_plugin.logging.directory import Claim; "
        "claim = Claim(sys.argv[1], 'attribution'); parent = os.getpid(); "
        "os.fork() and time.sleep(60); print(os.getpid(), flush=True); os.kill(parent, 9); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    ) as parent:
        child = int(parent.stdout.readline())
        assert parent.wait(timeout=30) == -9
        os.kill(child, 0)  # it lives
        assert claimed(tmp_path, start_step=1) == "attribution"  # no warning, either


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_child_leaves_the_directory_to_its_parent(tmp_path):
    claim = Claim(tmp_path, "attribution")
    script = "import os, sys; os.waitpid(os.fork() or sys.exit(0), 0); print(os.path.isdir(sys.argv[2]), flush=True)"
    program = (
        "import sys; from tb_attribution_plugin.logging.directory import Claim; "
        f"claim = Claim(sys.argv[1], 'child'); sys.argv[2] = claim.path; {script}"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path), ""],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[2],
    )
    assert (done.stdout, done.stderr) == ("True\n", "")
    assert not (tmp_path / "child").exists()  # the parent, at its end
    claim.release()
