"""Which directory a writer owns: `<log_dir>/<name>`, or `<name>-2`, `-3` ... where that one is taken."""

from __future__ import annotations

import contextlib
import os
import warnings
import weakref
from collections.abc import Iterable, Iterator
from itertools import chain, count, takewhile
from typing import Any

from tb_attribution_plugin.logging.lock import LOCK_FILE, DirectoryLock
from tb_attribution_plugin.logging.stored_steps import stored_steps


class DirectoryInUseError(ValueError):
    """This process already writes to that name; two writers need two names."""


_held: weakref.WeakValueDictionary[str, Claim]  # by the real path that was asked for


class Claim:
    """A run directory that this process holds, from construction to `release`.

    What is already there decides the name. Steps were logged and this fit starts at 0 (or below the first of them):
    it is another fit, and takes the next free name. They were logged and this fit starts later: it resumes in place
    the newest of them that got as far. Another process holds it: the next name.

    Attributes:
      path: the directory; it exists. `settle` and `recreate` may change it.
    """

    def __init__(self, log_dir: str | os.PathLike[str], name: str, start_step: int = 0) -> None:
        """Creates, checks and locks.

        Raises:
          DirectoryInUseError: a writer of this process holds that name.
          ValueError, TypeError: log_dir or name cannot be a directory.
          OSError: log_dir cannot be created or written to.
        """
        self._root = _check_root(log_dir)
        self._name = _check_name(name)
        self._wanted = os.path.join(os.path.realpath(self._root), name)
        if self._wanted in _held:
            raise DirectoryInUseError(
                f"{os.path.join(self._root, name)} is already being written by this process; close that writer, "
                f"or give this one another name, such as name={name + '_validation'!r}"
            )
        self._lock: DirectoryLock | None = None
        self.path = ""
        self._created = False
        self._start_step = start_step
        self._earlier: list[str] = []
        self._finalizer: weakref.finalize[[_State], Claim] | None = None
        self._take(self._candidates(start_step))
        _held[self._wanted] = self

    def settle(self, step: int) -> None:
        """Decides again, now that the step at which training starts is known."""
        if step != self._start_step:
            self._start_step = step
            self._drop()
            self._take(self._candidates(step))

    def announce(self) -> None:
        """Warns, once, where an earlier fit's steps made the name change."""
        if self._earlier:
            warnings.warn(
                f"{'; '.join(self._earlier)}. This fit starts at step {self._start_step}, so it is logged to "
                f"{self.path}. To continue an earlier fit, restore its optimizer's iterations; for a clean log, give "
                "another log_dir or name",
                stacklevel=4,
            )
            self._earlier = []

    def in_place(self) -> bool:
        """False once the directory was removed or replaced."""
        return self._lock is not None and self._lock.in_place()

    def recreate(self) -> None:
        """Takes the same directory again after it was removed; the next free name where another process was faster."""
        self._drop()
        fresh = (path for path in self._paths() if stored_steps(path) is None)
        self._take(chain([self.path], fresh))

    def release(self) -> None:
        """Gives the directory back; one that stayed empty is removed."""
        self._drop()
        if _held.get(self._wanted) is self:
            del _held[self._wanted]

    def _drop(self) -> None:
        if self._finalizer is not None:
            self._finalizer()
        self._finalizer = self._lock = None

    def _take(self, candidates: Iterable[str]) -> None:
        locked = []
        self._earlier = []
        for path in candidates:
            steps = stored_steps(path)
            if steps is not None and (self._start_step == 0 or self._start_step < steps[0]) and path != self.path:
                self._earlier.append(f"{path} holds steps {steps[0]} .. {steps[1]} of an earlier fit")
                continue
            created = _make(path, self._root)
            try:
                self._lock = DirectoryLock(path)
            except BlockingIOError:
                locked.append(path)
                continue
            except OSError as error:
                raise _not_writable(path, error) from error
            self.path = path
            self._finalizer = weakref.finalize(self, _release, (self._lock, path, created, os.getpid()))
            break
        if locked:
            warnings.warn(
                f"{locked[0]} is being written by another process, so this fit is logged to {self.path}; give the two "
                "fits different names to choose yourself",
                stacklevel=4,
            )

    def _paths(self) -> Iterator[str]:
        return (os.path.join(self._root, self._name + (f"-{n}" if n > 1 else "")) for n in count(1))

    def _candidates(self, start_step: int) -> Iterator[str]:
        if start_step == 0:
            return self._paths()
        # A fit that got as far as this step is the one that is continued; among several the newest.
        existing = list(takewhile(os.path.isdir, self._paths()))
        found = {path: steps for path in reversed(existing) if (steps := stored_steps(path)) is not None}
        logged = sorted(found, key=lambda path: found[path][1] < start_step)
        return chain(logged, (path for path in self._paths() if path not in logged))


_State = tuple[DirectoryLock, str, bool, int]
_held = weakref.WeakValueDictionary()


def _release(state: _State) -> None:
    lock, path, created, process = state
    if process != os.getpid():
        return  # a forked child: the directory is its parent's
    with contextlib.suppress(OSError):
        if created and os.listdir(path) == [LOCK_FILE]:
            lock.remove()
            os.rmdir(path)
    lock.release()


def _check_root(log_dir: Any) -> str:
    if not isinstance(log_dir, str | os.PathLike):
        raise TypeError(f"log_dir is a {type(log_dir).__name__} ({log_dir!r}); give a path")
    root = os.fspath(log_dir)
    if not isinstance(root, str) or not root:
        raise ValueError(f"log_dir is {root!r}; give a path as a string")
    if "://" in root:
        raise ValueError(f"log_dir {root!r} is not on a local file system; log locally and copy, or mount the store")
    return os.path.expanduser(root)


def _check_name(name: Any) -> str:
    if not isinstance(name, str):
        raise TypeError(f"name is a {type(name).__name__} ({name!r}); give a string")
    if not name or name in (".", "..") or not name.isprintable() or any(mark in name for mark in ("/", "\\", '"')):
        raise ValueError(
            f"name {name!r} must be the name of one directory below log_dir, printable, without slashes and quotes"
        )
    return name


def _make(path: str, root: str) -> bool:
    """True where the directory is new."""
    try:
        os.makedirs(root, exist_ok=True)
        try:
            os.mkdir(path)
        except FileExistsError:
            if not os.path.isdir(path):
                raise
            return False
    except OSError as error:
        raise _not_writable(path, error) from error
    return True


def _not_writable(path: str, error: OSError) -> OSError:
    reason = error.strerror or str(error)
    fix = "it must be a directory, not a file" if isinstance(error, FileExistsError | NotADirectoryError) else ""
    fix = fix or "give a log_dir that this user may write to"
    return type(error)(error.errno, f"log_dir is not usable: {path}: {reason}; {fix}")
