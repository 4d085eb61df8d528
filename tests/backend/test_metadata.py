from __future__ import annotations

import pytest

from tb_attribution_plugin.backend import metadata
from tb_attribution_plugin.backend.errors import UnreadableError
from tb_attribution_plugin.wire import attribution_pb2 as pb
from tb_attribution_plugin.wire import names
from tb_attribution_plugin.wire.codec import MAX_CELLS
from tests.backend import logs
from tests.backend.events import tagged


def test_metadata_of_an_older_writer_is_read() -> None:
    older = pb.TagMetadata(version=names.WIRE_VERSION - 1, maps=logs.map_series("ig", [2, 2])).SerializeToString()
    assert metadata.map_series(older).tag == "ig"


def test_fields_of_a_later_writer_of_the_same_version_are_passed_over() -> None:
    # Field 1000, a varint: nobody has defined it.
    assert metadata.map_series(tagged(maps=logs.map_series("ig", [2, 2])) + b"\xc0\x3e\x01").tag == "ig"


@pytest.mark.parametrize("shape", [[1], [MAX_CELLS], [2, 3, 4]])
def test_grids_up_to_the_largest_that_can_be_shown_are_read(shape: list[int]) -> None:
    assert list(metadata.map_series(tagged(maps=logs.map_series("ig", shape))).grids[0].shape) == shape


@pytest.mark.parametrize("shape", [[0], [MAX_CELLS + 1], [2**32 - 1] * 8])
def test_other_grids_are_refused_with_their_shape(shape: list[int]) -> None:
    with pytest.raises(UnreadableError, match=rf"the grid \[{shape[0]}.* cells; 1 to {MAX_CELLS} can be shown"):
        metadata.map_series(tagged(maps=logs.map_series("ig", shape)))


def test_a_series_without_a_grid_or_examples_is_refused() -> None:
    with pytest.raises(UnreadableError, match="claims 0 examples"):
        metadata.map_series(tagged(maps=pb.MapSeries(tag="ig", grids=[pb.Grid(shape=[1])])))
    for grids in ([], [pb.Grid(input="picture")]):
        with pytest.raises(UnreadableError, match="no grid"):
            metadata.map_series(tagged(maps=pb.MapSeries(tag="ig", examples=1, grids=grids)))


def test_a_grid_of_more_axes_than_a_map_can_have_is_refused() -> None:
    assert metadata.map_series(tagged(maps=logs.map_series("ig", [1] * 8))).tag == "ig"
    # 2^32 to the power of 500 has more digits than Python writes out.
    for shape in ([1] * 70, [2**32 - 1] * 500, [2**32 - 1] * 40_000):
        with pytest.raises(UnreadableError, match=f"a grid has {len(shape)} axes; up to 8 can be shown"):
            metadata.map_series(tagged(maps=logs.map_series("ig", shape)))


def test_axes_of_inputs_and_methods_are_bounded_too() -> None:
    for name in ("method_shape", "input_shape"):
        for axes, sound in ((16, True), (17, False)):
            maps = pb.MapSeries(tag="ig", examples=1, grids=[pb.Grid(shape=[1], **{name: [1] * axes})])
            if sound:
                assert metadata.map_series(tagged(maps=maps)) == maps
                continue
            with pytest.raises(UnreadableError, match=r"a grid has 17 axes; .* of inputs 16"):
                metadata.map_series(tagged(maps=maps))


def test_metadata_that_would_fill_the_index_is_refused_by_its_size() -> None:
    with pytest.raises(UnreadableError, match=r"the metadata has 300[0-9]{3} bytes; up to 262144 are read"):
        metadata.map_series(tagged(maps=logs.map_series("ig", [2, 2], method="x" * 300_000)))


@pytest.mark.parametrize(("bins", "per_octave"), [(0, 8), (2**31, 8), (512, 0)])
def test_a_histogram_that_cannot_be_is_refused(bins: int, per_octave: int) -> None:
    layout = pb.HistogramSeries(tag="ig", bins=bins, per_octave=per_octave)
    with pytest.raises(UnreadableError, match=f"no such histogram: {bins} bins, {per_octave} per octave"):
        metadata.histogram_layout(tagged(histogram=layout))


@pytest.mark.parametrize(
    "content",
    [b"\x9b\x06" * 100_000, b"\x12\x80\x80\x80\x80\x10", b"\x12" + b"\xff" * 9 + b"\x01"],
    ids=["groups in groups", "a message of 4 GiB", "a length of 2^64 - 1"],
)
def test_nesting_and_lengths_without_end_are_unreadable(content: bytes) -> None:
    with pytest.raises(UnreadableError, match="does not parse"):
        metadata.parse(content, "maps")


def test_many_small_messages_are_refused_before_the_index_carries_them() -> None:
    maps = logs.map_series("ig", [2, 2])
    maps.grids.extend([pb.Grid()] * 100_000)
    with pytest.raises(UnreadableError, match="the series has 100001 grids and 0 parameters; up to 256"):
        metadata.map_series(tagged(maps=maps))
    maps = logs.map_series("ig", [2, 2])
    maps.parameters.extend([pb.Parameter()] * 100_000)
    with pytest.raises(UnreadableError, match="the series has 1 grids and 100000 parameters; up to 256 and 1024"):
        metadata.map_series(tagged(maps=maps))
