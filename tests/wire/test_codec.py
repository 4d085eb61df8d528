"""Error bounds of the stored codes, on maps of every kind a float32 can hold."""

from __future__ import annotations

import math
import zlib

import numpy as np
import pytest

from tb_attribution_plugin.wire import attribution_pb2 as pb
from tb_attribution_plugin.wire.blob import CorruptBlobError
from tb_attribution_plugin.wire.codec import MAX_CELLS, compand, decode_part, encode_part, expand, percentile_99

TINY = np.float32(1e-45)  # float32's smallest number above zero
HUGE = np.finfo(np.float32).max


def maps() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(7)
    normal = rng.normal(size=900)
    found = {
        "normal": normal,
        "heavy tail": normal**7,
        "one peak": np.where(np.arange(900) == 400, 50.0, normal * 1e-3),
        "sparse": np.where(rng.random(900) < 0.005, normal, 0.0),
        "one value": np.where(np.arange(900) == 3, -2.0, 0.0),
        "constant": np.full(900, -0.3),
        "two levels": np.where(np.arange(900) % 2, 1.0, -1.0),
        "denormal": rng.integers(-5, 6, 900) * 1e-45,
        "denormal and one": np.where(np.arange(900) == 5, 1.0, rng.integers(-5, 6, 900) * 1e-45),
        "whole range": np.geomspace(1e-38, 1e38, 900) * np.where(np.arange(900) % 3, 1, -1),
        "largest": np.where(np.arange(900) % 2, float(HUGE), -float(HUGE)),
        "not finite": np.where(np.arange(900) % 7 == 0, np.nan, np.where(np.arange(900) % 11 == 0, np.inf, normal)),
        "few cells": np.array([3.0, -1e-3]),
        "one cell": np.array([-7.5]),
    }
    return {name: array.astype(np.float32) for name, array in found.items()}


def worst(scores: np.ndarray) -> None:
    """The bound of docs/wire.md, with float32 rounding of the table."""
    codes, rule = compand(scores)
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
    codes, rule = compand(scores)
    back = expand(codes, rule)[finite]
    assert (back[scores[finite] == 0] == 0).all()
    assert (back * np.sign(scores[finite]) >= 0).all()
    order = np.argsort(scores[finite], kind="stable")
    assert (np.diff(codes[finite][order].astype(int)) >= 0).all()


@pytest.mark.parametrize("name", maps())
def test_the_peak_is_read_back_as_it_was(name):
    scores = maps()[name]
    values = np.abs(scores[np.isfinite(scores)])
    np.testing.assert_allclose(np.nanmax(np.abs(expand(*compand(scores)))), values.max(), rtol=2e-7)


def test_the_knee_is_the_99th_percentile():
    scores = np.sin(np.arange(1, 2001)).astype(np.float32) ** 5
    _, rule = compand(scores)
    assert rule.knee == np.float32(np.percentile(np.abs(scores).astype(np.float64), 99))
    assert (rule.knee_code, rule.peak) == (64, np.abs(scores).max())


def test_all_zero_and_all_nan_maps():
    for value, want in ((0.0, 0), (np.nan, -128), (np.inf, -128)):
        codes, rule = compand(np.full((2, 3), value, np.float32))
        assert codes.tolist() == [[want] * 3] * 2
        assert (rule.knee, rule.peak, rule.knee_code) == (1.0, 1.0, 127)


def test_a_map_with_a_tail_by_hand():
    # 99 ones and a 16: the 99th percentile is 1 + 0.01 * 15 = 1.15.
    scores = np.ones(100, np.float32)
    scores[0] = 16.0
    codes, rule = compand(scores)
    assert math.isclose(rule.knee, 1.15, rel_tol=1e-6)
    assert codes[0] == 127
    assert codes[1] == round(64 / 1.15)


def test_codes_are_rounded_in_float64():
    """Whatever a NumPy makes of a float32 array times a number: the same map has the same bytes everywhere."""
    peak = np.float32(0.97)
    halves = ((np.arange(127) + 0.5) * float(peak) / 127).astype(np.float32)
    near = np.concatenate([halves + np.float32(ulps) * np.spacing(halves) for ulps in (-2, -1, 0, 1, 2)])
    codes, rule = compand(np.concatenate([np.full(500, peak), near]))
    assert (rule.knee, rule.knee_code) == (peak, 127)
    assert codes[500:].tolist() == [round(value * (127 / rule.knee)) for value in near.tolist()]


