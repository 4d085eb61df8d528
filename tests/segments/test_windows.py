"""Windows of series, equal within one."""

from __future__ import annotations

import numpy as np
import pytest

from tb_attribution_plugin import segments


@pytest.mark.parametrize("shape", [(5, 150, 6), (5, 150)])
def test_windows_are_of_all_channels_and_equal_within_one(shape: tuple[int, ...]) -> None:
    ids = segments.windows(np.zeros(shape))
    assert ids.shape == (1, 150, 1)[: len(shape)]
    assert (np.diff(ids.ravel()) >= 0).all()
    assert np.unique(np.bincount(ids.ravel()), return_counts=True)[0].tolist() == [9, 10]
    assert ids.max() == 15


def test_a_window_has_a_time_and_something_beside_it() -> None:
    assert segments.windows(np.zeros((1, 3)), 3).tolist() == [[0, 1, 2]]
    for count in (1, 4, True, 2.0):
        with pytest.raises(ValueError, match=r"from 2 to 3 \(the times of a series\)"):
            segments.windows(np.zeros((1, 3)), count)
    with pytest.raises(ValueError, match=r"series must be \[B, T, C\] or \[B, T\].*; got shape \[3\]"):
        segments.windows(np.zeros(3))
