"""The directory of a run: checked as words, made, locked, and taken away where it stayed empty."""

from __future__ import annotations

import contextlib
import os
import re
from typing import Any, Literal, NamedTuple, Protocol

from tb_attribution_plugin.logging import location
from tb_attribution_plugin.logging.file_system import fix_for
from tb_attribution_plugin.logging.lock import LOCK_FILE, DirectoryLock
from tb_attribution_plugin.logging.remote import is_remote, store_of

_COLLAPSED = re.compile(r"[a-z][a-z0-9+]+:/(?!/)")  # a Path of gs://bucket is gs:/bucket
_BESIDE = re.compile(r"\..+\.(gap|new|old)")


class Lock(Protocol):
    def in_place(self) -> bool: ...

    def remove(self) -> None: ...

    def release(self) -> None: ...


class NoLock:
    """Of a directory behind a URL: stores have no locks, so two processes must be given two names."""

    def in_place(self) -> bool:
        return True

    def remove(self) -> None: ...

    def release(self) -> None: ...


class Locked(NamedTuple):
    """A directory that this process has locked.

    Attributes:
      created: it was made for this.
      process: the id of this one; a fork of it holds nothing.
    """

    lock: Lock
    path: str
    created: bool
    process: int

    def give_back(self) -> None:
        """Unlocks; removes a directory that was made and stayed empty."""
        if self.process != os.getpid():
            return  # a forked child: the directory is its parent's
        with contextlib.suppress(OSError):
            if self.created and os.listdir(self.path) == [LOCK_FILE]:
                self.lock.remove()
                os.rmdir(self.path)
        self.lock.release()


def locked(path: str, root: str) -> Locked:
    """Makes the directory, and `root` above it, where they are missing, and locks it.

    Raises:
      BlockingIOError: another process holds it.
      OSError: it cannot be made or written to.
    """
    if is_remote(path):
        check_writable(path)
        return Locked(NoLock(), path, False, os.getpid())
    while True:
        created = make(path, root)
        try:
            return Locked(DirectoryLock(path), path, created, os.getpid())
        except FileNotFoundError:
            if os.path.isdir(path):
                raise
            # Its last writer has just taken it away, empty as it was.


def check_writable(url: str) -> None:
    """Writes and removes a file; raises OSError where that does not go."""
    store, path = store_of(url), location.join(url, LOCK_FILE)
    store.write(path, b"")
    with contextlib.suppress(OSError):  # some may write and not remove
        store.remove(path)


def make(path: str, root: str) -> bool:
    """True where the directory is new."""
    os.makedirs(root, exist_ok=True)
    try:
        os.mkdir(path)
    except FileExistsError:
        if not os.path.isdir(path):
            raise
        return False
    return True


def check_root(log_dir: Any) -> str:
    """The absolute path of log_dir, which a fit that changes the working directory does not move; a URL as it is.

    Raises:
      ValueError, TypeError: it is neither.
      ImportError: the package that reaches this kind of URL is missing.
    """
    if not isinstance(log_dir, str | os.PathLike):
        raise TypeError(f"log_dir is a {type(log_dir).__name__} ({log_dir!r}); give a path")
    root = os.fspath(log_dir)
    if not isinstance(root, str) or not root:
        raise ValueError(f"log_dir is {root!r}; give a path as a string")
    if is_remote(root):
        store_of(root)
        return root.rstrip("/")
    if isinstance(log_dir, os.PathLike) and _COLLAPSED.match(root):
        raise ValueError(f"log_dir {root!r} was a URL before it became a Path; give the string")
    return os.path.abspath(os.path.expanduser(root))


def check_name(name: Any) -> str:
    """The name, where it can be that of one directory."""
    if not isinstance(name, str):
        raise TypeError(f"name is a {type(name).__name__} ({name!r}); give a string")
    if not name or name in (".", "..") or not name.isprintable() or any(mark in name for mark in ("/", "\\", '"')):
        raise ValueError(
            f"name {name!r} must be the name of one directory below log_dir, printable, without slashes and quotes"
        )
    return name


def beside(name: str, what: Literal["gap", "new", "old"]) -> str:
    """Name of a directory that lies beside a run while that is rewritten."""
    return f".{name}.{what}"


def is_beside(name: str) -> bool:
    return _BESIDE.fullmatch(name) is not None


def not_usable(path: str, error: OSError) -> OSError:
    """The error, with what helps."""
    fix = fix_for(error, "give a log_dir that this user may write to")
    return type(error)(error.errno, f"log_dir is not usable: {path}: {error.strerror or error}; {fix}")
