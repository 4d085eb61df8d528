"""A run directory that is replaced by one with more steps; a crash at any point loses nothing."""

from __future__ import annotations

import os
import shutil

from tb_attribution_plugin.logging.event_file import new_file_name
from tb_attribution_plugin.logging.lock import LOCK_FILE, DirectoryLock
from tb_attribution_plugin.logging.merged import merge
from tb_attribution_plugin.logging.reader import StoredRun

_UNFINISHED = "unfinished"  # readers of event files do not look at that name


class Rewritten:
    """`<root>/<name>` and what lies beside it while it is rewritten.

    Attributes:
      side_name: of the run with the further steps.
    """

    def __init__(self, root: str, name: str) -> None:
        self.side_name = f".{name}.gap"
        self._run = os.path.join(root, name)
        self._side = os.path.join(root, self.side_name)
        self._new = os.path.join(root, f".{name}.new")
        self._old = os.path.join(root, f".{name}.old")

    def check(self) -> None:
        """Raises:
        ValueError: the directory holds something that would be lost.
        """
        if strange := [name for name in os.listdir(self._run) if not _is_ours(name)]:
            raise ValueError(
                f"{self._run} is rewritten where a step is added before its last one, and it holds {strange[0]!r}, "
                "which is not ours; move that elsewhere"
            )

    def recover(self) -> None:
        """Ends what was begun: the run has the further steps, and nothing lies beside it any more."""
        if os.path.isdir(self._old):
            if not os.path.isdir(self._run):
                os.rename(self._new, self._run)
            # The further steps are in the run by now.
            _remove(self._side, self._old)
        _remove(self._new)
        if os.path.isdir(self._side):
            further = StoredRun(self._side)
            if further.series:
                self.check()
                self._replace(further)
            _remove(self._side, self._old)

    def _replace(self, further: StoredRun) -> None:
        try:
            lock = DirectoryLock(self._run)
        except BlockingIOError as error:
            raise ValueError(f"{self._run} is being written by another process; wait until it is done") from error
        try:
            os.mkdir(self._new)
            unfinished = os.path.join(self._new, _UNFINISHED)
            merge(StoredRun(self._run), further, unfinished)
            # A reader that follows the run takes this file for the next one: it says that it replaces all before.
            os.rename(unfinished, os.path.join(self._new, new_file_name(self._run)))
            _sync(self._new)
            os.rename(self._run, self._old)
            os.rename(self._new, self._run)
            _sync(os.path.dirname(self._run))
        finally:
            lock.release()


def _is_ours(name: str) -> bool:
    return name == LOCK_FILE or ("tfevents" in name and name.endswith(".attribution"))


def _remove(*directories: str) -> None:
    for directory in directories:
        if os.path.isdir(directory):
            shutil.rmtree(directory)


def _sync(directory: str) -> None:
    """Forces names to the disk, where directories can be opened."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
