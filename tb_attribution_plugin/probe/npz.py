"""`.npz` files of anybody, read into no more memory than they may take, and written for every NumPy."""

from __future__ import annotations

import math
import os
import struct
import zipfile
import zlib
from collections.abc import Mapping
from typing import IO, Any

import numpy as np

from tb_attribution_plugin.probe.arrays import Array

# Of all arrays together, as they lie in memory: a thousand times what one logs, and no more than a computer has.
MOST_BYTES = 2**31
_COMPRESSIONS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # what np.savez and np.savez_compressed write
_DAMAGE = (
    ValueError, EOFError, zipfile.BadZipFile, zlib.error, struct.error,
    NotImplementedError,  # of zipfile: a feature of another archiver
    RuntimeError,  # of zipfile: encrypted
)  # fmt: skip


def write(path: str | os.PathLike[str], arrays: Mapping[str, Array]) -> None:
    """Under exactly this name.

    Raises:
      ValueError: they are larger than what `read` takes.
    """
    assert not any(array.dtype.hasobject for array in arrays.values())
    if (size := sum(array.nbytes for array in arrays.values())) > MOST_BYTES:
        raise ValueError(f"the probe has {size:,} bytes, and a file holds at most {MOST_BYTES:,}; pass fewer examples")
    with open(path, "wb") as file:
        np.savez_compressed(file, **dict[str, Any](arrays))


def read(path: str) -> dict[str, Array]:
    """By key; nothing is unpickled.

    Raises:
      ValueError: not such a file, or it claims more than `MOST_BYTES`; names the key, the rule and the fix.
      OSError: no file.
    """
    if not os.path.exists(path):
        raise FileNotFoundError(f"{path!r} is no file; write one by Probe.save or np.savez(path, x=..., y=...)")
    arrays: dict[str, Array] = {}
    key = ""
    try:
        with zipfile.ZipFile(path) as archive:
            if (size := sum(info.file_size for info in archive.infolist())) > MOST_BYTES:
                raise ValueError(f"its arrays have {size:,} bytes, at most {MOST_BYTES:,} are read")
            for info in archive.infolist():
                key = info.filename.removesuffix(".npy")
                if key == info.filename or info.compress_type not in _COMPRESSIONS:
                    raise ValueError("it is no array as np.savez writes them")
                if not 0 <= info.header_offset < os.path.getsize(path):
                    raise ValueError("its place in the file is damaged")
                with archive.open(info) as member:
                    _check_header(member, info.file_size)
                with archive.open(info) as member:
                    arrays[key] = np.lib.format.read_array(member, allow_pickle=False)
    except _DAMAGE as error:
        fix = "make it by np.savez(path, x=..., y=...) or Probe.save; strings as np.array(names, dtype=str)"
        where = f" (key {key!r})" if key else ""
        raise ValueError(f"{path} is not a readable .npz file{where}: {error}; {fix}") from error
    return arrays


def _check_header(member: IO[bytes], size: int) -> None:
    """Before memory is taken for what it claims. Raises ValueError."""
    version: Any = np.lib.format.read_magic(member)
    if version not in ((1, 0), (2, 0)):
        raise ValueError(f"its format {version} is for fields with names; give an array of numbers or strings")
    headers = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
    shape, _, dtype = headers[version](member)
    if dtype.hasobject:
        raise ValueError("it holds Python objects, which are not read")
    claimed, held = math.prod(shape) * dtype.itemsize, size - member.tell()
    if claimed != held or dtype.itemsize == 0:
        raise ValueError(f"{dtype} {list(shape)} takes {claimed:,} bytes, and it has {held:,}")
