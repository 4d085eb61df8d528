"""Reads the tensors of a PyTorch checkpoint with NumPy alone."""

from __future__ import annotations

import collections
import pathlib
import pickle
from typing import Any, BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray

_DTYPES: dict[str, np.dtype[Any]] = {"FloatStorage": np.dtype("<f4"), "LongStorage": np.dtype("<i8")}


class _Storage(NamedTuple):
    """A run of numbers that tensors look into."""

    key: str
    dtype: np.dtype[Any]


class _Tensor(NamedTuple):
    """A view of a storage; `offset` and `strides` count numbers, not bytes."""

    storage: _Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


class _Unpickler(pickle.Unpickler):
    """Makes the few classes of a state dict, and nothing else that a pickle may ask for."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("collections", "OrderedDict"):
            return collections.OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _tensor
        if module == "torch" and name in _DTYPES:
            return name
        raise pickle.UnpicklingError(f"a state dict of numbers needs no {module}.{name}")

    def persistent_load(self, pid: Any) -> _Storage:
        _, kind, key, *_ = pid
        return _Storage(key, _DTYPES[kind])


def _tensor(storage: _Storage, offset: int, shape: tuple[int, ...], strides: tuple[int, ...], *_: Any) -> _Tensor:
    return _Tensor(storage, offset, shape, strides)


def read(path: pathlib.Path) -> dict[str, NDArray[Any]]:
    """The state dict in a file of PyTorch before 1.6: five pickles, then the storages one after the other."""
    with open(path, "rb") as file:
        for _ in range(3):  # the magic number, the version and the machine's sizes
            _Unpickler(file).load()
        tensors: dict[str, _Tensor] = _Unpickler(file).load()
        keys: list[str] = _Unpickler(file).load()
        widths = {tensor.storage.key: tensor.storage.dtype.itemsize for tensor in tensors.values()}
        storages = {key: _bytes(file, widths[key]) for key in keys}
    return {name: _view(tensor, storages[tensor.storage.key]) for name, tensor in tensors.items()}


def _bytes(file: BinaryIO, width: int) -> bytes:
    return file.read(width * int.from_bytes(file.read(8), "little"))


def _view(tensor: _Tensor, stored: bytes) -> NDArray[Any]:
    dtype = tensor.storage.dtype
    strides = [dtype.itemsize * stride for stride in tensor.strides]
    view: NDArray[Any] = np.ndarray(tensor.shape, dtype, stored, dtype.itemsize * tensor.offset, strides)
    return view
