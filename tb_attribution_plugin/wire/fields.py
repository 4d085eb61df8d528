"""Whether bytes are the fields of a message, before a protobuf library makes objects of them.

Libraries differ in what they make of bytes that no writer wrote (a field of another wire type, a message that goes on
behind the one around it), and two bytes can become an object of some hundred. So one rule, stated in docs/wire.md,
refuses them first; frontend/src/data/fields.ts is the same for the page.
"""

from __future__ import annotations

import functools
from typing import cast

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

# A text probe of 1,000 examples has half as many fields, an atlas of 65,536 companded maps a quarter as many messages.
MAX_FIELDS = 1 << 20
MAX_MESSAGES = 1 << 18
_VARINT, _EIGHT, _LENGTH, _FOUR = 0, 1, 2, 5
_WIDTHS = {_EIGHT: 8, _FOUR: 4}
_WIRE_TYPES = {
    FieldDescriptor.TYPE_DOUBLE: _EIGHT,
    FieldDescriptor.TYPE_FLOAT: _FOUR,
    FieldDescriptor.TYPE_STRING: _LENGTH,
    FieldDescriptor.TYPE_BYTES: _LENGTH,
    FieldDescriptor.TYPE_MESSAGE: _LENGTH,
}
_LONGEST = 10  # bytes of a number
_LONGEST_HEAD = 5  # of a tag or a length


class MalformedError(ValueError):
    """The bytes are no such message, or one of more fields than can be read."""


def check(body: bytes, message_type: type[Message]) -> None:
    """Refuses `body` unless it is well-formed as a `message_type`. Fields that the .proto does not know are skipped.

    Raises:
      MalformedError: says what and where.
    """
    _Walk(body).message(0, len(body), cast(Descriptor, message_type.DESCRIPTOR))


class _Walk:
    def __init__(self, body: bytes) -> None:
        self._body = body
        self._fields = 0
        self._messages = 0

    def message(self, at: int, end: int, kind: Descriptor) -> None:
        self._messages += 1
        if self._messages > MAX_MESSAGES:
            raise MalformedError(f"more than {MAX_MESSAGES} messages")
        known = _known(kind)
        while at < end:
            start = at
            tag, at = self._number(at, end, _LONGEST_HEAD)
            number, wire_type = tag >> 3, tag & 7
            self._count()
            expected, packable, inner = known.get(number, (wire_type, False, None))
            packed = packable and wire_type == _LENGTH
            if not 0 < number < 1 << 29 or (wire_type != expected and not packed):
                raise MalformedError(f"{kind.name} has no field {number} of wire type {wire_type} (byte {start})")
            if wire_type == _VARINT:
                _, at = self._number(at, end, _LONGEST)
                continue
            if wire_type == _LENGTH:
                size, at = self._number(at, end, _LONGEST_HEAD)
            elif wire_type in _WIDTHS:
                size = _WIDTHS[wire_type]
            else:
                raise MalformedError(f"unknown wire type {wire_type} (byte {start})")
            if size > end - at:
                raise MalformedError(f"field {number} of {kind.name} goes on behind its end (byte {start})")
            if inner is not None:
                self.message(at, at + size, inner)
            elif packed:
                self._packed(at, at + size, expected)
            at += size

    def _packed(self, at: int, end: int, wire_type: int) -> None:
        if wire_type != _VARINT:
            if (end - at) % _WIDTHS[wire_type]:
                raise MalformedError(f"{end - at} bytes of {_WIDTHS[wire_type]}-byte numbers (byte {at})")
            return
        while at < end:
            self._count()
            _, at = self._number(at, end, _LONGEST)

    def _count(self) -> None:
        self._fields += 1
        if self._fields > MAX_FIELDS:
            raise MalformedError(f"more than {MAX_FIELDS} fields")

    def _number(self, at: int, end: int, longest: int) -> tuple[int, int]:
        """The varint at `at`, below 2^64, and where it ends."""
        value = 0
        for place in range(min(longest, end - at)):
            byte = self._body[at + place]
            value |= (byte & 0x7F) << 7 * place
            if byte < 0x80:
                if value >> 64:
                    break
                return value, at + place + 1
        raise MalformedError(f"no number (byte {at})")


@functools.cache
def _known(kind: Descriptor) -> dict[int, tuple[int, bool, Descriptor | None]]:
    """By field number: wire type, whether it may be packed, and the message inside."""
    return {field.number: _field(field) for field in kind.fields}


def _field(field: FieldDescriptor) -> tuple[int, bool, Descriptor | None]:
    wire_type = _WIRE_TYPES.get(field.type, _VARINT)
    repeated = isinstance(field.default_value, list)
    return wire_type, repeated and wire_type != _LENGTH, field.message_type
