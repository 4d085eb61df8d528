"""Tokens, words and sentences of texts; what a tokenizer adds is in none of them."""

from __future__ import annotations

import re

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes, load_wine

from tb_attribution_plugin import Probe, segments
from tests.segments.facts import have_no_holes

TEXTS = [load().DESCR for load in (load_breast_cancer, load_diabetes, load_wine)]
BERT = [["[CLS]", "un", "##believ", "##able", "film", "!", "[SEP]", "[PAD]"], ["[CLS]", "[UNK]", "[SEP]"]]


class SubWords:
    """What a tokenizer of KerasHub offers, and where its tokens lie: at most 4 letters each, [CLS] before them."""

    def __init__(self, texts: list[str], length: int) -> None:
        found = {one for text in texts for one in re.findall(self._PATTERN, text)}
        self._strings = ["[PAD]", "[CLS]", *sorted(found)]
        self._length = length

    _PATTERN = r"\w{1,4}|[^\w\s]"

    def __call__(self, texts: list[str]) -> np.ndarray:
        ids = np.zeros((len(texts), self._length), np.int32)
        for row, text in zip(ids, texts, strict=True):
            found = [1, *map(self._strings.index, re.findall(self._PATTERN, text))][: self._length]
            row[: len(found)] = found
        return ids

    def id_to_token(self, number: int) -> str:
        return self._strings[number]

    def offsets(self, texts: list[str]) -> list[list[tuple[int, int]]]:
        return [[(0, 0), *(one.span() for one in re.finditer(self._PATTERN, text))][: self._length] for text in texts]


def test_each_token_is_a_segment_but_those_that_were_added() -> None:
    ids = segments.tokens(BERT)
    assert ids.tolist() == [[-1, 0, 1, 2, 3, 4, -1, -1], [-1, 0] + [-1] * 6]
    assert (ids.dtype, have_no_holes(ids)) == (np.int32, True)


def test_the_model_may_have_more_or_fewer_positions_than_the_longest_row() -> None:
    rows = [["a", "b", "c"], ["d"]]
    assert segments.tokens(rows, length=5).tolist() == [[0, 1, 2, -1, -1], [0, -1, -1, -1, -1]]
    assert segments.tokens(rows, length=2).tolist() == [[0, 1], [0, -1]]
    assert segments.tokens([["", "a"], ["b", "c"]]).tolist() == [[-1, 0], [0, 1]]  # padding first


@pytest.mark.parametrize(
    ("row", "ids"),
    [
        (BERT[0], [-1, 0, 0, 0, 1, 2, -1, -1]),
        (["<s>", "Un", "believ", "able", "Ġfilm", "!", "</s>"], [-1, 0, 0, 0, 1, 1, -1]),
        (["▁Un", "believ", "able", "▁film", "!"], [0, 0, 0, 1, 1]),
        (["Un", "believ", "able ", "film", "!\n", "Yes"], [0, 0, 0, 1, 1, 2]),
        (["one", " ", "two", "  ", "\n"], [0, 0, 1, 1, 1]),  # white space goes with the word before
        (["a", "film"], [0, 1]),
        (["a ", "b", "[SEP]", "c"], [0, 1, -1, 2]),
    ],
)
def test_a_word_begins_where_a_tokenizer_says_so(row: list[str], ids: list[int]) -> None:
    assert segments.words([row]).tolist() == [ids]


def test_words_of_a_text_are_what_white_space_parts() -> None:
    tokenizer = SubWords(TEXTS, 4000)
    rows = segments.pieces(TEXTS, tokenizer.offsets(TEXTS))
    ids = segments.words(rows)
    for text, row, of_row in zip(TEXTS, rows, ids, strict=True):
        words = [""] * (of_row.max() + 1)
        for token, number in zip(row, of_row.tolist(), strict=False):
            if number >= 0:
                words[number] += token
        assert "".join(words) == text
        assert [word.split() for word in words] == [[word] for word in text.split()]


def test_a_tokenizer_with_offsets_makes_a_probe_of_words() -> None:
    texts = ["Unbelievable film, really.", "No!"]
    tokenizer = SubWords(texts, 10)
    rows = segments.pieces(texts, tokenizer.offsets(texts))
    probe = Probe(tokenizer(texts), tokens=rows, segments=segments.words(rows, length=10))
    assert probe.tokens[0] == ("", "Unbe", "liev", "able ", "film", ", ", "real", "ly", ".", "")
    assert probe.segments.tolist() == [[-1, 0, 0, 0, 1, 1, 2, 2, 2, -1], [-1, 0, 0] + [-1] * 7]
    # Without offsets, the tokenizer itself names the tokens.
    named = Probe(tokenizer(texts), tokens=tokenizer).tokens
    assert named[0] == ("[CLS]", "Unbe", "liev", "able", "film", ",", "real", "ly", ".", "[PAD]")


@pytest.mark.parametrize(
    ("row", "ids"),
    [
        (["It ", "works. ", "Really? ", "Yes"], [0, 0, 1, 2]),
        (["He ", "said ", '"no." ', "Then ", "3.5 ", "more"], [0, 0, 0, 1, 1, 1]),
        (["Subject: ", "news\n\n", "Dear ", "all"], [0, 0, 1, 1]),
        (["A", "Ġfilm", ".", '"', "ĠGood", "Ċ", "Ċ", "Bye"], [0, 0, 0, 0, 1, 1, 1, 2]),
        (["[CLS]", "so", "##me", ".", "[SEP]", "no", "end", "[SEP]"], [-1, 0, 0, 0, -1, 1, 1, -1]),
        (["one ", "two ", "[SEP]", "three"], [0, 0, -1, 1]),
    ],
)
def test_a_sentence_ends_with_a_mark_an_empty_line_or_a_special_token(row: list[str], ids: list[int]) -> None:
    assert segments.sentences([row]).tolist() == [ids]


def test_sentences_are_of_whole_words() -> None:
    rows = segments.pieces(TEXTS)
    words, sentences = segments.words(rows), segments.sentences(rows)
    assert have_no_holes(sentences)
    for of_word, of_sentence in zip(words, sentences, strict=True):
        assert (np.diff(of_sentence[of_word >= 0]) >= 0).all()
        assert of_sentence.max() < of_word.max() / 4


def test_a_text_of_no_token_or_no_list_of_tokens_is_refused() -> None:
    with pytest.raises(ValueError, match=r"text 1 has no token, or special ones alone: \['\[CLS\]', ''\]"):
        segments.words([["a"], ["[CLS]", ""]])
    with pytest.raises(ValueError, match="text 0 has no token"):
        segments.tokens([["", "a"]], length=1)
    with pytest.raises(TypeError, match=r"B lists of the strings of tokens; tba.segments.pieces\(texts\) cuts"):
        segments.words(["a text", "another"])
