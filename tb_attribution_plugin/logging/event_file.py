"""An event file that only ever grows by whole records."""

from __future__ import annotations

import contextlib
import errno
import os
import socket
import time
import weakref

from tb_attribution_plugin.logging import events, records

_BINARY: int = getattr(os, "O_BINARY", 0)  # Windows would translate line ends
_FIXES = {
    errno.ENOSPC: "free space on that disk",
    errno.EDQUOT: "free space in that quota",
    errno.EFBIG: "raise the limit on file sizes (ulimit -f), or lower resolution= or the number of examples",
    errno.EACCES: "make the directory writable",
    errno.EROFS: "write to another log_dir",
}


class LogWriteError(OSError):
    """A step could not be logged: where, why, and what helps. The writer can go on at the next step."""

    def __init__(self, path: str, cause: OSError, doing: str) -> None:
        fix = _FIXES.get(cause.errno or 0, "check the disk behind log_dir")
        reason = cause.strerror or str(cause)
        super().__init__(cause.errno, f"{doing} {path} failed: {reason}; fix: {fix}")
        self.path = path
        self.cause = cause

    def __str__(self) -> str:
        return str(self.args[1])


class EventFile:
    """Opens `<directory>/events.out.tfevents...` with a file version and a session start at `step`."""

    def __init__(self, directory: str, step: int) -> None:
        self.path = os.path.join(directory, _file_name(directory))
        self.bytes_written = 0
        try:
            # Unbuffered, so that a write that returned is with the system and one that failed left nothing behind here.
            self._fd = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, 0o666)
        except OSError as error:
            raise LogWriteError(self.path, error, "creating") from error
        self._closer = weakref.finalize(self, os.close, self._fd)
        stat = os.fstat(self._fd)
        self._identity = (stat.st_dev, stat.st_ino)
        try:
            self.append(events.file_version())
            self.append(events.session_start(step))
        except LogWriteError:
            self.close()
            # Without its head the file would not say what it replaces.
            with contextlib.suppress(OSError):
                os.unlink(self.path)
            raise

    def append(self, event: bytes) -> None:
        """Writes one record; a record that cannot be written whole is taken back.

        Raises:
          LogWriteError: nothing of this record is in the file.
        """
        before, view = self.bytes_written, memoryview(records.frame(event))
        size = before + len(view)
        try:
            while view:
                view = view[os.write(self._fd, view) :]
            self.bytes_written = size
        except BaseException as error:  # an interrupt, too, must not leave half a record
            self.bytes_written = before
            with contextlib.suppress(OSError):  # a device that does not even shrink: readers take a truncated tail
                os.ftruncate(self._fd, before)
                os.lseek(self._fd, before, os.SEEK_SET)
            if isinstance(error, OSError):
                raise LogWriteError(self.path, error, "writing to") from error
            raise

    def in_place(self) -> bool:
        """False once the path is gone or is another file."""
        try:
            stat = os.stat(self.path)
        except OSError:
            return False
        return (stat.st_dev, stat.st_ino) == self._identity

    def sync(self) -> None:
        """Forces what was written to the disk."""
        try:
            os.fsync(self._fd)
        except OSError as error:
            raise LogWriteError(self.path, error, "flushing") from error

    def close(self) -> None:
        self._closer()


def _file_name(directory: str) -> str:
    """A name that sorts behind every file of the directory: TensorBoard reads them in the order of their names."""
    newest = 0
    for name in os.listdir(directory):
        head, _, rest = name.partition("tfevents.")
        stamp = rest.split(".")[0]
        if head and stamp.isdigit():
            newest = max(newest, int(stamp))
    seconds = max(int(time.time()), newest + 1)
    return f"events.out.tfevents.{seconds:010d}.{socket.gethostname()}.{os.getpid()}.attribution"
