"""Texts of any origin, for a line of a picture or for a file's name (frontend/src/math/plain_text.ts)."""

from __future__ import annotations

import unicodedata

# More characters than this fit into no line.
_LONGEST = 300
# What nobody sees and what moves others about: controls, marks of direction, and halves of characters.
_UNSEEN = {"Cc", "Cs"}
_DIRECTIONS = {"\u061c", "\u200e", "\u200f", *map(chr, range(0x202A, 0x202F)), *map(chr, range(0x2066, 0x206A))}


def one_line(text: str) -> str:
    """As one line that is read from left to right."""
    return "".join(" " if _is_unseen(character) else character for character in text[:_LONGEST])


def file_name(text: str) -> str:
    """Letters, digits, "_" and "-" alone, 1 to 80 of them: no path, and no name that a file system refuses."""
    kept = "".join(c if c.isascii() and (c.isalnum() or c in "_-") else "_" for c in text)
    return kept[:80].strip("_") or "_"


def _is_unseen(character: str) -> bool:
    return character in _DIRECTIONS or unicodedata.category(character) in _UNSEEN
