"""TFRecord framing: length, masked CRC-32C of the length, data, masked CRC-32C of the data."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple

from crc32c import crc32c

from tb_attribution_plugin.logging import location

_LENGTH = struct.Struct("<Q")
_CHECKSUM = struct.Struct("<I")
HEADER_SIZE = _LENGTH.size + _CHECKSUM.size
FOOTER_SIZE = _CHECKSUM.size
FRAME_SIZE = HEADER_SIZE + FOOTER_SIZE


class Record(NamedTuple):
    """One intact record and where it begins."""

    offset: int
    data: bytes


class Damage(NamedTuple):
    """A place where a file is not what a writer wrote.

    Attributes:
      rest_lost: nothing after it can be read.
      truncated: the file ends inside a record, as that of a writer that was killed.
    """

    path: str
    offset: int
    message: str
    rest_lost: bool
    truncated: bool = False

    def __str__(self) -> str:
        return f"{self.path} at byte {self.offset}: {self.message}"


def masked(data: bytes) -> int:
    """CRC-32C, rotated and shifted as the TFRecord format asks for."""
    crc = crc32c(data)
    return (((crc >> 15) | (crc << 17)) + 0xA282EAD8) & 0xFFFFFFFF


def frame(data: bytes) -> bytes:
    length = _LENGTH.pack(len(data))
    return b"".join((length, _CHECKSUM.pack(masked(length)), data, _CHECKSUM.pack(masked(data))))


def read_header(header: bytes) -> int | None:
    """Length of the data that follows; None where the checksum is wrong."""
    length = header[: _LENGTH.size]
    (expected,) = _CHECKSUM.unpack(header[_LENGTH.size : HEADER_SIZE])
    return None if masked(length) != expected else int(_LENGTH.unpack(length)[0])


def scan(path: str) -> Iterator[Record | Damage]:
    """Intact records in order, and what is broken between and after them.

    A record whose data fails its checksum is skipped; a broken length loses the rest of the file. Never allocates
    more than the file holds, whatever a length claims.
    """
    with location.opened(path) as file:
        size = location.length(file)
        offset = 0
        while offset < size:
            header = file.read(HEADER_SIZE)
            if len(header) < HEADER_SIZE:
                yield Damage(path, offset, f"truncated inside a record's header ({len(header)} bytes left)", True, True)
                return
            length = read_header(header)
            if length is None:
                yield Damage(path, offset, f"checksum of a record's length is wrong; {size - offset} bytes lost", True)
                return
            end = offset + HEADER_SIZE + length + FOOTER_SIZE
            if end > size:
                message = f"truncated: a record of {length} bytes ends at byte {end} of {size}"
                yield Damage(path, offset, message, True, True)
                return
            data = file.read(length)
            footer = file.read(FOOTER_SIZE)
            if len(footer) < FOOTER_SIZE:  # the file shrank while it was read
                yield Damage(path, offset, "truncated while it was read", True, True)
                return
            if _CHECKSUM.unpack(footer)[0] == masked(data):
                yield Record(offset, data)
            else:
                yield Damage(
                    path, offset, f"checksum of a record of {length} bytes is wrong; the record is skipped", False
                )
            offset = end


def read_at(path: str, offset: int) -> bytes:
    """Data of the record that begins at `offset`.

    Raises:
      ValueError: it is not (or no longer) intact.
    """
    with location.opened(path) as file:
        size = location.length(file)
        file.seek(offset)
        header = file.read(HEADER_SIZE)
        length = read_header(header) if len(header) == HEADER_SIZE else None
        left = size - offset
        if length is None or HEADER_SIZE + length + FOOTER_SIZE > left:
            raise ValueError(f"{path} at byte {offset}: no intact record")
        data, footer = file.read(length), file.read(FOOTER_SIZE)
    if len(footer) < FOOTER_SIZE or _CHECKSUM.unpack(footer)[0] != masked(data):
        raise ValueError(f"{path} at byte {offset}: checksum of a record of {length} bytes is wrong")
    return data
