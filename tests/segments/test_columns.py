"""Columns, and groups of them that are named."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.datasets import load_diabetes

from tb_attribution_plugin import segments

DATA = load_diabetes()
X, NAMES = DATA.data[:4], DATA.feature_names  # age sex bmi bp s1 .. s6


def test_each_column_is_a_segment() -> None:
    assert segments.columns(X).tolist() == [list(range(10))]


def test_columns_of_a_group_share_one_and_the_others_stay_alone() -> None:
    by_name = segments.columns(X, {"blood": ["s1", "s2", "s3"], "body": ["bmi", "bp"]}, NAMES)
    assert by_name.tolist() == [[0, 1, 2, 2, 3, 3, 3, 4, 5, 6]]
    by_number = segments.columns(X, {"body": [3, 2], "blood": range(4, 7)})
    assert by_number.tolist() == by_name.tolist()


def test_columns_of_a_group_need_not_be_neighbours() -> None:
    assert segments.columns(X[:, :4], {"a": [0, 2], "b": (1, 3)}).tolist() == [[0, 1, 0, 1]]


@pytest.mark.parametrize(
    ("groups", "names", "words"),
    [
        ({"blood": ["s7"]}, NAMES, r"group 'blood' holds 's7', which is no column; names are \['age', 'sex'"),
        ({"blood": ["s1"]}, None, "group 'blood' holds the name 's1'; give names="),
        ({"a": [10]}, None, "group 'a' holds 10; columns are names or numbers from 0 to 9"),
        ({"a": [0, 1], "b": [1]}, None, "column 1 is in the groups 'a' and 'b'"),
        ({"a": [0, 0, 1]}, None, r"group 'a' holds a column twice: \[0, 0, 1\]"),
        ({"a": ["p"]}, ["p", "p", *NAMES[2:]], "group 'a' holds 'p', which is the name of several columns"),
        ({"a": []}, None, r"group 'a' must be a list of one column or more; got \[\]"),
        ({"a": "s1"}, NAMES, "group 'a' must be a list of one column or more; got 's1'"),
        ({"a": range(10)}, None, "group 'a' holds all 10 columns; a single segment has nothing beside it"),
        (None, NAMES[:3], "names has 3 entries, but the table has 10 columns"),
    ],
)
def test_groups_that_do_not_fit_are_refused(groups: object, names: object, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        segments.columns(X, groups, names)


def test_what_is_no_table_is_refused() -> None:
    with pytest.raises(ValueError, match=r"table must be \[B, F\]"):
        segments.columns(np.zeros((2, 3, 4)))
