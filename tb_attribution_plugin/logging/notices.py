"""Warnings that a closed standard error does not turn into failures."""

from __future__ import annotations

import sys
import warnings


class LogWarning(UserWarning):
    """A log is not where it was asked for, or lost what it held. What is warned of does not stop the writer."""


def warn(message: str, category: type[Warning], stacklevel: int) -> None:
    """Raises only where the user made this warning an error."""
    try:
        warnings.warn(message, category, stacklevel=stacklevel + 1)
    except ValueError:
        if not getattr(sys.stderr, "closed", False):
            raise
