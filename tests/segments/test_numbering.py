"""Segments of several inputs: none is shared, and none is missing."""

from __future__ import annotations

import numpy as np

from tb_attribution_plugin import Probe, segments
from tests.segments.facts import have_no_holes


def test_inputs_are_numbered_one_after_the_other_in_each_example() -> None:
    rows = segments.tokens([["a", "b", ""], ["c", "", ""]])
    table = segments.columns(np.zeros((2, 2)))
    found = segments.together({"text": rows, "table": table})
    assert found["text"].tolist() == [[0, 1, -1], [0, -1, -1]]
    assert found["table"].tolist() == [[2, 3], [1, 2]]  # after those that the example has
    assert have_no_holes(np.concatenate(list(found.values()), 1))
    inputs = {"text": np.array([[5, 6, 0], [7, 0, 0]]), "table": np.zeros((2, 2), np.float32)}
    assert Probe(inputs, segments=found).segments["table"].tolist() == [[2, 3], [1, 2]]


def test_a_list_stays_a_list_and_one_array_is_itself() -> None:
    a, b = segments.together([segments.columns(np.zeros((2, 2))), segments.windows(np.zeros((2, 6)), 3)])
    assert (a.tolist(), b.tolist()) == ([[0, 1]], [[2, 2, 3, 3, 4, 4]])
    assert segments.together(a).tolist() == [[0, 1]]
