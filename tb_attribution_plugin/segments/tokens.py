"""Tokens of texts, one by one, in words or in sentences."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import numpy as np

from tb_attribution_plugin.segments.arguments import Ids

Rows = Sequence[Sequence[str]]
Begins = Callable[[str, str], bool]  # token before, token -> whether it begins another segment

# What tokenizers add to a text. An unknown word is a word, and so is a masked one.
_ADDED = re.compile(
    r"\[(CLS|SEP|PAD|BOS|EOS|START|END)\]|</?s>|<(pad|bos|eos|start|end)>"
    r"|<\|(startof|endof|begin_of_|end_of_)text\|>"
)
# Of a text; the space before a word as SentencePiece writes it; space and line break as byte-level BPE does.
_SPACES = " \t\r\n\f\v" + "▁ĠĊ"
_CLOSING = "\"'”’»)]}"
_ENDS = (".", "!", "?", "…")


def tokens(rows: Rows, length: int | None = None) -> Ids:
    """One segment for each token.

    Args:
      rows: B lists of the strings of tokens; "" is padding.
      length: positions of the model, where it has others than the longest row: -1 fills shorter rows, and tokens
        behind the last position, which the model does not see, are left out.

    Returns:
      int32 [B, T]; -1 at padding and at special tokens as [CLS], which always stay as they are.

    Raises:
      ValueError: a text without any token.
    """
    return _numbered(rows, length, lambda before, token: True)


def words(rows: Rows, length: int | None = None) -> Ids:
    """One segment for each word, which may be several tokens; see `tokens`.

    A word begins where white space does: in the strings themselves, as `pieces` gives them, or as tokenizers mark it
    ("##" before what continues a word; "Ġ" or "▁" where one begins). Strings without any of these are words.
    """
    return _numbered(rows, length, _word_begins(rows))


def sentences(rows: Rows, length: int | None = None) -> Ids:
    """One segment for each sentence; see `tokens` and `words`.

    A sentence ends at a word that ends with a full stop, a question or an exclamation mark, at an empty line, and at a
    special token. Abbreviations are taken for ends.
    """
    begins = _word_begins(rows)
    return _filled(rows, length, [_sentences(row, _groups(row, begins)) for row in rows])


def is_added(token: str) -> bool:
    """Whether it is padding or special, and so in no segment."""
    return token == "" or _ADDED.fullmatch(token) is not None


def _sentences(row: Sequence[str], words: Sequence[int]) -> list[int]:
    found: list[int] = []
    number, read = -1, ""  # what was read of this sentence
    for token, word, before in zip(row, words, [-1, *words], strict=False):
        if word < 0:
            read = ""
        elif word != before and _is_over(read, token):
            number, read = number + 1, ""
        read += token if word >= 0 else ""
        found.append(number if word >= 0 else -1)
    return found


def _is_over(read: str, following: str) -> bool:
    text = read.rstrip(_SPACES)
    gap = read[len(text) :] + following[: len(following) - len(following.lstrip(_SPACES))]
    is_empty_line = gap.count("\n") + gap.count("Ċ") > 1
    closes = not following.strip(_CLOSING + _SPACES)
    return not read or is_empty_line or (text.rstrip(_CLOSING + _SPACES).endswith(_ENDS) and not closes)


def _numbered(rows: Rows, length: int | None, begins: Begins) -> Ids:
    return _filled(rows, length, [_groups(row, begins) for row in rows])


def _groups(row: Sequence[str], begins: Begins) -> list[int]:
    found: list[int] = []
    number, before = -1, ""
    for token in row:
        if is_added(token):
            before = ""
            found.append(-1)
            continue
        number += before == "" or begins(before, token)
        before = token
        found.append(number)
    return found


def _filled(rows: Rows, length: int | None, found: Sequence[Sequence[int]]) -> Ids:
    if any(isinstance(row, str) for row in rows):
        raise TypeError(
            "rows must be B lists of the strings of tokens; tba.segments.pieces(texts) cuts texts into them"
        )
    width = max(map(len, found), default=0) if length is None else length
    ids = np.full((len(found), width), -1, np.int32)
    for example, row in enumerate(found):
        ids[example, : len(row)] = row[:width]
        if not (ids[example] >= 0).any():
            raise ValueError(
                f"text {example} has no token, or special ones alone: {list(rows[example])[:8]}; leave this example out"
            )
    return ids


def _word_begins(rows: Rows) -> Begins:
    every = [token for row in rows for token in row if not is_added(token)]
    if any(not set(token).isdisjoint(_SPACES) for token in every):
        return lambda before, token: token.strip(_SPACES) != "" and (before[-1] in _SPACES or token[0] in _SPACES)
    if any(token.startswith("##") for token in every):
        return lambda before, token: not token.startswith("##")
    return lambda before, token: True