@pytest.mark.parametrize("code", [pb.CODE_FLOAT16, pb.CODE_FLOAT32])
@pytest.mark.parametrize("name", maps())
def test_float_codes_are_numpys_own_rounding(name, code):
    scores = maps()[name].reshape(1, -1)
    with np.errstate(over="ignore"):
        want = scores.astype(np.float16).astype(np.float32) if code == pb.CODE_FLOAT16 else scores
    np.testing.assert_array_equal(decode_part(encode_part(scores, code)), want)


def test_a_part_holds_several_maps_each_with_its_own_rule():
    scores = np.stack([np.linspace(-1, 1, 12), np.linspace(-1e-6, 1e-6, 12)]).astype(np.float32).reshape(2, 3, 4)
    part = encode_part(scores, layer=pb.LAYER_ERRORS, input_index=2, thumbnail=True)
    assert (list(part.shape), part.count, part.layer, part.input, part.thumbnail) == ([3, 4], 2, 1, 2, True)
    back = decode_part(part)
    for one, other in zip(back, scores, strict=True):
        assert np.abs(one - other).max() <= np.abs(other).max() / 128


def test_the_stored_byte_is_the_code():
    import zlib

    part = encode_part(np.array([[0.0, 1.0, -1.0, np.nan]], np.float32))
    assert list(np.frombuffer(zlib.decompress(part.payload), np.int8)) == [0, 127, -127, -128]


def test_no_maps_at_all():
    assert decode_part(encode_part(np.zeros((0, 3, 4), np.float32))).shape == (0, 3, 4)


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


def test_absurd_shapes_are_refused_before_anything_is_allocated():
    part = encode_part(np.ones((1, 2), np.float32))
    for shape in ([1 << 31, 1 << 31], [1 << 26, 2], [(1 << 32) - 1] * 8):
        part.ClearField("shape")
        part.shape.extend(shape)
        with pytest.raises(CorruptBlobError, match="more than"):
            decode_part(part)


@pytest.mark.parametrize("code", [pb.CODE_FLOAT32, pb.CODE_INT8_COMPANDED])
@pytest.mark.parametrize(
    ("count", "shape", "rule"),
    [
        (1, [1] * 9, "9 axes; a map has at most 8"),
        (1, [1] * 70, "70 axes; a map has at most 8"),
        (0, [(1 << 32) - 1] * 3, "more than"),
        (1, [0, *[(1 << 32) - 1] * 3], "more than"),
        (1, [0, MAX_CELLS + 1], "more than"),
        (0, [MAX_CELLS, MAX_CELLS, MAX_CELLS], "more than"),
        ((1 << 32) - 1, [0], "more than"),
    ],
)
def test_shapes_that_numpy_cannot_hold_are_corrupt_also_where_they_are_empty(code, count, shape, rule):
    values = 0 if count == 0 or 0 in shape else 1
    rules = [pb.Companding(knee=1.0, peak=1.0, knee_code=127)] * min(count, 1)
    part = pb.Part(count=count, shape=shape, code=code, payload=zlib.compress(bytes(4 * values)), companding=rules)
    with pytest.raises(CorruptBlobError, match=rule):
        decode_part(part)


def test_eight_axes_and_an_empty_map_are_read():
    assert decode_part(encode_part(np.ones((2, *[1] * 8), np.float32))).shape == (2, *[1] * 8)
    assert decode_part(encode_part(np.ones((2, 0, 3), np.float32), pb.CODE_FLOAT32)).shape == (2, 0, 3)


def test_rules_without_maps_are_refused():
    part = pb.Part(shape=[2], count=0, code=pb.CODE_INT8_COMPANDED, payload=zlib.compress(b""))
    assert decode_part(part).shape == (0, 2)
    part.companding.add(knee=1.0, peak=1.0, knee_code=127)
    with pytest.raises(CorruptBlobError, match="0 maps with 1 companding rules"):
        decode_part(part)


def test_every_code_has_the_value_of_the_rule_and_its_sign():
    codes = np.arange(-128, 128).astype(np.int8)
    values = expand(codes, pb.Companding(knee=2.0, peak=32.0, knee_code=63))
    assert np.isnan(values[0])
    np.testing.assert_array_equal(values[1:128], -values[:128:-1])  # codes -127 .. -1 and 127 .. 1
    assert values[128 + 63] == 2.0
    assert values[-1] == 32.0
    assert values[128 + 95] == 8.0  # half way from 2 to 32


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
    assert percentile_99(values) == pytest.approx(expected, rel=1e-6)
