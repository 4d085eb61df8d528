"""The envelope of a blob: magic, checksum, body (docs/wire.md)."""

from __future__ import annotations

import struct
import zlib
from typing import TypeVar

from google.protobuf.message import DecodeError, Message

from tb_attribution_plugin.wire import fields

MAGIC = b"TBA1"
_CHECKSUM = struct.Struct("<I")
_HEADER_SIZE = len(MAGIC) + _CHECKSUM.size

M = TypeVar("M", bound=Message)


class CorruptBlobError(ValueError):
    """A stored blob is not what a writer wrote: wrong magic, checksum, message or payload."""


def pack(message: Message) -> bytes:
    """Serialises `message` into an enveloped blob."""
    # Deterministic, because the golden files compare bytes.
    body = message.SerializeToString(deterministic=True)
    return MAGIC + _CHECKSUM.pack(zlib.crc32(body)) + body


def unpack(blob: bytes, message_type: type[M]) -> M:
    """Reads a blob back.

    Raises:
      CorruptBlobError: says what is wrong with the bytes.
    """
    if len(blob) < _HEADER_SIZE or blob[: len(MAGIC)] != MAGIC:
        raise CorruptBlobError(f"blob of {len(blob)} bytes does not start with {MAGIC!r}")
    body = blob[_HEADER_SIZE:]
    (expected,) = _CHECKSUM.unpack(blob[len(MAGIC) : _HEADER_SIZE])
    if zlib.crc32(body) != expected:
        raise CorruptBlobError(f"checksum of a blob of {len(blob)} bytes is wrong")
    return parse(body, message_type)


def parse(body: bytes, message_type: type[M]) -> M:
    """A message without envelope.

    Raises:
      CorruptBlobError: the bytes are no such message; see `fields`.
    """
    try:
        fields.check(body, message_type)
        return message_type.FromString(body)
    except (fields.MalformedError, DecodeError) as error:
        raise CorruptBlobError(f"{len(body)} bytes hold no {message_type.__name__}: {error}") from error


def inflate(payload: bytes, size: int) -> bytes:
    """Decompresses a payload that must hold exactly `size` bytes.

    Never produces more than `size + 1` bytes, whatever the payload claims.
    """
    stream = zlib.decompressobj()
    try:
        data = stream.decompress(payload, size + 1)
    except zlib.error as error:
        raise CorruptBlobError(f"payload does not inflate: {error}") from error
    if len(data) != size:
        found = f"{len(data)}" if len(data) < size else f"more than {size}"
        raise CorruptBlobError(f"payload inflates to {found} bytes, expected {size}")
    # The end carries zlib's own checksum; the browser's decompressor refuses a stream without it or with more after it.
    if not stream.eof or stream.unused_data:
        raise CorruptBlobError("payload is cut off before its end, or goes on behind it")
    return data
