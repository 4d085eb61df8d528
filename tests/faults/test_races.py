"""Two processes that want one directory at the same instant."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from tests.faults import logs
from tests.faults.processes import started

ROUNDS = 60


class Racer:
    """A process that writes when it is told to."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        assert self._process.stdout.readline() == "ready\n"

    def send(self, log_dir: Path, session: int, holds: bool) -> None:
        self._process.stdin.write(json.dumps([str(log_dir), session, holds]) + "\n")
        self._process.stdin.flush()

    def answer(self) -> Any:
        return json.loads(self._process.stdout.readline())

    def close(self) -> None:
        self._process.stdin.close()
        assert self._process.wait(timeout=30) == 0


def race(tmp_path: Path, *, holds: bool) -> list[list[str]]:
    """Two racers log step 0 to one new directory, many times; the texts of the losers' warnings.

    Args:
      holds: they give their directories back when both have logged, else at once.
    """
    losers = []
    with (
        started("tests.faults.racer", complaints=tmp_path / "one.txt") as one,
        started("tests.faults.racer", complaints=tmp_path / "other.txt") as other,
    ):
        racers = [Racer(one), Racer(other)]
        for turn in range(ROUNDS):
            log_dir = tmp_path / f"{turn}"
            for session, racer in enumerate(racers[:: 1 if turn % 2 else -1]):
                racer.send(log_dir, session, holds)
            answers = {racer: racer.answer() for racer in racers}
            if holds:
                for racer in racers:
                    racer.send(log_dir, 0, holds)
                    assert racer.answer() == "closed"
            names = {name: (session, texts) for name, session, texts in answers.values()}
            assert sorted(names) == ["attribution", "attribution-2"]
            for name, (session, _) in names.items():
                calm = logs.undisturbed(tmp_path / f"{turn}-{session}", {0: session})
                assert logs.by_our_reader(log_dir / name) == calm
            assert names["attribution"][1] == []
            losers.append(names["attribution-2"][1])
        for racer in racers:
            racer.close()
    return losers


def test_two_writers_at_once_get_a_directory_each_and_the_loser_says_so_once(tmp_path: Path) -> None:
    losers = race(tmp_path, holds=True)
    # Where the other one was faster by a step, that step is what is seen first.
    words = "is being written by another process", "holds steps 0 .. 0 of an earlier fit"
    assert all(len(texts) == 1 and any(one in texts[0] for one in words) for texts in losers)
    assert any(words[0] in texts[0] for texts in losers)


def test_two_short_writers_at_once_never_share_a_directory(tmp_path: Path) -> None:
    losers = race(tmp_path, holds=False)
    assert all(len(texts) == 1 and "attribution-2" in texts[0] for texts in losers)
