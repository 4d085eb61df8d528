"""Rectangles, equal within one pixel."""

from __future__ import annotations

import numpy as np
import pytest

from tb_attribution_plugin import segments


def test_rectangles_are_numbered_row_by_row() -> None:
    assert (
        segments.grid(np.zeros((3, 4, 6, 3)), 2)[0, ..., 0].tolist()
        == [[0, 0, 0, 1, 1, 1]] * 2 + [[2, 2, 2, 3, 3, 3]] * 2
    )
    assert segments.grid(np.zeros((3, 2, 3)), (1, 3)).tolist() == [[[0, 1, 2]] * 2]


def test_sides_are_equal_within_one() -> None:
    ids = segments.grid(np.zeros((1, 29, 31, 1)), (4, 7))[0, ..., 0]
    assert np.unique(np.bincount(ids.ravel())).tolist() == [7 * 4, 8 * 4, 7 * 5, 8 * 5]
    assert ids.max() == 27


def test_volumes_are_cut_along_the_axes_that_are_named() -> None:
    ids = segments.grid(np.zeros((2, 4, 4, 6, 5)), (2, 1, 3))
    assert ids.shape == (1, 4, 4, 6, 1)
    assert np.bincount(ids.ravel()).tolist() == [2 * 4 * 2] * 6
    assert ids[0, 3, 0, 5, 0] == 5


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        (9, "axis 1 has 8, got 9"),
        ((2, 2, 2, 2), r"\(2, 2, 2, 2\) names 4 axes, but images have \[8, 8, 3\]"),
        (1, "1 make a single segment"),
        ((2, 0), "axis 2 has 8, got 0"),
        ((), "names 0 axes"),
    ],
)
def test_cells_that_do_not_fit_are_refused(cells: object, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        segments.grid(np.zeros((1, 8, 8, 3)), cells)
