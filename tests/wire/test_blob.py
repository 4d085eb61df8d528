"""The envelope: bytes that can be checked by hand."""

from __future__ import annotations

import zlib

import pytest

from tb_attribution_plugin.wire import attribution_pb2 as pb
from tb_attribution_plugin.wire.blob import CorruptBlobError, inflate, pack, unpack


def test_a_blob_is_magic_checksum_body():
    message = pb.MapBlob(parts=[pb.Part(count=3)])
    data = pack(message)
    body = message.SerializeToString()
    assert data == b"TBA1" + zlib.crc32(body).to_bytes(4, "little") + body
    assert unpack(data, pb.MapBlob) == message


def test_an_empty_message_is_eight_bytes():
    assert pack(pb.MapBlob()) == b"TBA1\0\0\0\0"
    assert unpack(b"TBA1\0\0\0\0", pb.MapBlob) == pb.MapBlob()


@pytest.mark.parametrize("position", range(13))
def test_every_flipped_bit_is_noticed(position):
    data = bytearray(pack(pb.MapBlob(parts=[pb.Part(count=3, code=1)])))
    assert len(data) >= 13
    data[position % len(data)] ^= 0x10
    with pytest.raises(CorruptBlobError):
        unpack(bytes(data), pb.MapBlob)


@pytest.mark.parametrize("length", range(8))
def test_a_blob_shorter_than_its_header_is_named(length):
    with pytest.raises(CorruptBlobError, match=f"blob of {length} bytes"):
        unpack(b"TBA1\0\0\0\0"[:length], pb.MapBlob)


def test_inflate_returns_exactly_what_was_promised():
    assert inflate(zlib.compress(b"abc"), 3) == b"abc"
    assert inflate(zlib.compress(b""), 0) == b""


@pytest.mark.parametrize(
    ("payload", "message"),
    [
        (zlib.compress(b"ab"), "inflates to 2 bytes, expected 3"),
        (zlib.compress(b"abcd"), "inflates to more than 3 bytes, expected 3"),
        (zlib.compress(bytes(1 << 24)), "inflates to more than 3 bytes, expected 3"),
        (zlib.compress(b"abc")[:-1], "cut off before its end"),
        (zlib.compress(b"abc") + b"x", "goes on behind it"),
        (zlib.compress(b"abc")[:-1] + b"\0", "does not inflate"),  # zlib's own checksum
        (b"abc", "does not inflate"),
        (b"", "inflates to 0 bytes, expected 3"),
    ],
)
def test_inflate_refuses_anything_else(payload, message):
    with pytest.raises(CorruptBlobError, match=message):
        inflate(payload, 3)
