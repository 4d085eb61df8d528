"""Event files written by hand: what our writer would never write, and what it writes, byte by byte."""

from __future__ import annotations

import struct
from pathlib import Path

import crc32c
from tensorboard.compat.proto import event_pb2, summary_pb2, tensor_pb2, tensor_shape_pb2, types_pb2

from tb_attribution_plugin.wire import attribution_pb2 as pb
from tb_attribution_plugin.wire import names

SCALAR, TENSOR, BLOBS = (
    summary_pb2.DATA_CLASS_SCALAR,
    summary_pb2.DATA_CLASS_TENSOR,
    summary_pb2.DATA_CLASS_BLOB_SEQUENCE,
)


def _masked(data: bytes) -> bytes:
    crc = crc32c.crc32c(data)
    return struct.pack("<I", ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF)


def record(payload: bytes) -> bytes:
    length = struct.pack("<Q", len(payload))
    return length + _masked(length) + payload + _masked(payload)


def metadata(content: bytes, data_class: int, plugin: str = names.PLUGIN_NAME) -> summary_pb2.SummaryMetadata:
    plugin_data = summary_pb2.SummaryMetadata.PluginData(plugin_name=plugin, content=content)
    return summary_pb2.SummaryMetadata(plugin_data=plugin_data, data_class=data_class)


def _shape(*sizes: int) -> tensor_shape_pb2.TensorShapeProto:
    return tensor_shape_pb2.TensorShapeProto(dim=[tensor_shape_pb2.TensorShapeProto.Dim(size=size) for size in sizes])


def strings(blobs: list[bytes], claimed: int | None = None) -> tensor_pb2.TensorProto:
    size = len(blobs) if claimed is None else claimed
    return tensor_pb2.TensorProto(dtype=types_pb2.DT_STRING, tensor_shape=_shape(size), string_val=blobs)


def floats(values: list[float], *sizes: int) -> tensor_pb2.TensorProto:
    content = struct.pack(f"<{len(values)}f", *values)
    return tensor_pb2.TensorProto(dtype=types_pb2.DT_FLOAT, tensor_shape=_shape(*sizes), tensor_content=content)


def claim(value: float, *sizes: int) -> tensor_pb2.TensorProto:
    """One float that claims to fill the shape: TensorBoard repeats it."""
    return tensor_pb2.TensorProto(dtype=types_pb2.DT_FLOAT, tensor_shape=_shape(*sizes), float_val=[value])


def tagged(**content: object) -> bytes:
    return pb.TagMetadata(version=names.WIRE_VERSION, **content).SerializeToString()  # type: ignore[arg-type]


class EventFile:
    """One event file of one run; events are added in the order of the calls, with a wall time made of the step.

    `later`: seconds by which this file, and the wall times in it, are younger than another.
    """

    def __init__(self, run: Path, later: int = 0) -> None:
        run.mkdir(parents=True, exist_ok=True)
        self._start = 1_700_000_000 + later
        self._file = (run / f"events.out.tfevents.{self._start}.host").open("wb")
        first = event_pb2.Event(wall_time=self._start, file_version="brain.Event:2")
        self._file.write(record(first.SerializeToString()))

    def add(
        self,
        step: int,
        tag: str,
        tensor: tensor_pb2.TensorProto,
        about: summary_pb2.SummaryMetadata,
    ) -> EventFile:
        value = summary_pb2.Summary.Value(tag=tag, tensor=tensor, metadata=about)
        event = event_pb2.Event(
            wall_time=self._start + step,
            step=step,
            summary=summary_pb2.Summary(value=[value]),
        )
        self._file.write(record(event.SerializeToString()))
        self._file.flush()
        return self

    def start(self, step: int) -> None:
        """What older files hold from `step` on is replaced."""
        session = event_pb2.SessionLog(status=event_pb2.SessionLog.START)
        event = event_pb2.Event(wall_time=self._start + step, step=step, session_log=session)
        self._file.write(record(event.SerializeToString()))

    def blobs(self, step: int, tag: str, elements: list[bytes], content: bytes) -> EventFile:
        return self.add(step, tag, strings(elements), metadata(content, BLOBS))

    def scalar(
        self, step: int, tag: str, value: float, content: bytes = b"", plugin: str = names.PLUGIN_NAME
    ) -> EventFile:
        return self.add(step, tag, floats([value]), metadata(content, SCALAR, plugin))

    def tensor(self, step: int, tag: str, tensor: tensor_pb2.TensorProto, content: bytes) -> EventFile:
        return self.add(step, tag, tensor, metadata(content, TENSOR))

    def close(self) -> None:
        self._file.close()
