"""What holds for all ids of segments."""

from __future__ import annotations

import numpy as np


def have_no_holes(ids: np.ndarray) -> bool:
    """0 .. K - 1 in each example, but for -1."""
    return all(set(one.ravel().tolist()) - {-1} == set(range(one.max() + 1)) for one in ids)
