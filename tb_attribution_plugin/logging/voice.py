"""What the callback tells the user while training."""

from __future__ import annotations

import contextlib
import sys


def say(text: str) -> None:
    """Prints, whatever the terminal can show; a closed or narrow stdout never stops training."""
    stream = sys.stdout
    encoding = getattr(stream, "encoding", None) or "utf-8"
    with contextlib.suppress(OSError, ValueError, AttributeError):
        stream.write(text.encode(encoding, "backslashreplace").decode(encoding) + "\n")
        stream.flush()
