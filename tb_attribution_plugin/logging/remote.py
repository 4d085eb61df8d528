"""File systems behind a URL, as fsspec reaches them, or TensorFlow where a program has loaded it."""

from __future__ import annotations

import contextlib
import errno
import io
import sys
from collections.abc import Iterator
from typing import Any, BinaryIO, Protocol

# Packages that fsspec has its drivers from.
_DRIVERS = {
    "gs": "gcsfs", "gcs": "gcsfs", "s3": "s3fs", "s3a": "s3fs", "abfs": "adlfs", "abfss": "adlfs", "az": "adlfs",
    "hdfs": "pyarrow", "hf": "huggingface_hub", "oci": "ocifs", "oss": "ossfs", "sftp": "paramiko", "ssh": "paramiko",
    "smb": "smbprotocol", "http": "aiohttp", "https": "aiohttp",
}  # fmt: skip


class Store(Protocol):
    """What logging takes of a file system. Paths are whole URLs; nothing is locked, appended or renamed."""

    def sizes(self, directory: str) -> dict[str, int]:
        """Of the files in a directory, by name; {} where there is none."""

    def below(self, directory: str) -> list[str]:
        """Directories that hold files: itself, and all below it."""

    def read(self, path: str) -> BinaryIO: ...

    def write(self, path: str, data: bytes) -> None:
        """The whole file, in place of one that is there."""

    def remove(self, path: str) -> None: ...


def is_remote(path: str) -> bool:
    return "://" in path


def store_of(url: str) -> Store:
    """Raises:
    ImportError: a package is missing; says which.
    ValueError: nothing knows this kind of URL, or it lacks a part that this kind needs.
    OSError: the host that it names cannot be reached.
    """
    scheme = url.partition("://")[0]
    try:
        import fsspec

        return _Fsspec(fsspec.core.url_to_fs(url)[0])  # with what the URL itself says: host, port, user, account
    except (ImportError, TypeError, ValueError) as error:
        if store := _loaded_tensorflow(scheme):
            return store
        if isinstance(error, TypeError):
            raise ValueError(f"log_dir {url!r} lacks what {scheme}:// needs, such as its host: {error}") from error
        if isinstance(error, ValueError):
            raise ValueError(f"log_dir on {scheme}:// is known neither to fsspec nor to TensorFlow: {error}") from error
        packages = ["fsspec", *([_DRIVERS[scheme]] if scheme in _DRIVERS else [])]
        raise ImportError(
            f"log_dir on {scheme}:// needs {' and '.join(packages)}: pip install {' '.join(packages)} ({error})"
        ) from error
    except Exception:
        with os_errors(url):
            raise


@contextlib.contextmanager
def os_errors(url: str) -> Iterator[None]:
    """Whatever a driver raises is an OSError: each has errors of its own."""
    try:
        yield
    except OSError as error:
        if error.strerror:
            raise
        raise OSError(error.errno or errno.EIO, f"{type(error).__name__}: {error or url}") from error
    except Exception as error:
        raise OSError(errno.EIO, f"{type(error).__name__}: {error or url}") from error


def _loaded_tensorflow(scheme: str) -> Store | None:
    """TensorFlow's own file systems, where it has one for this and is loaded: logging loads no framework."""
    tensorflow = sys.modules.get("tensorflow")
    if tensorflow is None or scheme not in tensorflow.io.gfile.get_registered_schemes():
        return None
    return _Gfile(tensorflow.io.gfile)


class _Fsspec:
    def __init__(self, files: Any) -> None:
        self._files = files

    def sizes(self, directory: str) -> dict[str, int]:
        with os_errors(directory):
            self._files.invalidate_cache()
            try:
                found = self._files.ls(self._files._strip_protocol(directory), detail=True)
            except (FileNotFoundError, NotADirectoryError):
                return {}
            return {_last(one["name"]): one["size"] or 0 for one in found if one["type"] == "file"}

    def below(self, directory: str) -> list[str]:
        with os_errors(directory):
            self._files.invalidate_cache()
            root = self._files._strip_protocol(directory).rstrip("/")
            files = self._files.find(root)
        inside = {one.removeprefix(root).rpartition("/")[0] for one in files}
        return sorted(directory.rstrip("/") + one for one in inside)

    def read(self, path: str) -> BinaryIO:
        with os_errors(path):
            return io.BufferedReader(_Reading(self._files.open(path, "rb"), path))

    def write(self, path: str, data: bytes) -> None:
        with os_errors(path):
            self._files.makedirs(self._files._parent(path), exist_ok=True)
            self._files.pipe_file(path, data)

    def remove(self, path: str) -> None:
        with os_errors(path):
            self._files.rm_file(self._files._strip_protocol(path))


class _Gfile:
    def __init__(self, gfile: Any) -> None:
        self._gfile = gfile

    def sizes(self, directory: str) -> dict[str, int]:
        with os_errors(directory):
            if not self._gfile.isdir(directory):
                return {}
            names = [name for name in self._gfile.listdir(directory) if not name.endswith("/")]
            paths = {name: f"{directory.rstrip('/')}/{name}" for name in names}
            return {name: self._gfile.stat(path).length for name, path in paths.items() if not self._gfile.isdir(path)}

    def below(self, directory: str) -> list[str]:
        with os_errors(directory):
            return sorted(folder.rstrip("/") for folder, _, files in self._gfile.walk(directory) if files)

    def read(self, path: str) -> BinaryIO:
        return io.BufferedReader(_Reading(self._gfile.GFile(path, "rb"), path))

    def write(self, path: str, data: bytes) -> None:
        with os_errors(path):
            self._gfile.makedirs(path.rpartition("/")[0])
            with self._gfile.GFile(path, "wb") as file:
                file.write(data)

    def remove(self, path: str) -> None:
        with os_errors(path):
            self._gfile.remove(path)


class _Reading(io.RawIOBase):
    """A file that its driver opened; what it raises later is an OSError, too."""

    def __init__(self, file: Any, path: str) -> None:
        self._file = file
        self._path = path

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        with os_errors(self._path):
            data = self._file.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        with os_errors(self._path):
            self._file.seek(offset, whence)
            return int(self._file.tell())

    def close(self) -> None:
        if not self.closed:
            self._file.close()
        super().close()


def _last(path: str) -> str:
    return path.rstrip("/").rpartition("/")[2]
