"""Texts cut into the strings of their tokens, white space kept."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from tb_attribution_plugin.probe.arrays import to_array

# White space and punctuation as Keras's TextVectorization has them: those of ASCII.
_WORD = re.compile(r"\s*\S+\s*", re.ASCII)
_NO_WORD = re.compile(r"[\s!-/:-@\[-`{-~]+", re.ASCII)


def pieces(texts: Any, offsets: Any = None) -> list[list[str]]:
    """The text of each token, with the white space around it: joined, they are the text again.

    `Probe(tokens=tba.segments.pieces(texts))` shows them, and `words` and `sentences` group them.

    Args:
      texts: B strings.
      offsets: first and last + 1 character of each token as the tokenizer has them, [B, T, 2] or B lists of pairs.
        Special tokens and padding have none, as in (0, 0), and become "". None cuts as Keras's TextVectorization does
        unless it is told otherwise: at white space, where what is punctuation alone is no token and stays with the
        word before it.

    Returns:
      B lists. What a tokenizer dropped within a text goes with the token before it; what lies behind the last token, as
      where it cuts long texts, is left out. Tokens that share a character, as bytes of one do, all have it.

    Raises:
      ValueError: offsets that do not fit the text; a text without any token.
    """
    rows = to_array(texts, "texts")
    if rows.dtype.kind != "U" or rows.ndim not in (1, 2) or rows.size != len(rows):
        raise ValueError(f"texts must be B strings; got {rows.dtype} of shape {list(rows.shape)}")
    strings = rows.ravel().tolist()
    if offsets is not None and len(offsets) != len(strings):
        raise ValueError(f"offsets has {len(offsets)} rows, but there are {len(strings)} texts")
    found = [_words(text) for text in strings] if offsets is None else list(map(_spans, strings, offsets))
    for example, row in enumerate(found):
        if not any(row):
            raise ValueError(f"text {example} has no token: {strings[example][:80]!r}; leave this example out")
    return found


def _words(text: str) -> list[str]:
    found: list[str] = []
    before = ""
    for piece in _WORD.findall(text):
        if not _NO_WORD.fullmatch(piece):
            found.append(before + piece)
            before = ""
        elif found:
            found[-1] += piece
        else:
            before += piece
    return found


def _spans(text: str, offsets: Sequence[Sequence[int]]) -> list[str]:
    pairs = np.asarray(offsets, np.int64).reshape(-1, 2).tolist()
    real = [place for place, (start, end) in enumerate(pairs) if end > start]
    found = [""] * len(pairs)
    before = 0
    for place, following in zip(real, [*real[1:], None], strict=False):
        start, end = pairs[place]
        if start < before or end > len(text):
            raise ValueError(
                f"offsets of a token are ({start}, {end}), but they must ascend from {before} and end within the "
                f"{len(text)} characters of {text[:40]!r}; byte offsets are others where a letter takes several bytes"
            )
        white = len(text) - len(text[end:].lstrip())
        until = white if following is None else max(end, pairs[following][0])
        found[place] = text[0 if place == real[0] else start : until]
        before = start
    return found
