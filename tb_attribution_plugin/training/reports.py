"""What goes wrong while training: said once for each cause, and training goes on."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from tb_attribution_plugin.logging.event_file import LogWriteError
from tb_attribution_plugin.logging.notices import LogWarning, warn
from tb_attribution_plugin.training import survey
from tb_attribution_plugin.training.voice import say

T = TypeVar("T")


class AttributionWarning(UserWarning):
    """Attribution could not do what was asked; training goes on."""


class Reports:
    """Says each cause once in a fit.

    Args:
      raises: failures stop training instead.
    """

    def __init__(self, *, raises: bool) -> None:
        self._raises = raises
        self._said: set[str] = set()

    def guarded(self, what: str, action: Callable[[], T]) -> T | None:
        """Runs an action; None where it failed, which is said with its cause."""
        try:
            return action()
        except LogWarning as notice:  # the user made warnings errors; the step is on disk all the same
            self.once(str(notice), str(notice))
        except Exception as error:
            if self._raises:
                raise
            number = error.errno if isinstance(error, OSError) else ""
            self.once(f"{what} {type(error).__name__} {number}", f"{what} failed: {_cause(error)}")
        return None

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


def _cause(error: Exception) -> str:
    if isinstance(error, LogWriteError):
        return f"{error}. Training goes on, and logging is tried again at the next step"
    return (
        f"{type(error).__name__}: {survey.cause(error)}. Training goes on and it is tried again at the next entry; "
        "on_error='raise' stops instead"
    )
