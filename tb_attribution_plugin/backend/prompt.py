"""Answers of TensorBoard's data server without the 40 ms that most of them wait for nothing.

The data server sends an answer in two packets with Nagle's algorithm on: the second one leaves when the first is
acknowledged, and a client that has nothing to send acknowledges after 40 ms (Linux). Whatever is sent on the connection
carries the acknowledgement, so that while an answer is awaited, something small is asked for too.
"""

from __future__ import annotations

import concurrent.futures
import contextlib
from typing import Any, Protocol, TypeVar

import grpc
from tensorboard.data import grpc_provider
from tensorboard.data.proto import data_provider_pb2

T_co = TypeVar("T_co", covariant=True)
T = TypeVar("T")

# Seconds between two nudges. Many answers are there before the first one; an answer that takes longer than all of them
# is hardly faster with more.
_WAITS = (0.002, 0.004, 0.008, 0.016)
_NOT_YET = (concurrent.futures.TimeoutError, grpc.FutureTimeoutError)


class Awaited(Protocol[T_co]):
    """A future, of Python's or of gRPC's."""

    def result(self, timeout: float | None = None) -> T_co: ...


def prompt(provider: Any) -> Any:
    """The data server's provider, which waits as `result` does; another one as it is."""
    if isinstance(provider, grpc_provider.GrpcDataProvider):
        # Private names, but the same from TensorBoard 2.18 to 2.21; see `claims`.
        return grpc_provider.GrpcDataProvider(provider._addr, _PromptStub(provider._stub))
    return provider


def result(provider: Any, awaited: Awaited[T]) -> T:
    """What `awaited` comes to, where it waits for the data server behind `provider`."""
    stub = getattr(provider, "_stub", None)
    return awaited.result() if stub is None else _nudged(stub, awaited)


def _nudged(stub: Any, awaited: Awaited[T]) -> T:
    sent = []  # gRPC cancels a call that nobody holds
    for wait in _WAITS:
        with contextlib.suppress(*_NOT_YET):
            return awaited.result(timeout=wait)
        sent.append(stub.GetExperiment.future(data_provider_pb2.GetExperimentRequest()))
    return awaited.result()


class _PromptStub:
    """Calls with one answer; a stream's messages are waited for by those who read it."""

    def __init__(self, stub: Any) -> None:
        self._stub = stub

    def __getattr__(self, name: str) -> Any:
        call = getattr(self._stub, name)
        if not isinstance(call, grpc.UnaryUnaryMultiCallable):
            return call
        return _PromptCall(self._stub, call)


class _PromptCall:
    def __init__(self, stub: Any, call: grpc.UnaryUnaryMultiCallable) -> None:
        self._stub = stub
        self._call = call
        self.future = call.future

    def __call__(self, request: Any) -> Any:
        return _nudged(self._stub, self._call.future(request))
