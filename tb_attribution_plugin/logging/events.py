"""Events as TensorBoard reads them: full metadata on every value."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from tensorboard.compat.proto import event_pb2, summary_pb2, tensor_pb2, tensor_shape_pb2, types_pb2

from tb_attribution_plugin.wire import attribution_pb2 as pb
from tb_attribution_plugin.wire import names

Value: TypeAlias = summary_pb2.Summary.Value


def file_version() -> bytes:
    """The first record of a file."""
    return event_pb2.Event(wall_time=time.time(), file_version="brain.Event:2").SerializeToString()


def session_start(step: int) -> bytes:
    """Tells readers that what older files of the run hold from `step` on is replaced."""
    start = event_pb2.SessionLog(status=event_pb2.SessionLog.START)
    return event_pb2.Event(wall_time=time.time(), step=step, session_log=start).SerializeToString()


def summary(step: int, values: Iterable[Value]) -> bytes:
    return event_pb2.Event(
        wall_time=time.time(), step=step, summary=summary_pb2.Summary(value=values)
    ).SerializeToString()


def blobs(tag: str, elements: Sequence[bytes], content: pb.TagMetadata) -> Value:
    """A blob sequence; rank 1 because TensorBoard's data server takes nothing else."""
    shape = tensor_shape_pb2.TensorShapeProto(dim=[tensor_shape_pb2.TensorShapeProto.Dim(size=len(elements))])
    tensor = tensor_pb2.TensorProto(dtype=types_pb2.DT_STRING, tensor_shape=shape, string_val=elements)
    return Value(tag=tag, tensor=tensor, metadata=_ours(content, summary_pb2.DATA_CLASS_BLOB_SEQUENCE))


def tensor(tag: str, array: NDArray[np.float32], content: pb.TagMetadata) -> Value:
    return Value(tag=tag, tensor=_tensor(array), metadata=_ours(content, summary_pb2.DATA_CLASS_TENSOR))


def scalar(tag: str, value: float, content: pb.TagMetadata) -> Value:
    metadata = _ours(content, summary_pb2.DATA_CLASS_SCALAR)
    return Value(tag=tag, tensor=_tensor(np.array(value)), metadata=metadata)


def ordinary_scalar(tag: str, value: float) -> Value:
    """A scalar of TensorBoard's own scalars plugin; its metadata content is an empty message."""
    metadata = summary_pb2.SummaryMetadata(data_class=summary_pb2.DATA_CLASS_SCALAR)
    metadata.plugin_data.plugin_name = names.SCALARS_PLUGIN
    return Value(tag=tag, tensor=_tensor(np.array(value)), metadata=metadata)


def _ours(content: pb.TagMetadata, data_class: int) -> summary_pb2.SummaryMetadata:
    metadata = summary_pb2.SummaryMetadata(data_class=data_class)
    metadata.plugin_data.plugin_name = names.PLUGIN_NAME
    metadata.plugin_data.content = content.SerializeToString(deterministic=True)
    return metadata


def _tensor(array: NDArray[np.generic]) -> tensor_pb2.TensorProto:
    dims = [tensor_shape_pb2.TensorShapeProto.Dim(size=side) for side in array.shape]
    return tensor_pb2.TensorProto(
        dtype=types_pb2.DT_FLOAT,
        tensor_shape=tensor_shape_pb2.TensorShapeProto(dim=dims),
        tensor_content=array.astype("<f4").tobytes(),
    )
