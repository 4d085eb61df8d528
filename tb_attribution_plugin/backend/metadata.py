"""What a tag says about itself: `TagMetadata`, parsed and checked before anything believes it."""

from __future__ import annotations

import math

from google.protobuf.message import DecodeError

from tb_attribution_plugin.backend.errors import UnreadableError
from tb_attribution_plugin.wire import attribution_pb2 as pb
from tb_attribution_plugin.wire import names
from tb_attribution_plugin.wire.codec import MAX_CELLS, MAX_RANK

# Channels and embeddings are summed away, so an input may have more axes than its map.
_MAX_INPUT_RANK = 2 * MAX_RANK
_MAX_HISTOGRAM_BINS = 1 << 14
# An empty message takes two bytes of the metadata and a hundred of the index. A grid stands for an input of the model.
_MAX_GRIDS, _MAX_PARAMETERS = 256, 1024
# A writer's is some 2 KB. The index carries it, and everything in it is checked at each reload.
_MAX_BYTES = 1 << 18


def parse(content: bytes, kind: str) -> pb.TagMetadata:
    """The metadata of a tag whose content must be `kind`.

    Raises:
      UnreadableError: the bytes are not ours, are too many, hold something else, or were written by a newer version.
    """
    if len(content) > _MAX_BYTES:
        raise UnreadableError(f"the metadata has {len(content)} bytes; up to {_MAX_BYTES} are read")
    try:
        metadata = pb.TagMetadata.FromString(content)
    except DecodeError as error:
        raise UnreadableError(f"the metadata of {len(content)} bytes does not parse: {error}") from error
    if metadata.version > names.WIRE_VERSION:
        raise UnreadableError(
            f"written in format {metadata.version}; this server reads up to {names.WIRE_VERSION}",
            "pip install --upgrade tb-attribution-plugin where tensorboard runs",
        )
    found = metadata.WhichOneof("content")
    if found != kind:
        raise UnreadableError(f"the metadata describes {found or 'nothing'}, expected {kind}")
    return metadata


def map_series(content: bytes) -> pb.MapSeries:
    """A series of maps that a page can show.

    Raises:
      UnreadableError: see `parse`; or more examples or cells than can be shown.
    """
    maps = parse(content, "maps").maps
    if not 1 <= maps.examples <= names.MAX_EXAMPLES:
        raise UnreadableError(f"the series claims {maps.examples} examples; 1 to {names.MAX_EXAMPLES} can be shown")
    if not any(grid.shape for grid in maps.grids):
        raise UnreadableError("the series has no grid")
    if len(maps.grids) > _MAX_GRIDS or len(maps.parameters) > _MAX_PARAMETERS:
        raise UnreadableError(
            f"the series has {len(maps.grids)} grids and {len(maps.parameters)} parameters; up to {_MAX_GRIDS} and "
            f"{_MAX_PARAMETERS} are read"
        )
    for grid in maps.grids:
        axes = max(len(grid.shape), len(grid.method_shape), len(grid.input_shape))
        # Before the product: its digits and its time grow with the axes.
        if len(grid.shape) > MAX_RANK or axes > _MAX_INPUT_RANK:
            raise UnreadableError(f"a grid has {axes} axes; up to {MAX_RANK} can be shown, of inputs {_MAX_INPUT_RANK}")
        cells = math.prod(grid.shape)
        if not 1 <= cells <= MAX_CELLS:
            raise UnreadableError(f"the grid {list(grid.shape)} has {cells} cells; 1 to {MAX_CELLS} can be shown")
    return maps


def histogram_layout(content: bytes) -> pb.HistogramSeries:
    layout = parse(content, "histogram").histogram
    if not 1 <= layout.bins <= _MAX_HISTOGRAM_BINS or layout.per_octave < 1:
        raise UnreadableError(f"no such histogram: {layout.bins} bins, {layout.per_octave} per octave")
    return layout
