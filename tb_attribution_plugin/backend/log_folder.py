"""The folder that TensorBoard reads."""

from __future__ import annotations

import os


def is_missing(logdir: str) -> bool:
    """Whether `--logdir` is a folder of this machine that is not there; of gs:// and the like nobody is asked."""
    if not logdir or "://" in logdir:
        return False
    try:
        os.stat(os.path.expanduser(logdir))
    except (FileNotFoundError, NotADirectoryError):
        return True
    except (OSError, ValueError):
        return False  # one that may not be looked into may be there
    return False
