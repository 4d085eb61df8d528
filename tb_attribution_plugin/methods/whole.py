"""Whole numbers among the arguments of methods."""

from __future__ import annotations

from typing import Any

import numpy as np


def is_whole(value: Any, least: int, most: int | None = None) -> bool:
    """Whether it is an integer of Python or NumPy, no truth value, from `least` to `most`."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        return False
    return bool(least <= value and (most is None or value <= most))
