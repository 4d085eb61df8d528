"""The optimizer's own count of iterations, as a checkpoint holds it."""

from __future__ import annotations

import zipfile
from typing import IO

import h5py

# Of an optimizer that wraps another one (LossScaleOptimizer), the one inside counts.
_PLACES = ("optimizer/inner_optimizer/vars/0", "optimizer/vars/0")


def saved_step(path: str) -> int:
    """Raises:
    ValueError: the file is not whole, or holds no optimizer.
    """
    try:
        if not path.endswith(".keras"):
            found = _iterations(path)
        else:
            with zipfile.ZipFile(path) as model, model.open("model.weights.h5") as weights:
                found = _iterations(weights)
    except (OSError, KeyError, zipfile.BadZipFile) as error:
        raise ValueError(f"{path} cannot be read: {error}") from error
    if found is None:
        raise ValueError(
            f"{path} holds no optimizer, so how many iterations it had is not known; give the steps (--steps 0,10,20)"
        )
    return found


def _iterations(file: str | IO[bytes]) -> int | None:
    with h5py.File(file, "r") as weights:
        for place in _PLACES:
            found = weights.get(place)
            if isinstance(found, h5py.Dataset) and found.shape == () and found.dtype.kind in "iu":
                return int(found[()])
    return None
