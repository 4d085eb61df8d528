"""Weights of a file that its model has no place for: Keras reads what a model has, and passes over the rest."""

from __future__ import annotations

import contextlib
import os
import tempfile
import zipfile
from collections.abc import Iterator
from typing import Any

import h5py
import keras

_INSIDE = "model.weights.h5"  # what a .keras file calls its weights


def leftover(model: keras.Model, path: str) -> list[str]:
    """Layers, by their names in the file, whose weights did not go into the model that was just loaded from it.

    More arrays than the model has are what tells: names alone do not, as Keras finds a layer under several of them.
    """
    held = _arrays(path)
    if len(held) <= sum(keras.backend.is_float_dtype(one.dtype) for one in model.weights):
        return []
    with tempfile.TemporaryDirectory() as folder:  # what a layer of one's own saves, only saving tells
        own = os.path.join(folder, "own.weights.h5")
        model.save_weights(own)
        known = _arrays(own)
    if len(held) <= len(known):
        return []
    return list(dict.fromkeys(name.partition("/vars")[0].rpartition("/")[2] for name in sorted(held - known)))


def _arrays(path: str) -> set[str]:
    """Names of all arrays of floats but those of optimizers; none of a file in another format."""
    found: set[str] = set()

    def seen(name: str, one: Any) -> None:
        if isinstance(one, h5py.Dataset) and one.dtype.kind == "f" and "optimizer" not in name:
            found.add(name)

    with _opened(path) as file:
        if file is not None:
            file.visititems(seen)
    return found


@contextlib.contextmanager
def _opened(path: str) -> Iterator[Any]:
    if path.endswith(".weights.h5"):
        with h5py.File(path, "r") as file:
            yield file
    elif path.endswith(".keras"):
        with zipfile.ZipFile(path) as archive, archive.open(_INSIDE) as inside, h5py.File(inside, "r") as file:
            yield file
    else:
        yield None
