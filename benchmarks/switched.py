"""What perturbation methods switch on and off, for ours and other tools alike.

On pictures about 500 masks of each example, absent features are 0. On the table about 512 coalitions, the value of each
the mean over 100 background rows.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf

from benchmarks.models import Case, noise

CLASS = 0
MASKS = 500
COALITIONS = 512
CELLS = 8  # along each axis: 64 segments
FINE = 22  # along each axis, where one segment or window is switched at a time: 484
GROUPS = 9  # of columns, whose 512 coalitions are all there are
ORDERS = 8  # of 64 segments, 505 coalitions
ORDERS_OF_COLUMNS = 18  # of 30 columns, 523 coalitions
DESIGNS = 8  # of Sobol, 528 masks
GRID = 7  # of RISE and HSIC


def cells(side: int, count: int) -> np.ndarray:
    """Ids of count x count cells, int32 [side, side]."""
    along = np.arange(side, dtype=np.int32) * count // side
    return along[:, None] * count + along


def window(side: int) -> tuple[int, int]:
    """Side and stride of square windows, of which there are FINE along each axis."""
    stride = side // FINE
    return side - (FINE - 1) * stride, stride


def groups(columns: int) -> np.ndarray:
    """Group of each column, int32 [columns]."""
    return np.arange(columns, dtype=np.int32) * GROUPS // columns


def background(case: Case) -> np.ndarray:
    """[100, columns]."""
    return noise(100, *case.inputs.shape[1:], seed=1)


def predicted(case: Case) -> Callable[[np.ndarray], np.ndarray]:
    """The explained output of rows [r, ...], [r], compiled, in batches of the size that is fastest."""
    shape = [None, *case.inputs.shape[1:]]
    forward = tf.function(
        lambda rows: case.model(rows, training=False)[:, CLASS],
        input_signature=[tf.TensorSpec(shape, tf.float32)],
        autograph=False,
    )

    def predict(rows: Any) -> np.ndarray:
        parts = np.split(np.asarray(rows, np.float32), range(case.largest, len(rows), case.largest))
        return np.concatenate([forward(part).numpy() for part in parts])

    return predict


def game(case: Case, predict: Callable[[np.ndarray], np.ndarray], example: int, players: np.ndarray) -> Any:
    """Coalitions [m, players] of one example -> values [m].

    Args:
      players: of each feature, int ids in the shape of the example, channels left out.
    """
    own = case.inputs[example]
    table = own.ndim == 1
    absent = background(case) if table else np.zeros_like(own)[None]
    at_once = max(1, case.largest // len(absent))

    def values(coalitions: Any) -> np.ndarray:
        present = np.asarray(coalitions)[:, players] > 0.5
        if not table:
            present = present[..., None]
        found = []
        for some in np.split(present, range(at_once, len(present), at_once)):
            rows = np.where(some[:, None], own, absent)  # [m, points, ...]
            found.append(predict(rows.reshape(-1, *own.shape)).reshape(len(some), -1).mean(1))
        return np.concatenate(found)

    return values
