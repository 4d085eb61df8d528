"""How far the calls of a slow model are: one line on stderr."""

from __future__ import annotations

import contextlib
import shutil
import sys
import time
from collections.abc import Callable

_QUIET = 2.0  # seconds; what ends within them says nothing
_REDRAWN = 0.2  # seconds between two states of a line on a terminal
_LOGGED = 30.0  # seconds between two lines elsewhere: in a file, a notebook


class Progress:
    """Rows (or what `unit` names) done of those to come, their rate, and the time left.

    On a terminal it is one line that is written over; elsewhere a new line now and then. As a context manager it ends
    the line, so that what follows (a result, a traceback) begins on its own.
    """

    def __init__(self, title: str, total: int, clock: Callable[[], float] = time.monotonic, unit: str = "rows") -> None:
        self._title = title
        self._unit = unit
        self._total = total
        self._clock = clock
        self._done = 0
        self._began = clock()
        self._written = self._began  # when a line was written last
        self._width = 0  # of the line on the terminal; 0: there is none

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *raised: object) -> None:
        if self._width:
            self._show(self._clock() - self._began, terminal=True)
        self.end_line()

    def end_line(self) -> None:
        """Before something else is said."""
        if self._width:
            self._write("\n")
            self._width = 0

    def add(self, rows: int) -> None:
        """After each call of the model."""
        # Rows that fill up a last chunk, and those that a target looks at, are not in the total.
        self._done = min(self._done + rows, self._total)
        now = self._clock()
        terminal = _is_terminal()
        if now - self._began >= _QUIET and now - self._written >= (_REDRAWN if terminal else _LOGGED):
            self._written = now
            self._show(now - self._began, terminal)

    def _show(self, seconds: float, terminal: bool) -> None:
        rate = self._done / seconds
        left = (self._total - self._done) / rate
        text = (
            f"attribution: {self._title}: {self._done:,} of {self._total:,} {self._unit}, "
            f"{f'{rate:,.0f}' if rate >= 10 else f'{rate:.2g}'} {self._unit}/s, {_duration(left)} left"
        )
        if not terminal:
            self._write(f"{text}\n")
            return
        # A line that wraps could not be written over.
        text = text[: max(1, shutil.get_terminal_size().columns - 1)]
        self._write(f"\r{text:<{self._width}}")
        self._width = len(text)

    @staticmethod
    def _write(text: str) -> None:
        """A closed, missing or narrow stderr never stops an explanation."""
        with contextlib.suppress(OSError, ValueError, AttributeError):
            sys.stderr.write(text)
            sys.stderr.flush()


def _is_terminal() -> bool:
    with contextlib.suppress(OSError, ValueError, AttributeError):
        return sys.stderr.isatty()
    return False


def _duration(seconds: float) -> str:
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
