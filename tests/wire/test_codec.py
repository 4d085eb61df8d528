"""Maps to parts and back, and parts that no writer wrote."""

from __future__ import annotations

import zlib

import numpy as np
import pytest

from tb_attribution_plugin.wire import attribution_pb2 as pb
from tb_attribution_plugin.wire.blob import CorruptBlobError
from tb_attribution_plugin.wire.codec import MAX_CELLS, decode_part, encode_each, encode_part
from tests.wire.float_maps import maps


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
    part = encode_part(np.array([[0.0, 1.0, -1.0, np.nan]], np.float32))
    assert list(np.frombuffer(zlib.decompress(part.payload), np.int8)) == [0, 127, -127, -128]


def test_no_maps_at_all():
    assert decode_part(encode_part(np.zeros((0, 3, 4), np.float32))).shape == (0, 3, 4)


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


@pytest.mark.parametrize("code", [pb.CODE_INT8_COMPANDED, pb.CODE_FLOAT16, pb.CODE_FLOAT32])
@pytest.mark.parametrize("side", [7, 64, 65, 112])
def test_a_part_each_holds_what_a_part_of_all_holds(side: int, code: int) -> None:
    scores = np.random.default_rng(side).standard_t(3, (3, side, side)).astype(np.float32)
    parts = encode_each(scores, code, layer=pb.LAYER_ERRORS, input_index=1)
    assert [(list(part.shape), part.count, part.layer, part.input) for part in parts] == [([side, side], 1, 1, 1)] * 3
    each = np.concatenate([decode_part(part) for part in parts])
    np.testing.assert_array_equal(each, decode_part(encode_part(scores, code)))


def test_a_map_of_noise_takes_less_than_a_byte_a_cell_and_one_of_nothing_next_to_none():
    noise = np.random.default_rng(1).normal(size=(1, 112, 112)).astype(np.float32)
    assert len(encode_part(noise).payload) < 0.95 * noise.size
    assert len(encode_part(np.zeros((1, 112, 112), np.float32)).payload) < 100
