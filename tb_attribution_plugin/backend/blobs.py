"""Stored blobs, read side by side and never decoded."""

from __future__ import annotations

import collections
import hashlib
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from tb_attribution_plugin.backend import prompt
from tb_attribution_plugin.backend.errors import RequestError, TooMuchError
from tb_attribution_plugin.backend.provider import Data

# TensorBoard's data server serves many at once.
THREADS = 16
MAX_ITEMS = 4096
MAX_BYTES = 64 << 20


class BlobReader:
    """One set of threads for all requests, so that their number bounds the blobs in memory."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="attribution-blob")

    def read(self, data: Data, keys: Sequence[str]) -> list[bytes | RequestError]:
        """The blobs of `keys`, or why one cannot be read.

        Raises:
          TooMuchError: together they are over `MAX_BYTES`.
        """
        blobs: list[bytes | RequestError] = []
        total = 0
        ahead: collections.deque[Future[bytes | RequestError]] = collections.deque()
        left = iter(keys)
        try:
            while True:
                while len(ahead) < THREADS and (key := next(left, None)) is not None:
                    ahead.append(self._threads.submit(_read_one, data, key))
                if not ahead:
                    return blobs
                blob = prompt.result(data.provider, ahead.popleft())
                total += len(blob) if isinstance(blob, bytes) else 0
                if total > MAX_BYTES:
                    raise TooMuchError(
                        f"the blobs asked for hold more than {MAX_BYTES >> 20} MiB; {len(blobs)} of {len(keys)} fit",
                        "ask for fewer steps or elements at a time",
                    )
                blobs.append(blob)
        finally:
            for waiting in ahead:
                waiting.cancel()


def _read_one(data: Data, key: str) -> bytes | RequestError:
    try:
        return data.read_blob(key)
    except RequestError as error:
        return error


def version(parts: Sequence[object]) -> str:
    """A short word that changes when `parts` do."""
    return hashlib.sha256(repr(parts).encode("utf-8", "backslashreplace")).hexdigest()[:24]
