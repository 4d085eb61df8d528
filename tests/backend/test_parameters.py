from __future__ import annotations

import pytest

from tb_attribution_plugin.backend.errors import BadParameterError
from tb_attribution_plugin.backend.parameters import Parameters

KNOWN = ("run", "steps", "format")


def test_values_are_read_as_what_they_are() -> None:
    given = Parameters({"run": "a/b", "steps": "3,1,999999999999999999"}, KNOWN)
    assert given.text("run") == "a/b"
    assert given.integers("steps") == [3, 1, 999_999_999_999_999_999]
    assert Parameters({"run": ""}, KNOWN).text("run") == ""


def test_an_optional_list_is_none_when_it_is_not_given() -> None:
    assert Parameters({}, KNOWN).optional_integers("steps") is None
    assert Parameters({"steps": "7"}, KNOWN).optional_integers("steps") == [7]


@pytest.mark.parametrize("text", ["", "1,", " 1", "+1", "-1", "1.0", "0x1", "٣", "1" * 19, "1;2", "nan"])
def test_only_whole_numbers_that_tensorboard_can_hold_pass(text: str) -> None:
    with pytest.raises(BadParameterError, match="is not a whole number from 0 on"):
        Parameters({"steps": text}, KNOWN).integers("steps")


def test_an_unknown_parameter_is_refused_with_the_known_ones() -> None:
    with pytest.raises(BadParameterError, match="unknown parameter 'step'") as caught:
        Parameters({"step": "1"}, KNOWN)
    assert caught.value.hint == "this address takes run, steps, format"
