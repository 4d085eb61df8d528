"""Error bounds of the companded codes."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tb_attribution_plugin.wire import attribution_pb2 as pb
from tb_attribution_plugin.wire.blob import CorruptBlobError
from tb_attribution_plugin.wire.companding import compand, expand
from tests.wire.float_maps import maps

TINY = np.float32(1e-45)  # float32's smallest number above zero


def companded(scores: np.ndarray) -> tuple[np.ndarray, pb.Companding]:
    """Of one map."""
    codes, (rule,) = compand(scores[None])
    return codes[0], rule


def worst(scores: np.ndarray) -> None:
    """The bound of docs/wire.md, with float32 rounding of the table."""
    codes, rule = companded(scores)
    back = expand(codes, rule).astype(np.float64)
    finite = np.isfinite(scores)
    assert np.isnan(back[~finite]).all()
    assert np.isfinite(back[finite]).all()
    exact = scores[finite].astype(np.float64)
    magnitude, error = np.abs(exact), np.abs(back[finite] - exact)
    rounding = 2e-7 * magnitude + float(TINY)
    peak = float(magnitude.max(initial=0.0))
    if peak <= rule.knee or rule.knee_code == 127:
        assert (error <= peak / 254 + rounding).all()
        return
    linear = magnitude <= rule.knee
    assert (error[linear] <= rule.knee / 128 + rounding[linear]).all()
    relative = (rule.peak / rule.knee) ** (1 / 126) - 1
    assert (error[~linear] <= magnitude[~linear] * relative * (1 + 1e-6) + rounding[~linear]).all()


@pytest.mark.parametrize("name", maps())
def test_companding_keeps_its_bound(name):
    worst(maps()[name])


@pytest.mark.parametrize("seed", range(50))
def test_companding_keeps_its_bound_on_random_maps(seed):
    rng = np.random.default_rng(seed)
    power = rng.uniform(0.2, 9.0)
    scale = 10.0 ** rng.uniform(-37, 30)
    with np.errstate(over="ignore", under="ignore"):
        scores = (rng.standard_normal(rng.integers(1, 3000)) ** 1 * 1.0).astype(np.float64)
        scores = (np.sign(scores) * np.abs(scores) ** power * scale).astype(np.float32)
    scores[rng.random(scores.size) < rng.uniform(0, 0.5)] = 0.0
    scores[rng.random(scores.size) < 0.01] = np.nan
    worst(scores)


@pytest.mark.parametrize("name", maps())
def test_zero_stays_zero_signs_stay_and_order_is_kept(name):
    scores = maps()[name]
    finite = np.isfinite(scores)
    codes, rule = companded(scores)
    back = expand(codes, rule)[finite]
    assert (back[scores[finite] == 0] == 0).all()
    assert (back * np.sign(scores[finite]) >= 0).all()
    order = np.argsort(scores[finite], kind="stable")
    assert (np.diff(codes[finite][order].astype(int)) >= 0).all()


@pytest.mark.parametrize("name", maps())
def test_the_peak_is_read_back_as_it_was(name):
    scores = maps()[name]
    values = np.abs(scores[np.isfinite(scores)])
    np.testing.assert_allclose(np.nanmax(np.abs(expand(*companded(scores)))), values.max(), rtol=2e-7)


def test_the_knee_is_the_99th_percentile():
    scores = np.sin(np.arange(1, 2001)).astype(np.float32) ** 5
    _, rule = companded(scores)
    assert rule.knee == np.float32(np.percentile(np.abs(scores).astype(np.float64), 99))
    assert (rule.knee_code, rule.peak) == (64, np.abs(scores).max())


def test_all_zero_and_all_nan_maps():
    for value, want in ((0.0, 0), (np.nan, -128), (np.inf, -128)):
        codes, rule = companded(np.full((2, 3), value, np.float32))
        assert codes.tolist() == [[want] * 3] * 2
        assert (rule.knee, rule.peak, rule.knee_code) == (1.0, 1.0, 127)


def test_a_map_with_a_tail_by_hand():
    # 99 ones and a 16: the 99th percentile is 1 + 0.01 * 15 = 1.15.
    scores = np.ones(100, np.float32)
    scores[0] = 16.0
    codes, rule = companded(scores)
    assert math.isclose(rule.knee, 1.15, rel_tol=1e-6)
    assert codes[0] == 127
    assert codes[1] == round(64 / 1.15)


def test_codes_are_rounded_in_float64():
    """Whatever a NumPy makes of a float32 array times a number: the same map has the same bytes everywhere."""
    peak = np.float32(0.97)
    halves = ((np.arange(127) + 0.5) * float(peak) / 127).astype(np.float32)
    near = np.concatenate([halves + np.float32(ulps) * np.spacing(halves) for ulps in (-2, -1, 0, 1, 2)])
    codes, rule = companded(np.concatenate([np.full(500, peak), near]))
    assert (rule.knee, rule.knee_code) == (peak, 127)
    assert codes[500:].tolist() == [round(value * (127 / rule.knee)) for value in near.tolist()]


@pytest.mark.parametrize(
    "rule",
    [
        {"knee": 1.0, "peak": 2.0, "knee_code": 0},
        {"knee": 1.0, "peak": 2.0, "knee_code": 128},
        {"knee": 2.0, "peak": 1.0, "knee_code": 64},
        {"knee": -1.0, "peak": 1.0, "knee_code": 64},
        {"knee": math.nan, "peak": 1.0, "knee_code": 64},
        {"knee": 1.0, "peak": math.inf, "knee_code": 64},
    ],
)
def test_rules_that_mean_nothing_are_refused(rule):
    with pytest.raises(CorruptBlobError, match="companding rule"):
        expand(np.zeros(1, np.int8), pb.Companding(**rule))


def test_every_code_has_the_value_of_the_rule_and_its_sign():
    codes = np.arange(-128, 128).astype(np.int8)
    values = expand(codes, pb.Companding(knee=2.0, peak=32.0, knee_code=63))
    assert np.isnan(values[0])
    np.testing.assert_array_equal(values[1:128], -values[:128:-1])  # codes -127 .. -1 and 127 .. 1
    assert values[128 + 63] == 2.0
    assert values[-1] == 32.0
    assert values[128 + 95] == 8.0  # half way from 2 to 32


def test_maps_of_one_call_are_companded_as_if_alone():
    together = np.stack([row for row in maps().values() if row.size == 900])
    codes, rules = compand(together.reshape(-1, 30, 30))
    for one, code, rule in zip(together, codes, rules, strict=True):
        alone = companded(one)
        np.testing.assert_array_equal(code.ravel(), alone[0])
        assert rule == alone[1]
