"""Parameters as words: the same for the same configuration, whatever process it is in."""

from __future__ import annotations

import numpy as np
import pytest

from tb_attribution_plugin.logging.description import Storage, describe, written_out
from tb_attribution_plugin.probe import Probe
from tb_attribution_plugin.wire import attribution_pb2 as pb


def word(value: object) -> str:
    series = describe(
        "m",
        Probe([[1.0]]),
        Storage(112, False, pb.CODE_FLOAT32),
        method="M",
        signed=True,
        target="",
        scalar="value",
        parameters={"p": value},
        class_sensitive=True,
        weight_sensitive=True,
        error_kind="none",
        additive=False,
        cam=False,
        units=False,
        per_place=False,
        computed_with=None,
    )
    return series.parameters[0].value


@pytest.mark.parametrize(
    ("value", "text"),
    [(16, "16"), ("auto", "'auto'"), (None, "None"), (0.15, "0.15"), ((3, 4), "(3, 4)"), (True, "True")],
)
def test_values_are_written_as_in_python(value, text):
    assert word(value) == text


def test_arrays_are_told_apart_by_their_content():
    a, b = np.zeros((3, 4)), np.ones((3, 4))
    assert word(a) == word(np.asfortranarray(a)) != word(b)
    assert word(a).startswith("array[3, 4] #")


def test_objects_have_no_address():
    class Baseline:
        pass

    assert word(Baseline()) == word(Baseline())
    assert " at 0x" not in word(lambda x: x)


def test_long_texts_are_cut_and_still_told_apart():
    a, b = list(range(1000)), [*range(999), 0]
    assert word(a)[:200] == word(b)[:200] == repr(a)[:200]
    assert word(a) != word(b)
    assert len(word(a)) < 220


@pytest.mark.parametrize("value", [16, "auto", "x" * 300, np.arange(3)], ids=str)
def test_what_another_process_wrote_out_is_logged_as_it_is(value):
    assert word(written_out({"p": value})["p"]) == word(value)
