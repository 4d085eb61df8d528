"""Numbers for reading."""

from __future__ import annotations

import math

import pytest

from tb_attribution_plugin.drawing.numerals import percent, probability


@pytest.mark.parametrize(
    ("share", "words"),
    [(math.inf, "inf"), (-math.inf, "\u2212inf"), (math.nan, "NaN"), (0.02, "2%"), (0.5, "50%"), (0.0005, "<0.1%")],
)
def test_a_share_that_is_not_finite_has_words_too(share, words):
    assert percent(share) == words


@pytest.mark.parametrize(
    ("p", "words"),
    [(math.inf, "?"), (-0.1, "?"), (1e30, "?"), (math.nan, "?"), (0, ".00"), (1, "1.00"), (0.81, ".81")],
)
def test_what_is_no_probability_has_words_too(p, words):
    assert probability(p) == words
