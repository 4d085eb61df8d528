"""What stored tensors claim to hold, looked at before TensorBoard makes arrays of them.

TensorBoard repeats a single stored value until it fills the shape, whatever the shape: 100 bytes of an event file
become gigabytes inside the provider's `read_tensors`, and in the Python loader's `read_scalars` too. Nothing that we
read needs that, so a tensor that claims more values than it has bytes is refused. The provider shows no tensor before
it is an array; behind it are the multiplexer (Python loader; plugins are given it) and the data server's stub.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from typing import Any

from tensorboard.data import grpc_provider

from tb_attribution_plugin.backend.errors import UnreadableError, shown


def check(run: str, tag: str, step: int, tensor: Any) -> None:
    """Refuses a `TensorProto` that claims more values than it has bytes.

    Raises:
      UnreadableError: with the step.
    """
    claimed, size = math.prod(dim.size for dim in tensor.tensor_shape.dim), tensor.ByteSize()
    if claimed > size:
        raise UnreadableError(
            f"{shown(tag)} of run {shown(run)} claims {claimed} values in {size} bytes at step {step}",
            "no writer makes such a tensor: remove the run, or log it again",
        )


def check_loaded(multiplexer: Any, runs: Collection[str], tags: Collection[str]) -> None:
    """Checks those of the tags that the Python loader holds of each run.

    Raises:
      UnreadableError: see `check`.
    """
    for run in runs:
        # A run may hold few of very many tags.
        for tag in tags if len(tags) == 1 else _tags(multiplexer, run).intersection(tags):
            try:
                events = multiplexer.Tensors(run, tag)
            except KeyError:  # gone, or a tag without values: the provider says so
                continue
            for event in events:
                check(run, tag, event.step, event.tensor_proto)


def _tags(multiplexer: Any, run: str) -> set[str]:
    try:
        return set(multiplexer.GetAccumulator(run).AllSummaryMetadata())
    except KeyError:  # gone
        return set()


def checked(provider: Any) -> Any:
    """The provider to read tensors from: that of the data server with a check of what the server sends."""
    if isinstance(provider, grpc_provider.GrpcDataProvider):
        # Private names, but the same from TensorBoard 2.18 to 2.21, and a test reads hostile tensors through it.
        return grpc_provider.GrpcDataProvider(provider._addr, _CheckedStub(provider._stub))
    return provider


class _CheckedStub:
    def __init__(self, stub: Any) -> None:
        self._stub = stub

    def ReadTensors(self, request: Any) -> Any:
        answer = self._stub.ReadTensors(request)
        for run in answer.runs:
            for tag in run.tags:
                for step, tensor in zip(tag.data.step, tag.data.value, strict=True):
                    check(run.run_name, tag.tag_name, step, tensor)
        return answer
