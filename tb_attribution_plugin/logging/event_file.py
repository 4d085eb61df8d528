"""An event file that only ever grows by whole records."""

from __future__ import annotations

import contextlib
import errno
import os
import socket
import stat
import time
import weakref
from collections.abc import Iterable

from tb_attribution_plugin.logging import events, records
from tb_attribution_plugin.logging.file_system import fix_for, is_file
from tb_attribution_plugin.logging.location import file_names

_BINARY: int = getattr(os, "O_BINARY", 0)  # Windows would translate line ends
_last_stamp = 0


class LogWriteError(OSError):
    """A step could not be logged: where, why, and what helps. The writer can go on at the next step."""

    def __init__(self, path: str, cause: OSError, doing: str, fix: str | None = None) -> None:
        reason = cause.strerror or str(cause)
        super().__init__(cause.errno, f"{doing} {path} failed: {reason}; fix: {fix or fix_for(cause)}")
        self.path = path
        self.cause = cause

    def __str__(self) -> str:
        return str(self.args[1])


class LogFullError(LogWriteError):
    """What was to be written would make the directory larger than `max_bytes`; nothing of it was.

    Attributes:
      needed: bytes that the directory would have.
    """

    def __init__(self, path: str, size: int, holds: int, max_bytes: float) -> None:
        reason = f"{size:,} bytes more beside {holds:,} are above max_bytes={max_bytes:,.0f}"
        fix = "raise max_bytes, or pass fewer examples or a lower resolution="
        super().__init__(path, OSError(errno.EDQUOT, reason), "writing to", fix)
        self.needed = holds + size


class EventFile:
    """Opens `<directory>/events.out.tfevents...`: a file version, then records.

    Attributes:
      bytes_written: in whole records.
      torn: a record was begun that is not in the file. It was taken back, but a reader that follows the file may hold
        its first bytes and put the next record's behind them, so that one belongs in a new file.
    """

    def __init__(self, directory: str, replaces: int | None) -> None:
        """Args:
          replaces: readers drop what older files of the directory hold from this step on; None: nothing.

        Raises:
          LogWriteError: there is no file.
        """
        self.path = directory
        self.bytes_written = 0
        self.torn = False
        try:
            self.path = os.path.join(directory, new_file_name(directory))
            # Unbuffered, so that a write that returned is with the system and one that failed left nothing behind here.
            self._fd = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, 0o666)
        except OSError as error:
            raise LogWriteError(self.path, error, "creating") from error
        self._closer = weakref.finalize(self, _close_quietly, self._fd)
        made = os.fstat(self._fd)
        self._identity = (made.st_dev, made.st_ino)
        try:
            self.append(events.file_version())
            if replaces is not None:
                self.append(events.session_start(replaces))
        except BaseException:
            self._head = self.bytes_written
            self.abandon()
            raise
        self._head = self.bytes_written

    def append(self, event: bytes) -> None:
        """Writes one record; a record that cannot be written whole is taken back.

        Raises:
          LogWriteError: nothing of this record is in the file.
        """
        view = memoryview(records.frame(event))
        size = self.bytes_written + len(view)
        self.torn = True
        try:
            while view:
                view = view[os.write(self._fd, view) :]
            self.bytes_written, self.torn = size, False
        except BaseException as error:  # an interrupt, too, must not leave half a record
            with contextlib.suppress(OSError):  # a device that does not even shrink: readers take a truncated tail
                self.torn = os.fstat(self._fd).st_size != self.bytes_written
                os.ftruncate(self._fd, self.bytes_written)
                os.lseek(self._fd, self.bytes_written, os.SEEK_SET)
            if isinstance(error, OSError):
                raise LogWriteError(self.path, error, "writing to") from error
            raise

    def in_place(self) -> bool:
        """False once the path is gone or is another file."""
        return is_file(self.path, self._identity)

    def cut_short(self) -> bool:
        """True once somebody has truncated it: what is written behind the gap is never read."""
        with contextlib.suppress(OSError):  # what cannot be asked is taken to be whole
            now = os.fstat(self._fd)
            return stat.S_ISREG(now.st_mode) and now.st_size < self.bytes_written
        return False

    def sync(self) -> None:
        """Forces what was written to the disk."""
        try:
            os.fsync(self._fd)
        except OSError as error:
            raise LogWriteError(self.path, error, "flushing") from error

    def discard(self) -> None:
        """Closes and deletes the file."""
        with contextlib.suppress(OSError):
            self.close()
        with contextlib.suppress(OSError):
            os.unlink(self.path)

    def abandon(self) -> None:
        """Closes a torn file; one that holds no more than its head is deleted, as the next file takes its place."""
        if self.bytes_written == self._head:
            self.discard()
        else:
            with contextlib.suppress(OSError):
                self.close()

    def close(self) -> None:
        """Closes the file; more than once is harmless.

        Raises:
          LogWriteError: the file system, a network one, tells only now that it lost what was written.
        """
        if self._closer.detach() is not None:
            try:
                os.close(self._fd)
            except OSError as error:
                raise LogWriteError(self.path, error, "closing") from error


def _close_quietly(descriptor: int) -> None:
    with contextlib.suppress(OSError):
        os.close(descriptor)


def new_file_name(directory: str) -> str:
    """A name that sorts behind every file of the directory: TensorBoard reads them in the order of their names."""
    return later_file_name(file_names(directory))


def later_file_name(names: Iterable[str]) -> str:
    """A name that sorts behind these.

    Never one that this process has used: a reader that knew the file of that name would not look at a new one.
    """
    global _last_stamp
    newest = _last_stamp
    for name in names:
        head, _, rest = name.partition("tfevents.")
        stamp = rest.split(".")[0]
        if head and stamp.isdecimal():
            newest = max(newest, int(stamp))
    _last_stamp = max(int(time.time()), newest + 1)
    return f"events.out.tfevents.{_last_stamp:010d}.{socket.gethostname()}.{os.getpid()}.attribution"
