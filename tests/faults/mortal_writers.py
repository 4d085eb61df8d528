"""Forks writers that are to be killed. Started by the tests; each line of its input is one writer's order, as JSON.

A line of output is the writer's process id, the step that it has flushed, or how it ended.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from typing import Any

from tests.faults import logs

_write = os.write


def _say(*words: object) -> None:
    _write(1, (" ".join(map(str, words)) + "\n").encode())


def _in_pieces(dies_after: int | None) -> Any:
    """os.write that takes 700 bytes at a time, so that death falls into records, after so many bytes at the latest."""
    left = dies_after

    def write(descriptor: int, data: memoryview) -> int:
        nonlocal left
        if left is None:
            return _write(descriptor, data[:700])
        written = _write(descriptor, data[: min(700, max(left, 1))])
        left -= written
        if left <= 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return written

    return write


def _live(log_dir: str, start: int, session: int, until: int, dies_after: int | None) -> None:
    os.write = _in_pieces(dies_after)
    with logs.writer(log_dir, start) as writer:
        writer.open(start)
        _say("opened", os.path.basename(writer.path))
        for step in range(start, until):
            logs.log(writer, [step], session)
            _say("flushed", step)


for line in sys.stdin:
    child = os.fork()
    if not child:
        _live(**json.loads(line))
        os._exit(0)
    _say("began", child)
    _say("ended", os.waitpid(child, 0)[1])
