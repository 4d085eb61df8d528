"""Colours, numbers and words that the page computes too: frontend/test/math/golden.test.ts reads the same file."""

from __future__ import annotations

import json

import pytest

from tests.golden import make_drawing

WANTED = json.loads(make_drawing.FILE.read_text())
FOUND = json.loads(json.dumps(make_drawing.content()))


@pytest.mark.parametrize("part", sorted(WANTED))
def test_the_arithmetic_gives_the_golden_numbers(part):
    if part == "histograms":  # powers of two with a fraction may differ in their last bit between two libraries
        for found, wanted in zip(FOUND[part], WANTED[part], strict=True):
            assert found["counts"] == wanted["counts"]
            for key in ("quantiles", "clipped"):
                assert found[key] == pytest.approx(wanted[key], rel=1e-14)
    else:
        assert FOUND[part] == WANTED[part]


def test_the_file_has_no_part_that_is_not_made():
    assert set(WANTED) == set(FOUND)
