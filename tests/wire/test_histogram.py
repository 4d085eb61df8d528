"""Counts of |a| in bins of an eighth of an octave."""

from __future__ import annotations

import numpy as np
import pytest

from tb_attribution_plugin.wire.histogram import BINS, LOW_EXPONENT, PER_OCTAVE, layout, log_histogram


def counts(*values: float) -> dict[int, float]:
    """Bins that are not empty; -2 stands for zeros, -1 for what is not finite."""
    found = log_histogram(np.array(values, np.float32))
    return {int(i) - 2: float(found[i]) for i in np.flatnonzero(found)}


def test_zeros_and_nonfinite_have_places_of_their_own():
    assert counts(0.0, -0.0, np.nan, np.inf, -np.inf) == {-2: 2, -1: 3}


@pytest.mark.parametrize("exponent", [-40, -3, 0, 1, 23])
def test_a_power_of_two_opens_its_bin(exponent):
    assert counts(2.0**exponent, -(2.0**exponent)) == {(exponent - LOW_EXPONENT) * PER_OCTAVE: 2}
    below = np.nextafter(np.float32(2.0**exponent), np.float32(0))
    assert counts(below) == {max((exponent - LOW_EXPONENT) * PER_OCTAVE - 1, 0): 1}


def test_the_outer_bins_take_what_lies_beyond():
    assert counts(1e-45, 3e38) == {0: 1, BINS - 1: 1}


def test_histograms_of_parts_add_up():
    values = (np.sin(np.arange(5000)) ** 9).astype(np.float32)
    np.testing.assert_array_equal(
        log_histogram(values), log_histogram(values[:1234]) + log_histogram(values[1234:].reshape(2, -1))
    )
    assert log_histogram(values).sum() == 5000


def test_the_layout_says_where_the_bins_lie():
    found = layout("ig")
    assert (found.tag, found.low_exponent, found.per_octave, found.bins) == ("ig", -40, 8, 512)
    assert log_histogram(np.zeros(3, np.float32)).shape == (2 + found.bins,)
