"""Strings of tokens, with the white space that a text has around them."""

from __future__ import annotations

import re

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes, load_wine

from tb_attribution_plugin import segments

# Paragraphs, lists and tables, some with a tab or two spaces between words.
TEXTS = [load().DESCR for load in (load_breast_cancer, load_diabetes, load_wine)]


def spans(text: str, pattern: str) -> list[tuple[int, int]]:
    return [one.span() for one in re.finditer(pattern, text)]


def test_the_pieces_of_a_text_are_the_text() -> None:
    for text, row in zip(TEXTS, segments.pieces(TEXTS), strict=True):
        assert "".join(row) == text
        assert all(re.search(r"\w|[^\x00-\x7f]", piece) for piece in row)  # no punctuation alone
        assert len(row) > 150


def test_punctuation_alone_stays_with_the_word_before_it() -> None:
    assert segments.pieces([" - Well ,  ...\tno!\n"]) == [[" - Well ,  ...\t", "no!\n"]]
    assert segments.pieces(np.array([["a b"], [b"c"]], object)) == [["a ", "b"], ["c"]]


def test_what_lies_between_tokens_goes_with_the_one_before() -> None:
    offsets = [spans(text, r"\w+") for text in TEXTS]  # drops all punctuation
    for text, row, pairs in zip(TEXTS, segments.pieces(TEXTS, offsets), offsets, strict=True):
        rest = text[pairs[-1][1] :]
        assert "".join(row) == text[: len(text) - len(rest.lstrip())]
        assert len(row) == len(pairs)


def test_special_tokens_and_padding_are_empty() -> None:
    text = "Unbelievable film, really."
    offsets = [(0, 0), (0, 2), (2, 8), (8, 12), (13, 17), (17, 18), (19, 25), (0, 0), (0, 0)]
    row = segments.pieces([text], [offsets])[0]
    assert row == ["", "Un", "believ", "able ", "film", ", ", "really", "", ""]
    assert segments.pieces([text], np.array([offsets])) == [row]


def test_a_text_that_the_tokenizer_cut_short_is_shown_so_far() -> None:
    assert segments.pieces(["one two three"], [[(0, 3), (4, 7)]]) == [["one ", "two "]]


def test_a_space_that_belongs_to_the_token_behind_it_stays_there() -> None:
    assert segments.pieces(["one two"], [[(0, 3), (3, 7)]]) == [["one", " two"]]


def test_tokens_that_are_bytes_of_one_character_all_have_it() -> None:
    row = segments.pieces(["a 映 b"], [[(0, 1), (2, 3), (2, 3), (2, 3), (4, 5)]])[0]
    assert row == ["a ", "映", "映", "映 ", "b"]
    assert segments.words([row]).tolist() == [[0, 1, 1, 1, 2]]


@pytest.mark.parametrize(
    ("texts", "offsets", "words"),
    [
        (["é a"], [[(0, 2), (3, 4)]], r"are \(3, 4\), .* within the 3 characters of 'é a'; byte offsets"),
        (["abc"], [[(1, 3), (0, 1)]], r"are \(0, 1\), but they must ascend from 1"),
        (["abc", "d"], [[(0, 3)]], "offsets has 1 rows, but there are 2 texts"),
        (["abc", "def"], [[(0, 3)], [(0, 0)]], "text 1 has no token: 'def'"),
        (["abc", " ?! "], None, r"text 1 has no token: ' \?! '; leave this example out"),
        ([3, 4], None, r"texts must be B strings; got int64 of shape \[2\]"),
        ([["a", "b"]], None, r"texts must be B strings; got <U1 of shape \[1, 2\]"),
    ],
)
def test_what_does_not_fit_is_refused(texts: object, offsets: object, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        segments.pieces(texts, offsets)
