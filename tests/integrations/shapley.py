"""Shapley values by their definition, from every coalition of the columns."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np


def shapley(f: Callable[[np.ndarray], np.ndarray], rows: np.ndarray, background: np.ndarray) -> np.ndarray:
    """[B, F] or [B, F, U]: columns of a row against those of the background, by the mean of f over it."""
    columns = rows.shape[1]
    found = []
    for row in rows:
        masks = [[bool(number >> column & 1) for column in range(columns)] for number in range(2**columns)]
        values = [f(np.where(mask, row, background)).mean(axis=0) for mask in masks]
        each = []
        for column in range(columns):
            total = np.zeros_like(values[0])
            for number, mask in enumerate(masks):
                if not mask[column]:
                    size = sum(mask)
                    weight = math.factorial(size) * math.factorial(columns - size - 1) / math.factorial(columns)
                    total = total + weight * (values[number | 1 << column] - values[number])
            each.append(total)
        found.append(each)
    return np.array(found)
