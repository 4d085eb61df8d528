"""Where each value of a run lies, as TensorBoard sees the run: restarts replace what they overlap."""

from __future__ import annotations

import dataclasses
import math
from typing import NamedTuple

import numpy as np
from google.protobuf.message import DecodeError
from numpy.typing import NDArray
from tensorboard.compat.proto import event_pb2, summary_pb2, types_pb2

from tb_attribution_plugin.logging import records
from tb_attribution_plugin.logging.stored_steps import event_files


class Location(NamedTuple):
    """The record that holds a value."""

    path: str
    offset: int
    wall_time: float


@dataclasses.dataclass
class EventIndex:
    """One run directory.

    Attributes:
      values: tag -> step -> where the value lies. Written twice: the later one.
      metadata: tag -> metadata of its first value.
      problems: what could not be read, in words.
      cut_off: those of the problems that a writer leaves which is killed: a file ends inside a record.
      error: the first of the system's, of a file that could not be read to its end.
    """

    values: dict[str, dict[int, Location]] = dataclasses.field(default_factory=dict)
    metadata: dict[str, summary_pb2.SummaryMetadata] = dataclasses.field(default_factory=dict)
    problems: list[str] = dataclasses.field(default_factory=list)
    cut_off: set[str] = dataclasses.field(default_factory=set)
    error: OSError | None = None

    def value(self, tag: str, step: int) -> summary_pb2.Summary.Value:
        """Reads one value from its file.

        Raises:
          KeyError: nothing is stored there.
          ValueError: the record is no longer intact.
        """
        location = self.values[tag][step]
        event = event_pb2.Event.FromString(records.read_at(location.path, location.offset))
        return next(value for value in reversed(event.summary.value) if value.tag == tag)


def index(directory: str) -> EventIndex:
    """Reads every event file of one directory once; keeps places, not payloads."""
    found = EventIndex()
    for path in event_files(directory):
        try:
            for item in records.scan(path):
                if isinstance(item, records.Damage):
                    found.problems.append(str(item))
                    if item.truncated:
                        found.cut_off.add(str(item))
                else:
                    _add(found, path, item)
        except OSError as error:
            found.problems.append(f"{path}: {error.strerror or error}")
            found.error = found.error or error
    return found


def _add(found: EventIndex, path: str, record: records.Record) -> None:
    try:
        event = event_pb2.Event.FromString(record.data)
    except DecodeError as error:
        found.problems.append(f"{path} at byte {record.offset}: record holds no event: {error}")
        return
    if event.HasField("session_log") and event.session_log.status == event_pb2.SessionLog.START:
        for steps in found.values.values():
            for step in [step for step in steps if step >= event.step]:
                del steps[step]
    for value in event.summary.value:
        found.metadata.setdefault(value.tag, value.metadata)
        found.values.setdefault(value.tag, {})[event.step] = Location(path, record.offset, event.wall_time)


def floats(value: summary_pb2.Summary.Value) -> NDArray[np.float32]:
    """The numbers of a tensor or scalar value.

    Raises:
      ValueError: the value is no float tensor, or its shape and content disagree.
    """
    if value.WhichOneof("value") == "simple_value":
        return np.array(value.simple_value, np.float32)
    tensor = value.tensor
    shape = tuple(dim.size for dim in tensor.tensor_shape.dim)
    if tensor.dtype != types_pb2.DT_FLOAT:
        raise ValueError(f"{value.tag!r} holds no float32 tensor (dtype {tensor.dtype})")
    numbers = (
        np.frombuffer(tensor.tensor_content, "<f4")
        if len(tensor.tensor_content) % 4 == 0 and tensor.tensor_content
        else np.array(tensor.float_val, np.float32)
    )
    if min(shape, default=0) < 0 or math.prod(shape) != numbers.size:
        raise ValueError(f"{value.tag!r} has shape {list(shape)} and {numbers.size} numbers")
    return numbers.reshape(shape)


def number(value: summary_pb2.Summary.Value) -> float:
    """The one number of a scalar.

    Raises:
      ValueError: the value is no single number.
    """
    found = floats(value)
    if found.size != 1:
        raise ValueError(f"{value.tag!r} has shape {list(found.shape)}; a scalar is one number")
    return float(found.item())
