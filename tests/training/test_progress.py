from __future__ import annotations

import io
import sys

import pytest

from tb_attribution_plugin.training.progress import Progress


class Stream(io.StringIO):
    def __init__(self, terminal: bool) -> None:
        super().__init__()
        self.terminal = terminal

    def isatty(self) -> bool:
        return self.terminal


def shown(monkeypatch: pytest.MonkeyPatch, terminal: bool, seconds: list[float], rows: int = 10) -> str:
    """What stderr gets of calls of 10 rows that end at these seconds, 100 rows to come."""
    stream = Stream(terminal)
    monkeypatch.setattr(sys, "stderr", stream)
    times = iter([0.0, *seconds, *[seconds[-1]] * 2])
    with Progress("lime", 100, clock=lambda: next(times)) as progress:
        for _ in seconds:
            progress.add(rows)
    return stream.getvalue()


@pytest.mark.parametrize("terminal", [False, True])
def test_what_ends_within_two_seconds_says_nothing(monkeypatch: pytest.MonkeyPatch, terminal: bool) -> None:
    assert shown(monkeypatch, terminal, [0.5, 1.0, 1.99]) == ""


def test_a_terminal_gets_one_line_that_is_written_over_and_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    found = shown(monkeypatch, True, [1.0, 2.0, 2.1, 4.0])
    assert found.count("\n") == 1
    assert [state.rstrip() for state in found.removesuffix("\n").split("\r")] == [
        "",
        "attribution: lime: 20 of 100 rows, 10 rows/s, 8 s left",
        "attribution: lime: 40 of 100 rows, 10 rows/s, 6 s left",
        "attribution: lime: 40 of 100 rows, 10 rows/s, 6 s left",
    ]


def test_a_shorter_state_leaves_nothing_of_the_longer_one(monkeypatch: pytest.MonkeyPatch) -> None:
    _, first, second, _ = shown(monkeypatch, True, [300.0, 300.5], rows=50).split("\r")
    assert "5 min 0 s left" in first
    assert "0 s left" in second
    assert len(second) == len(first)


def test_a_narrow_terminal_cuts_the_line_so_that_it_does_not_wrap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    assert shown(monkeypatch, True, [3.0]) == "\rattribution: lime: \rattribution: lime: \n"


def test_a_file_gets_a_line_every_thirty_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    assert shown(monkeypatch, False, [20.0, 40.0, 50.0, 80.0]) == (
        "attribution: lime: 20 of 100 rows, 0.5 rows/s, 2 min 40 s left\n"
        "attribution: lime: 40 of 100 rows, 0.5 rows/s, 2 min 0 s left\n"
    )


def test_hours_and_more_rows_than_were_to_come(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "10 of 100 rows, 0.0014 rows/s, 18 h 0 min left" in shown(monkeypatch, False, [7200.0])
    assert "100 of 100 rows, 2 rows/s, 0 s left" in shown(monkeypatch, False, [50.0], rows=108)


def test_a_closed_or_missing_stderr_stops_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    closed = Stream(True)
    closed.close()
    for stream in (closed, None):
        monkeypatch.setattr(sys, "stderr", stream)
        times = iter([0.0, 3.0, 60.0, 60.0])
        with Progress("lime", 100, clock=lambda times=times: next(times)) as progress:
            progress.add(10)
            progress.add(10)


def test_the_line_ends_before_a_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = Stream(True)
    monkeypatch.setattr(sys, "stderr", stream)
    times = iter([0.0, 3.0, 3.0])

    def failing() -> None:
        with Progress("lime", 100, clock=lambda: next(times)) as progress:
            progress.add(10)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        failing()
    assert stream.getvalue().endswith("left\n")


def test_what_else_is_said_begins_on_its_own_line(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = Stream(terminal=True)
    monkeypatch.setattr(sys, "stderr", stream)
    times = iter([0.0, 4.0, 8.0])
    with Progress("into x", 4, clock=lambda: next(times), unit="checkpoints") as progress:
        progress.add(1)
        progress.end_line()
        stream.write("failed\n")
        progress.end_line()
        progress.add(1)
        progress.end_line()
    assert stream.getvalue().split("\n") == [
        "\rattribution: into x: 1 of 4 checkpoints, 0.25 checkpoints/s, 12 s left",
        "failed",
        "\rattribution: into x: 2 of 4 checkpoints, 0.25 checkpoints/s, 8 s left",
        "",
    ]
