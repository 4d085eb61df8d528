"""Parts of an axis that are equal within one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def parts(side: int, count: int) -> NDArray[np.int32]:
    """The part of each of `side` places, 0 .. count - 1."""
    return (np.arange(side) * count // side).astype(np.int32)
