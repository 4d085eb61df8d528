"""The probe as it is stored: pictures, numbers, tokens, regions, segments."""

from __future__ import annotations

import io
import zlib

import numpy as np
import pytest
from PIL import Image

from tb_attribution_plugin.logging import probe_record
from tb_attribution_plugin.probe import Probe
from tb_attribution_plugin.probe.pictures import png, value_range
from tb_attribution_plugin.wire import attribution_pb2 as pb
from tb_attribution_plugin.wire import blob, codec


def pixels(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)))


def head(probe: Probe, **fields) -> pb.ProbeBlob:
    return blob.unpack(probe_record.encode(probe, **fields)[0], pb.ProbeBlob)


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_uint8_pictures_are_stored_as_they_are(channels):
    x = (np.arange(2 * 5 * 4 * channels) % 256).astype(np.uint8).reshape(2, 5, 4, channels)
    elements = probe_record.encode(Probe(x))
    for example in range(2):
        np.testing.assert_array_equal(pixels(elements[1 + example]).reshape(5, 4, channels), x[example])
    found = blob.unpack(elements[0], pb.ProbeBlob)
    assert (found.display_low, found.display_high) == (0, 255)


def test_floats_span_the_whole_probe_so_that_examples_compare():
    x = np.zeros((2, 2, 2, 1))
    x[0, 0, 0], x[1, 1, 1] = -1.0, 3.0
    elements = probe_record.encode(Probe(x))
    found = blob.unpack(elements[0], pb.ProbeBlob)
    assert (found.display_low, found.display_high) == (-1, 3)
    # 0 lies a quarter up: 63.75.
    assert pixels(elements[1]).tolist() == [[0, 64], [64, 64]]
    assert pixels(elements[2]).tolist() == [[64, 64], [64, 255]]


def test_ranges():
    assert value_range(np.full((2, 3), 7.0)) == (7.0, 8.0)
    assert value_range(np.array([[True, False]])) == (0.0, 1.0)
    assert value_range(np.array([[2, 9]])) == (2.0, 9.0)


def test_other_channel_counts_are_their_mean():
    x = np.zeros((1, 1, 2), np.float32)
    x[0, 0] = [0.0, 1.0]
    assert pixels(png(x, 0.0, 1.0)).tolist() == [[128]]


def test_the_display_stands_in_for_preprocessed_inputs():
    display = np.full((2, 4, 4, 3), 9, np.uint8)
    elements = probe_record.encode(Probe(np.zeros((2, 4, 4, 3)), display=display))
    np.testing.assert_array_equal(pixels(elements[1]), display[0])
    table = Probe([[0.0, 1.0]], display=[[180.0, 75.0]])
    part = blob.unpack(probe_record.encode(table)[1], pb.MapBlob).parts[0]
    assert codec.decode_part(part).tolist() == [[180.0, 75.0]]


def test_numbers_are_float32_with_a_part_per_input():
    probe = Probe({"a": [[1.0, 2.0], [3.0, 4.0]], "ids": np.array([[5], [6]])})
    elements = probe_record.encode(probe)
    assert len(elements) == 3
    parts = blob.unpack(elements[2], pb.MapBlob).parts
    assert [(p.input, p.code, codec.decode_part(p).tolist()) for p in parts] == [
        (0, pb.CODE_FLOAT32, [[3.0, 4.0]]),
        (1, pb.CODE_FLOAT32, [[6.0]]),
    ]
    assert [(grid.input, list(grid.input_shape)) for grid in head(probe).inputs] == [("a", [2]), ("ids", [1])]


def test_names_labels_tokens_and_regions():
    probe = Probe(
        np.array([[4, 5], [6, 0]]),
        [1, 0],
        names=["p", "q"],
        class_names=["bad", "good"],
        tokens=[["a", "b"], ["c"]],
        regions={"r": [[0], [1]]},
    )
    found = head(probe, baseline="pad", baseline_outputs=[0.5, 1.5])
    assert (found.hash, found.modality, found.examples) == (probe.hash, pb.MODALITY_TEXT, 2)
    assert (list(found.names), list(found.class_names), list(found.labels)) == (["p", "q"], ["bad", "good"], [1, 0])
    assert [list(row.tokens) for row in found.tokens] == [["a", "b"], ["c", ""]]
    (region,) = found.regions
    assert (region.name, list(region.shape)) == ("r", [2])
    assert zlib.decompress(region.payload) == bytes([1, 0, 0, 1])
    assert (found.baseline, list(found.baseline_outputs)) == ("pad", [0.5, 1.5])


def test_columns_keep_their_names():
    assert list(head(Probe([[1.0, 2.0]], feature_names=["age", "fare"])).feature_names) == ["age", "fare"]


def test_labels_that_are_no_numbers_per_example_are_left_out():
    assert list(head(Probe([[1.0, 2.0]], [[0.5, 0.5]])).labels) == []
    assert list(head(Probe([[1.0, 2.0]])).labels) == []
    assert list(head(Probe([[1.0, 2.0]], [2.5])).labels) == [2.5]


@pytest.mark.parametrize("own", [True, False])
def test_segments_are_stored_for_every_example_without_the_channel(own):
    ids = np.arange(6).reshape(1, 2, 3)
    x = np.zeros((2, 2, 3, 3))
    found = head(Probe(x, segments=ids)) if own else head(Probe(x), segments=ids[..., None])
    (segments,) = found.segments
    assert list(segments.shape) == [2, 3]
    assert np.frombuffer(zlib.decompress(segments.payload), "<i4").tolist() == [0, 1, 2, 3, 4, 5] * 2


def test_segments_of_columns():
    (segments,) = head(Probe([[1.0, 2.0, 3.0]] * 2, segments=[[0, 0, 1]])).segments
    assert list(segments.shape) == [3]
    assert np.frombuffer(zlib.decompress(segments.payload), "<i4").tolist() == [0, 0, 1] * 2
