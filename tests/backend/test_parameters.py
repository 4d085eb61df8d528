from __future__ import annotations

import pytest

from tb_attribution_plugin.backend.errors import BadParameterError, TooMuchError
from tb_attribution_plugin.backend.parameters import MAX_SERIES, Parameters

KNOWN = ("run", "tag", "steps", "format")


def test_values_are_read_as_what_they_are() -> None:
    given = Parameters({"run": ["a/b"], "steps": ["3,1,999999999999999999"]}, KNOWN)
    assert given.text("run") == "a/b"
    assert given.integers("steps") == [3, 1, 999_999_999_999_999_999]
    assert Parameters({"run": [""]}, KNOWN).text("run") == ""


def test_an_optional_list_is_none_when_it_is_not_given() -> None:
    assert Parameters({}, KNOWN).optional_integers("steps") is None
    assert Parameters({"steps": ["7"]}, KNOWN).optional_integers("steps") == [7]


@pytest.mark.parametrize("text", ["", "1,", " 1", "+1", "-1", "1.0", "0x1", "٣", "1" * 19, "1;2", "nan"])
def test_only_whole_numbers_that_tensorboard_can_hold_pass(text: str) -> None:
    with pytest.raises(BadParameterError, match="is not a whole number from 0 on"):
        Parameters({"steps": [text]}, KNOWN).integers("steps")


def test_an_unknown_parameter_is_refused_with_the_known_ones() -> None:
    with pytest.raises(BadParameterError, match="unknown parameter 'step'") as caught:
        Parameters({"step": ["1"]}, KNOWN)
    assert caught.value.hint == "this address takes run, tag, steps, format"


def test_the_ith_run_and_the_ith_tag_name_a_series() -> None:
    given = Parameters({"run": ["a", "b", "a"], "tag": ["x", "x", "y\t"]}, KNOWN)
    assert given.series() == [("a", "x"), ("b", "x"), ("a", "y\t")]
    with pytest.raises(BadParameterError, match="2 times run and 1 times tag"):
        Parameters({"run": ["a", "b"], "tag": ["x"]}, KNOWN).series()
    with pytest.raises(BadParameterError, match="parameter 'tag' is missing"):
        Parameters({"run": ["a"]}, KNOWN).series()


def test_more_series_than_one_answer_holds_are_refused_with_the_number() -> None:
    most = ["a"] * MAX_SERIES
    assert len(Parameters({"run": most, "tag": most}, KNOWN).series()) == MAX_SERIES
    with pytest.raises(TooMuchError, match=f"{MAX_SERIES + 1} series; one answer holds {MAX_SERIES}"):
        Parameters({"run": [*most, "a"], "tag": [*most, "a"]}, KNOWN).series()


def test_a_list_is_for_all_series_or_for_one_each() -> None:
    assert Parameters({"steps": ["1,2"]}, KNOWN).integers_of("steps", 3) == [[1, 2]] * 3
    assert Parameters({"steps": ["1,2", "3"]}, KNOWN).integers_of("steps", 2) == [[1, 2], [3]]
    with pytest.raises(BadParameterError, match="2 times steps for 3 series"):
        Parameters({"steps": ["1", "2"]}, KNOWN).integers_of("steps", 3)


def test_what_is_meant_once_is_not_taken_twice() -> None:
    with pytest.raises(BadParameterError, match="parameter 'format' is given 2 times"):
        Parameters({"format": ["npz", "csv"]}, KNOWN).choice("format", ("npz", "csv"))
