"""What the arguments of methods may be."""

from __future__ import annotations

import numbers
from collections.abc import Collection
from typing import Any

import numpy as np


def is_whole(value: Any, least: int, most: int | None = None) -> bool:
    """Whether it is an integer of Python or NumPy, no truth value, from `least` to `most`."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        return False
    return bool(least <= value and (most is None or value <= most))


def is_number(value: Any) -> bool:
    """Whether it is a real number of Python or NumPy, no truth value."""
    return isinstance(value, numbers.Real) and not isinstance(value, bool)


def check_count(name: str, value: Any) -> None:
    """Raises ValueError."""
    if not is_whole(value, 1):
        raise ValueError(f"{name} must be a whole number above 0; got {value!r}")


def check_seed(value: Any) -> None:
    """Raises ValueError."""
    if not is_whole(value, 0, 2**64 - 1):
        raise ValueError(f"seed must be a whole number from 0 to 2**64 - 1; got {value!r}")


def check_choice(name: str, value: Any, choices: Collection[str]) -> None:
    """Raises ValueError."""
    if value not in choices:
        raise ValueError(f"{name} must be one of {', '.join(choices)}; got {value!r}")


def check_flag(name: str, value: Any) -> None:
    """Raises ValueError."""
    if not isinstance(value, bool):
        raise ValueError(f"{name} must be True or False; got {value!r}")


def check_layer(layer: Any) -> None:
    """Raises ValueError where it is no name: these methods have no layer that would do for all."""
    if not isinstance(layer, str) or not layer:
        raise ValueError(f"layer must be the name of a layer of the model, as 'dense'; got {layer!r}")
