from __future__ import annotations

import threading

import pytest

from tb_attribution_plugin.backend import blobs
from tb_attribution_plugin.backend.blobs import BlobReader
from tb_attribution_plugin.backend.errors import TooMuchError, UnreadableError
from tb_attribution_plugin.backend.provider import Data


class Provider:
    """Blobs of the size that the key says; a read ends when as many as there are threads have begun."""

    def __init__(self, together: int) -> None:
        self._barrier = threading.Barrier(together)
        self.reads = 0

    def read_blob(self, context: None, *, blob_key: str) -> object:
        self.reads += 1
        self._barrier.wait(timeout=30)
        return bytes(int(blob_key)) if blob_key.isdigit() else 1.5


def test_blobs_are_read_side_by_side_and_answered_in_order() -> None:
    # Read one by one, the first would wait for the last for ever.
    sizes = [str(size) for size in range(blobs.THREADS)]
    read = BlobReader().read(Data(Provider(blobs.THREADS), None, ""), sizes)
    assert [len(one) for one in read if isinstance(one, bytes)] == list(range(blobs.THREADS))


def test_reading_stops_where_an_answer_would_be_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blobs, "MAX_BYTES", 1 << 20)
    provider = Provider(1)
    with pytest.raises(TooMuchError, match="more than 1 MiB; 10 of 1000 fit"):
        BlobReader().read(Data(provider, None, ""), ["100000"] * 1000)
    assert provider.reads <= 11 + 2 * blobs.THREADS


def test_an_element_that_is_not_bytes_is_an_error_of_that_element() -> None:
    good, bad = BlobReader().read(Data(Provider(1), None, ""), ["3", "x"])
    assert good == bytes(3)
    assert isinstance(bad, UnreadableError)
    assert "not bytes but 1.5" in str(bad)
