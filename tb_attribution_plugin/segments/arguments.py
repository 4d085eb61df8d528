"""What the arguments of segmentations may be."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tb_attribution_plugin.probe.arrays import to_array

Ids = NDArray[np.int32]


def checked(array: Any, what: str, ranks: tuple[int, ...], form: str) -> NDArray[Any]:
    """`array` as NumPy has it.

    Raises:
      ValueError: it has other axes than `form` says.
    """
    found = to_array(array, what)
    if found.ndim not in ranks or not found.size:
        raise ValueError(f"{what} must be {form}, none of them empty; got shape {list(found.shape)}")
    return found


def check_count(value: Any, most: int | None = None, of: str = "") -> None:
    """Raises ValueError where there would be a single segment, or one without a cell."""
    whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
    if not whole or value < 2 or (most is not None and value > most):
        rest = "" if most is None else f" to {most} ({of})"
        raise ValueError(
            f"count must be a whole number from 2{rest}, because a single segment has nothing beside it; got {value!r}"
        )
