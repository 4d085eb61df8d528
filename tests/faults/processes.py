"""Programs that run in a process of their own, whose limits, signals and streams are theirs to spoil."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
_HEAD = "import os, sys, warnings\nfrom tests.faults import logs\n"


def alone(program: str, *arguments: object, flags: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    """Runs a program with `os`, `sys`, `warnings` and `logs` at hand; asserts nothing."""
    return subprocess.run(
        [sys.executable, *flags, "-c", _HEAD + program, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])},
        timeout=120,
    )


@contextlib.contextmanager
def started(module: str, *arguments: str, complaints: Path, seconds: float = 300) -> Iterator[subprocess.Popen[str]]:
    """A program to talk with over its standard input and output; it and what it forked end with the block.

    Args:
      complaints: where its standard error goes; a pipe that nobody reads would stop it.
      seconds: after which it is terminated, so that nobody waits for its answer for ever.
    """
    with (
        complaints.open("w") as stderr,
        subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
            cwd=ROOT,
            env=os.environ | {"TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1"},
            start_new_session=True,
        ) as process,
    ):
        limit = threading.Timer(seconds, _signal_all, (process, signal.SIGTERM))
        limit.start()
        try:
            yield process
        finally:
            limit.cancel()
            _signal_all(process, signal.SIGKILL)


def _signal_all(process: subprocess.Popen[str], number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, number)


def own_warnings(complaints: Path) -> list[str]:
    """The lines in which this package warns; what other libraries say of themselves is theirs."""
    lines = complaints.read_text(errors="replace").splitlines()
    return [line for line in lines if re.search(r"\b(Attribution|Log)Warning: ", line)]
