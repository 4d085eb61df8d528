"""Seeded mutations of the golden files: the same bytes in Python and TypeScript (frontend/test/data/mutants.ts).

Mutant k of a golden file starts a mulberry32 at crc32(name) + k * 0x9E3779B9 (modulo 2^32) and draws from it: whether
the envelope is made right again (7 of 8 times; else every mutant would end at its checksum), then one to three of the
changes below. Half of the places are among the first 48 bytes, where the sizes are.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence

MAGIC = b"TBA1"
HEADER = 8
_MASK = 0xFFFFFFFF
_SETS = (0x00, 0xFF, 0x7F, 0x80)
_NUMBERS = (b"\xff" * 4 + b"\x0f", b"\xff" * 9 + b"\x01")  # 2^32 - 1 and 2^64 - 1


class Random:
    """mulberry32: 32 bits of state, the same in every language."""

    def __init__(self, seed: int) -> None:
        self._state = seed & _MASK

    def below(self, limit: int) -> int:
        self._state = (self._state + 0x6D2B79F5) & _MASK
        a = self._state
        t = (a ^ a >> 15) * (a | 1) & _MASK
        t ^= (t + ((t ^ t >> 7) * (t | 61) & _MASK)) & _MASK
        return (t ^ t >> 14) % limit

    def place(self, size: int) -> int:
        return self.below(size) if self.below(2) else self.below(min(size, 48))


def mutants(name: str, data: bytes, others: Sequence[bytes], number: int, start: int = 0) -> Iterator[bytes]:
    """Mutants `start` .. `start + number - 1` of the file `name`.

    Args:
      data: the file. One with an envelope begins with `MAGIC` or is called corrupt.
      others: what may be spliced onto it.
    """
    seed = zlib.crc32(name.encode())
    enveloped = len(data) >= HEADER and (data[:4] == MAGIC or name.startswith("corrupt"))
    for k in range(start, start + number):
        random = Random(seed + k * 0x9E3779B9)
        if enveloped and random.below(8):
            body = changed(data[HEADER:], others, random)
            yield MAGIC + zlib.crc32(body).to_bytes(4, "little") + body
        else:
            yield changed(data, others, random)


def changed(data: bytes, others: Sequence[bytes], random: Random) -> bytes:
    for _ in range(1 + random.below(3)):
        data = _change(data, others, random)
    return data


def _change(data: bytes, others: Sequence[bytes], random: Random) -> bytes:
    # Two of three keep every byte in its place, so that what lies behind the lengths is reached.
    kind = random.below(18) if data else 12
    at = random.place(len(data)) if data else 0
    if kind < 4:
        return _put(data, at, data[at] ^ 1 << random.below(8))
    if kind < 7:
        return _put(data, at, _SETS[random.below(4)])
    if kind < 10:
        return _put(data, at, random.below(16))
    if kind < 11:
        swapped, other = bytearray(data), random.place(len(data))
        for i in range(min(1 + random.below(8), len(data) - max(at, other))):
            swapped[at + i], swapped[other + i] = swapped[other + i], swapped[at + i]
        return bytes(swapped)
    if kind < 12:
        return data[:at]
    if kind < 13:
        return data[:at] + bytes(random.below(256) for _ in range(1 + random.below(8))) + data[at:]
    if kind < 14:
        return data[: at + 1 + random.below(16)] + data[at:]
    if kind < 15:
        return data[:at] + data[at + 1 + random.below(16) :]
    if kind < 16:
        return data[:at] + _NUMBERS[random.below(2)] + data[at + 1 :]
    other_data = others[random.below(len(others))]
    return data[:at] + other_data[random.below(len(other_data) + 1) :]


def _put(data: bytes, at: int, byte: int) -> bytes:
    return data[:at] + bytes([byte]) + data[at + 1 :]
