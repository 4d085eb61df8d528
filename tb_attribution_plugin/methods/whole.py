"""Numbers among the arguments of methods: Python's or NumPy's, and no truth values."""

from __future__ import annotations

import numbers
from typing import Any

import numpy as np


def is_whole(value: Any, least: int, most: int | None = None) -> bool:
    """Whether it is an integer from `least` to `most`."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        return False
    return bool(least <= value and (most is None or value <= most))


def is_number(value: Any) -> bool:
    return isinstance(value, numbers.Real) and not isinstance(value, bool)
