"""What goes wrong while training: said once for each cause, and training goes on."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import TypeVar

from tb_attribution_plugin.logging.event_file import LogFullError, LogWriteError
from tb_attribution_plugin.logging.notices import LogWarning, warn
from tb_attribution_plugin.logging.voice import say

T = TypeVar("T")


class AttributionWarning(UserWarning):
    """Attribution could not do what was asked; training goes on."""


class ArgumentError(ValueError):
    """An argument that a fit cannot begin with, found when its first batch begins; never only reported."""


def stops(on_error: str) -> bool:
    """Whether failures stop training, as the argument says. Raises ValueError where it says neither."""
    if on_error not in ("warn", "raise"):
        raise ValueError(f"on_error must be 'warn' or 'raise'; got {on_error!r}")
    return on_error == "raise"


def first_line(error: Exception) -> str:
    """Of what an error says; the name of its kind where it says nothing."""
    return next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)


class Reports:
    """Says each cause once in a fit.

    Args:
      raises: failures stop training instead.
      cause: the line of a framework's error that says what is wrong.
    """

    def __init__(self, *, raises: bool, cause: Callable[[Exception], str] = first_line) -> None:
        self._raises = raises
        self._cause = cause
        self._said: set[str] = set()

    def guarded(self, what: str, action: Callable[[], T]) -> T | None:
        """Runs an action; None where it failed, which is said with its cause."""
        try:
            with self.notices():
                return action()
        except ArgumentError:
            raise
        except Exception as error:
            if self._raises:
                raise
            number = error.errno if isinstance(error, OSError) else ""
            self.once(f"{what} {type(error).__name__} {number}", f"{what} failed: {self._words(error)}")
        return None

    @contextlib.contextmanager
    def notices(self) -> Iterator[None]:
        """Says what the log gives notice of where the user made warnings errors: what was to be written is written."""
        try:
            yield
        except LogWarning as notice:
            self.once(str(notice), str(notice))

    def once(self, kind: str, message: str | Callable[[], str]) -> None:
        """Warns of the first message of a kind; one that takes work is made only when it is said."""
        if kind in self._said:
            return
        self._said.add(kind)
        message = f"attribution: {message if isinstance(message, str) else message()}"
        try:
            warn(message, AttributionWarning, stacklevel=4)
        except AttributionWarning:  # warnings are errors in this process; training is not to pay for it
            say(message)

    def _words(self, error: Exception) -> str:
        if isinstance(error, LogFullError):
            return f"{error}. Training goes on, and nothing more is logged"
        if isinstance(error, LogWriteError):
            return f"{error}. Training goes on, and logging is tried again at the next step"
        return (
            f"{type(error).__name__}: {self._cause(error)}. Training goes on and it is tried again at the next entry; "
            "on_error='raise' stops instead"
        )
