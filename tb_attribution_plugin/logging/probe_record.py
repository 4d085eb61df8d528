"""The probe as the elements of its blob sequence (docs/wire.md)."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tb_attribution_plugin.logging.segments import stored as stored_segments
from tb_attribution_plugin.probe import Probe
from tb_attribution_plugin.probe.pictures import png, value_range
from tb_attribution_plugin.wire import attribution_pb2 as pb
from tb_attribution_plugin.wire import blob, codec

MODALITIES = {
    "image": pb.MODALITY_IMAGE,
    "tabular": pb.MODALITY_TABULAR,
    "text": pb.MODALITY_TEXT,
    "time_series": pb.MODALITY_TIME_SERIES,
}


def encode(
    probe: Probe, *, baseline: str = "", baseline_outputs: Sequence[float] = (), segments: Any = None
) -> list[bytes]:
    """Element 0 describes the probe; elements 1 .. B are the inputs, absent where the probe does not store them.

    `segments` (in the structure of the inputs) stand in where the probe has none of its own.
    """
    store = probe.store_inputs
    shown = probe.arrays[probe.shown] if probe.display is None else probe.display
    picture = probe.modality == "image"
    low, high = value_range(shown) if picture and store else (0.0, 0.0)
    head = pb.ProbeBlob(
        hash=probe.hash,
        modality=MODALITIES[probe.modality],
        examples=probe.size,
        names=probe.names,
        class_names=probe.class_names,
        feature_names=probe.feature_names,
        labels=[] if probe.labels is None or probe.labels.ndim > 1 else probe.labels.tolist(),
        tokens=[pb.TokenRow(tokens=row) for row in probe.tokens] if store else [],
        regions=[_region(name, mask) for name, mask in probe.regions.items()],
        inputs=[
            pb.Grid(input=name, shape=a.shape[1:], method_shape=a.shape[1:], input_shape=a.shape[1:])
            for name, a in zip(probe.input_names, probe.arrays, strict=True)
        ],
        inputs_stored=store,
        display_low=low,
        display_high=high,
        segments=[_segments(ids) for ids in stored_segments(probe, segments)],
        baseline=baseline,
        baseline_outputs=baseline_outputs,
        shown=probe.shown,
        modalities=[MODALITIES[kind] for kind in probe.modalities],
    )
    elements = [blob.pack(head)]
    if not store:
        return elements
    if picture:
        return elements + [png(one, low, high) for one in shown]
    return elements + [_numbers(probe, shown, example) for example in range(probe.size)]


def _region(name: str, mask: NDArray[np.bool_]) -> pb.RegionMask:
    return pb.RegionMask(name=name, shape=mask.shape[1:], payload=zlib.compress(mask.astype(np.uint8).tobytes(), 6))


def _segments(ids: NDArray[np.int32]) -> pb.SegmentMap:
    return pb.SegmentMap(shape=ids.shape[1:], payload=zlib.compress(ids.tobytes(), 6))


def _numbers(probe: Probe, shown: NDArray[Any], example: int) -> bytes:
    arrays = [shown if index == probe.shown else array for index, array in enumerate(probe.arrays)]
    parts = [
        codec.encode_part(array[example : example + 1].astype(np.float32), pb.CODE_FLOAT32, input_index=index)
        for index, array in enumerate(arrays)
        if array.dtype.kind != "U"
    ]
    return blob.pack(pb.MapBlob(parts=parts))
