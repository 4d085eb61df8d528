"""Event files behind a URL, where nothing can be appended: an object is replaced by a longer one."""

from __future__ import annotations

import contextlib
import math
import os
import threading
import time
import weakref
from collections.abc import Iterable
from typing import TypeAlias

from tb_attribution_plugin.logging import events, location, records
from tb_attribution_plugin.logging.event_file import EventFile, LogWriteError, later_file_name
from tb_attribution_plugin.logging.remote import is_remote, store_of

# Records wait at most so long for those that come after them.
FLUSH_SECONDS = 30.0
# The records of one step come right after each other.
_TOGETHER_SECONDS = 1.0
# Waits between tries of the last upload, which no later record makes up for.
_AGAIN_SECONDS = (0.5, 2.0)
# A file that is larger is followed by another one, so that what is written again stays small.
ROTATE_BYTES = 8 * 2**20
_FIX = "check the connection to it and what this program may do there"


class RemoteFile:
    """An event file as `EventFile` is, in parts of about 8 MiB. Records are uploaded in the background.

    Attributes:
      torn: never: readers see whole objects.
    """

    torn = False

    def __init__(self, directory: str, replaces: int | None) -> None:
        """Args:
          replaces: readers drop what older files of the directory hold from this step on; None: nothing.

        Raises:
          LogWriteError: the directory cannot be listed.
        """
        self._upload = _Upload(directory)
        if replaces is not None:
            self.append(events.session_start(replaces))
        self._closer = weakref.finalize(self, self._upload.quietly)  # also where the program ends without `close`

    @property
    def bytes_written(self) -> int:
        """In whole records, uploaded or not."""
        return self._upload.size

    def append(self, event: bytes) -> None:
        """Takes one record.

        Raises:
          LogWriteError: this record was not taken; it, or an earlier one, could not be uploaded.
        """
        self._upload.add(records.frame(event))

    def in_place(self) -> bool:
        return True

    def cut_short(self) -> bool:
        return False

    def sync(self) -> None:
        """Uploads what was taken. Raises LogWriteError."""
        self._upload.now()

    def discard(self) -> None:
        self._closer.detach()
        self._upload.discard()

    def abandon(self) -> None:
        """Closes; nothing is ever torn."""
        with contextlib.suppress(OSError):
            self.close()

    def close(self) -> None:
        """Uploads the rest; more than once is harmless.

        Raises:
          LogWriteError: it could not; a later call, and the end of the program, try again.
        """
        if self._closer.alive:
            for seconds in _AGAIN_SECONDS:
                with contextlib.suppress(LogWriteError):
                    self._upload.now()
                    break
                time.sleep(seconds)
            self._upload.now()
            self._closer.detach()


File: TypeAlias = EventFile | RemoteFile


def event_file(directory: str, replaces: int | None) -> File:
    """The kind that belongs to the directory."""
    return RemoteFile(directory, replaces) if is_remote(directory) else EventFile(directory, replaces)


class _Upload:
    """Frames that are not all uploaded yet, and the objects they go to.

    Attributes:
      size: bytes of all objects, as they are once everything is uploaded.
    """

    def __init__(self, directory: str) -> None:
        self._directory = directory
        self._store = store_of(directory)
        self._process = os.getpid()
        self._lock = threading.RLock()
        self._timer: threading.Timer | None = None
        self._failed = False  # in the background
        self._flushed_at = -math.inf
        self.size = 0
        self._paths: list[str] = []
        self._data = bytearray()
        self._uploaded = 0
        try:
            self._begin(location.file_names(directory))
        except OSError as error:
            raise LogWriteError(directory, error, "looking into", _FIX) from error

    def add(self, frame: bytes) -> None:
        with self._lock:
            if self._failed:
                self._failed = False
                try:
                    self.now()
                except LogWriteError:
                    self._later()
                    raise
            self._data += frame
            self.size += len(frame)
            if len(self._data) < ROTATE_BYTES:
                self._later()
                return
            try:
                self.now()
            except LogWriteError:
                del self._data[-len(frame) :]
                self.size -= len(frame)
                raise
            self._begin([])

    def now(self) -> None:
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
            if self._uploaded < len(self._data):
                try:
                    self._store.write(self._paths[-1], bytes(self._data))
                except OSError as error:
                    raise LogWriteError(self._paths[-1], error, "writing to", _FIX) from error
                self._uploaded = len(self._data)
            self._flushed_at = time.monotonic()

    def quietly(self) -> None:
        if self._process == os.getpid():  # a fork of it has its copy of what waits
            with contextlib.suppress(OSError):
                self.now()

    def discard(self) -> None:
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
            for path in self._paths:
                with contextlib.suppress(OSError):
                    self._store.remove(path)

    def _begin(self, names: Iterable[str]) -> None:
        """The next object, behind those of these names and its own ones."""
        self._paths.append(location.join(self._directory, later_file_name(names)))
        self._data = bytearray(records.frame(events.file_version()))
        self._uploaded = 0
        self.size += len(self._data)

    def _later(self) -> None:
        if self._timer is None:
            wait = max(self._flushed_at + FLUSH_SECONDS - time.monotonic(), _TOGETHER_SECONDS)
            self._timer = threading.Timer(wait, self._in_background)
            self._timer.daemon = True
            self._timer.start()

    def _in_background(self) -> None:
        with self._lock:
            try:
                self.now()
            except LogWriteError:
                self._failed = True  # the next record tries again, and says it
