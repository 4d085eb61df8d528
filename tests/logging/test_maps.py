"""Which elements a step has, and what is in them (docs/wire.md)."""

from __future__ import annotations

import numpy as np
import pytest

from tb_attribution_plugin.logging.maps import StoredMaps, encode, fits_atlas
from tb_attribution_plugin.wire import attribution_pb2 as pb
from tb_attribution_plugin.wire import blob, codec


def wave(*shape: int) -> np.ndarray:
    return np.sin(np.arange(np.prod(shape)) * 0.3).astype(np.float32).reshape(shape)


def parts(element: bytes) -> list[pb.Part]:
    return list(blob.unpack(element, pb.MapBlob).parts)


def test_small_maps_are_whole_in_element_0():
    (element,) = encode(StoredMaps([wave(3, 64, 64)], [], None, [2]), pb.CODE_FLOAT32)
    (part,) = parts(element)
    assert (part.count, part.thumbnail, list(part.shape), part.code) == (3, False, [64, 64], pb.CODE_FLOAT32)
    np.testing.assert_array_equal(codec.decode_part(part), wave(3, 64, 64))


def test_larger_maps_have_thumbnails_and_an_element_per_example():
    maps = wave(3, 65, 100)
    elements = encode(StoredMaps([maps], [np.abs(maps)], wave(3, 5), [2]), pb.CODE_FLOAT32)
    assert len(elements) == 4
    thumbnail, segments = parts(elements[0])
    assert (thumbnail.count, thumbnail.thumbnail, list(thumbnail.shape)) == (3, True, [33, 50])
    assert (segments.layer, segments.count, list(segments.shape)) == (pb.LAYER_SEGMENTS, 3, [5])
    for example in range(3):
        scores, errors, values = parts(elements[1 + example])
        assert [p.layer for p in (scores, errors, values)] == [pb.LAYER_SCORES, pb.LAYER_ERRORS, pb.LAYER_SEGMENTS]
        np.testing.assert_array_equal(codec.decode_part(scores)[0], maps[example])
        np.testing.assert_array_equal(codec.decode_part(errors)[0], np.abs(maps[example]))
        np.testing.assert_array_equal(codec.decode_part(values)[0], wave(3, 5)[example])


def test_a_thumbnail_cell_is_the_mean_of_its_block():
    maps = np.zeros((1, 128, 128), np.float32)
    maps[0, :2, :2] = [[1, 2], [3, 6]]
    thumbnail = codec.decode_part(parts(encode(StoredMaps([maps], [], None, [2]), pb.CODE_FLOAT32)[0])[0])
    assert thumbnail.shape == (1, 64, 64)
    np.testing.assert_allclose(thumbnail[0, 0, 0], 3.0, rtol=1e-6)
    assert np.count_nonzero(thumbnail) == 1


def test_each_input_has_its_part_and_one_large_input_is_enough_for_elements():
    maps = StoredMaps([wave(2, 80, 80), wave(2, 3)], [], None, [2, 0], [0, 1])
    elements = encode(maps, pb.CODE_INT8_COMPANDED)
    assert len(elements) == 3
    assert [(p.input, p.thumbnail) for p in parts(elements[0])] == [(0, True), (1, False)]
    assert [(p.input, list(p.shape)) for p in parts(elements[2])] == [(0, [80, 80]), (1, [3])]


def test_cells_put_the_inputs_side_by_side():
    maps = StoredMaps([wave(2, 2, 2), wave(2, 3)], [], None, [2, 0])
    assert maps.cells.shape == (2, 7)
    np.testing.assert_array_equal(maps.cells[1], [*wave(2, 2, 2)[1].ravel(), *wave(2, 3)[1]])


@pytest.mark.parametrize(
    ("shape", "axes", "fits"),
    [
        ((64, 64), 2, True),
        ((65, 2), 2, False),
        ((64, 64, 3), 2, True),
        ((4096,), 0, True),
        ((4097,), 0, False),
        ((112, 36), 1, True),
        ((112, 37), 1, False),
    ],
)
def test_what_fits_into_element_0(shape, axes, fits):
    assert fits_atlas(shape, axes) is fits


def test_a_very_wide_table_has_a_thumbnail_too():
    elements = encode(StoredMaps([wave(2, 5000)], [], None, [0]), pb.CODE_FLOAT32)
    assert len(elements) == 3
    assert list(parts(elements[0])[0].shape) == [64]
    assert list(parts(elements[1])[0].shape) == [5000]


@pytest.mark.parametrize(("code", "bytes_per_value"), [(pb.CODE_FLOAT16, 2), (pb.CODE_FLOAT32, 4)])
def test_thumbnails_are_companded_whatever_the_maps_are(code, bytes_per_value):
    elements = encode(StoredMaps([wave(1, 66, 66)], [], None, [2]), code)
    assert parts(elements[0])[0].code == pb.CODE_INT8_COMPANDED
    part = parts(elements[1])[0]
    assert part.code == code
    assert len(blob.inflate(part.payload, 66 * 66 * bytes_per_value)) == 66 * 66 * bytes_per_value
