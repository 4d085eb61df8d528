"""How large the values of a map are."""

from __future__ import annotations

import numpy as np
import pytest

from tb_attribution_plugin.wire.extents import extents, percentiles_99


@pytest.mark.parametrize("count", [1, 2, 255, 256, 257, 4097, 12544])
@pytest.mark.parametrize("kind", ["heavy tail", "sparse", "rising", "constant", "periodic"])
def test_the_percentile_is_numpys_whatever_the_order(count: int, kind: str) -> None:
    random = np.random.default_rng(count)
    values = {
        "heavy tail": np.abs(random.standard_t(2, count)),
        "sparse": np.abs(random.normal(size=count)) * (random.random(count) < 0.02),
        "rising": np.sort(random.random(count)),
        "constant": np.ones(count),
        "periodic": np.sin(np.arange(count) * np.pi / 17) ** 2,  # every 17th value is 0
    }[kind].astype(np.float32)
    expected = np.percentile(values.astype(np.float64), 99)
    np.testing.assert_allclose(percentiles_99(np.stack([values, 2 * values])), [expected, 2 * expected], rtol=1e-6)


def test_extents_are_over_what_is_finite():
    nan, inf = np.nan, np.inf
    found = extents(np.array([[1.0, -2.0, 0.5], [-4.0, nan, inf], [nan, -inf, nan], [0.0, 0.0, 0.0]], np.float32))
    np.testing.assert_allclose(found.p99, [1.98, 4.0, nan, 0.0])
    assert found.peak.tolist() == [2, 4, 0, 0]
    assert found.not_finite.tolist() == [0, 2, 3, 0]


def test_maps_without_cells_have_no_percentile():
    found = extents(np.zeros((2, 0), np.float32))
    np.testing.assert_array_equal(found.p99, [np.nan, np.nan])
    assert found.peak.tolist() == found.not_finite.tolist() == [0, 0]
