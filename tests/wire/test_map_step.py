"""Which elements of a step hold maps, and what of them fits the series."""

from __future__ import annotations

import numpy as np
import pytest

from tb_attribution_plugin.wire import attribution_pb2 as pb
from tb_attribution_plugin.wire import blob, codec
from tb_attribution_plugin.wire.map_step import decode, holding_maps, rows_of, score_shapes

SERIES = pb.MapSeries(tag="t", examples=2, grids=[pb.Grid(shape=[2, 3]), pb.Grid(input="row"), pb.Grid(shape=[4])])
SHAPES = {(pb.LAYER_SCORES, 0): (2, 3), (pb.LAYER_SCORES, 2): (4,)}


def part(*shape: int, layer: int = pb.LAYER_SCORES, index: int = 0, thumbnail: bool = False) -> pb.Part:
    maps = np.arange(np.prod(shape), dtype=np.float32).reshape(shape)
    return codec.encode_part(maps, pb.CODE_FLOAT32, layer=layer, input_index=index, thumbnail=thumbnail)


def packed(*parts: pb.Part) -> bytes:
    return blob.pack(pb.MapBlob(parts=parts))


def test_an_input_without_a_map_has_no_shape():
    assert score_shapes(SERIES) == SHAPES


@pytest.mark.parametrize(("stored", "elements"), [(0, []), (1, [0]), (2, [1]), (4, [1, 2, 3]), (9, [1, 2, 3])])
def test_element_0_holds_maps_only_where_it_is_alone(stored, elements):
    assert list(holding_maps(stored, 3)) == elements


def test_rows():
    assert [list(range(3))[rows_of(element, 3)] for element in (0, 1, 3)] == [[0, 1, 2], [0], [2]]


def test_the_layers_of_every_input_are_told_apart():
    parts = [
        part(2, 2, 3),
        part(2, 4, index=2),
        part(2, 4, index=2, layer=pb.LAYER_ERRORS),
        part(2, 5, layer=pb.LAYER_SEGMENTS),
    ]
    found, problems = decode(packed(*parts), SERIES, 0, SHAPES)
    assert problems == []
    assert {key: values.shape for key, values in found.items()} == {
        (pb.LAYER_SCORES, 0): (2, 2, 3),
        (pb.LAYER_SCORES, 2): (2, 4),
        (pb.LAYER_ERRORS, 2): (2, 4),
        (pb.LAYER_SEGMENTS, 0): (2, 5),
    }
    assert found[pb.LAYER_SCORES, 2].tolist() == [[0, 1, 2, 3], [4, 5, 6, 7]]


def test_an_element_of_one_example_holds_one_map():
    found, problems = decode(packed(part(1, 2, 3), part(1, 4, index=2)), SERIES, 2, SHAPES)
    assert (sorted(found), problems) == (sorted(SHAPES), [])
    assert decode(packed(part(2, 2, 3)), SERIES, 2, SHAPES)[1] == ["maps of shape [2, 2, 3], expected [1, 2, 3]"]


def test_scores_that_are_not_there_are_named():
    thumbnail = part(2, 1, 2, thumbnail=True)
    assert decode(packed(thumbnail, part(2, 4, index=2)), SERIES, 0, SHAPES)[1] == ["no scores of input 0"]


def test_the_shape_of_an_earlier_element_holds():
    known = {**SHAPES, (pb.LAYER_SEGMENTS, 0): (5,)}
    parts = [part(1, 2, 3), part(1, 4, index=2), part(1, 6, layer=pb.LAYER_SEGMENTS)]
    found, problems = decode(packed(*parts), SERIES, 1, known)
    assert sorted(found) == sorted(SHAPES)
    assert problems == ["maps of shape [1, 6], expected [1, 5]"]


def test_a_blob_that_is_no_blob_is_named():
    assert decode(b"TBA1", SERIES, 0, SHAPES) == ({}, ["blob of 4 bytes does not start with b'TBA1'"])
