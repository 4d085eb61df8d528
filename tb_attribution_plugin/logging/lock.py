"""A lock on a directory that other processes respect and that dies with its process."""

from __future__ import annotations

import contextlib
import os
from types import ModuleType

from tb_attribution_plugin.logging.file_system import is_file

_fcntl: ModuleType | None
try:
    import fcntl as _fcntl_module

    _fcntl = _fcntl_module
except ImportError:  # Windows: there two processes must be given two names
    _fcntl = None

LOCK_FILE = ".attribution.lock"


class DirectoryLock:
    """Holds `<directory>/.attribution.lock`.

    Raises:
      BlockingIOError: another process (or another lock of this one) holds it.
      OSError: the directory is not writable.
    """

    def __init__(self, directory: str) -> None:
        self._path = os.path.join(directory, LOCK_FILE)
        while True:
            self._fd = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o666)
            try:
                self._lock()
                if self.in_place():
                    return
            except BaseException:
                os.close(self._fd)
                raise
            os.close(self._fd)  # the file was replaced between opening and locking

    def _lock(self) -> None:
        if _fcntl is None:
            return
        try:
            _fcntl.flock(self._fd, _fcntl.LOCK_EX | _fcntl.LOCK_NB)
        except BlockingIOError:
            raise
        except OSError:
            pass  # a file system without locks, as some network ones

    def in_place(self) -> bool:
        """False once the file is gone or is another file."""
        held = os.fstat(self._fd)
        return is_file(self._path, (held.st_dev, held.st_ino))

    def remove(self) -> None:
        """Deletes the file; only for a directory that is to vanish with it."""
        if self.in_place():
            os.unlink(self._path)

    def release(self) -> None:
        if self._fd >= 0:
            with contextlib.suppress(OSError):  # nothing was written that could be lost
                os.close(self._fd)  # closing unlocks
            self._fd = -1
