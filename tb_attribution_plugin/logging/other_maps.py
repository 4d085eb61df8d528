"""Whether the maps of a directory can go on with those of another fit: a page shows them as one series."""

from __future__ import annotations

from collections.abc import Mapping

from google.protobuf.message import DecodeError

from tb_attribution_plugin.logging import event_index
from tb_attribution_plugin.wire import attribution_pb2 as pb
from tb_attribution_plugin.wire import names

# What a series is of; its grids follow with the first map, and versions may rise between two fits.
_SAME = {
    "probe_hash": "of another probe",
    "method": "of another method",
    "target": "of another target",
    "scalar": "of another scalar of the output",
    "parameters": "with other parameters",
    "code": "in another code (store=)",
}


def other_maps(directory: str, declared: Mapping[str, pb.MapSeries]) -> str:
    """What of the declared series differs from those stored under the same tag, in words; "" where nothing does."""
    if not declared:
        return ""
    try:
        stored = event_index.index(directory).metadata
    except OSError:
        return ""
    for tag, ours in declared.items():
        if (found := stored.get(names.MAPS + tag)) is None:
            continue
        try:
            theirs = pb.TagMetadata.FromString(found.plugin_data.content).maps
        except DecodeError:
            continue
        for field, words in _SAME.items():
            if getattr(ours, field) != getattr(theirs, field):
                return f"maps {words} as {tag!r}"
    return ""
