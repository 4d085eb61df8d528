"""Directories and files of logs, by a path or a URL alike."""

from __future__ import annotations

import os
from typing import BinaryIO

from tb_attribution_plugin.logging.remote import is_remote, store_of


def join(directory: str, name: str) -> str:
    return f"{directory.rstrip('/')}/{name}" if is_remote(directory) else os.path.join(directory, name)


def identity(directory: str, name: str) -> str:
    """The same for every way to write it."""
    return join(directory if is_remote(directory) else os.path.realpath(directory), name)


def file_names(directory: str) -> list[str]:
    """Raises OSError."""
    return list(store_of(directory).sizes(directory)) if is_remote(directory) else os.listdir(directory)


def is_directory(path: str) -> bool:
    """Of a URL, whether there are files in it: many stores have no directories of their own."""
    return bool(store_of(path).sizes(path)) if is_remote(path) else os.path.isdir(path)


def size(directory: str) -> int:
    """Bytes of its files. Raises OSError."""
    if is_remote(directory):
        return sum(store_of(directory).sizes(directory).values())
    with os.scandir(directory) as entries:
        return sum(entry.stat().st_size for entry in entries)


def opened(path: str) -> BinaryIO:
    """The file, to read from. Raises OSError."""
    return store_of(path).read(path) if is_remote(path) else open(path, "rb")


def length(file: BinaryIO) -> int:
    """Bytes of an open file, which is at its beginning afterwards."""
    file.seek(0, os.SEEK_END)
    end = file.tell()
    file.seek(0)
    return end


def file_size(path: str) -> int:
    """Raises OSError."""
    with opened(path) as file:
        return length(file)
