"""Warnings that a closed standard error does not turn into failures."""

from __future__ import annotations

import sys
import warnings


def warn(message: str, category: type[Warning], stacklevel: int) -> None:
    """Raises only where the user made this warning an error."""
    try:
        warnings.warn(message, category, stacklevel=stacklevel + 1)
    except ValueError:
        if not getattr(sys.stderr, "closed", False):
            raise
