"""The pause of the data server's answers: what awaits one asks for something small meanwhile."""

from __future__ import annotations

import weakref
from concurrent.futures import Future
from types import SimpleNamespace
from typing import Any

import grpc
import pytest
from tensorboard.data import grpc_provider
from tensorboard.data.proto import data_provider_pb2 as messages

from tb_attribution_plugin.backend.prompt import prompt, result


class Stub:
    """Answers nothing before its `pause`-th nudge."""

    def __init__(self, pause: int) -> None:
        self.nudges = 0
        self.sent: list[weakref.ref[Future[None]]] = []
        self._pause = pause
        self._held: Future[str] = Future()
        self.GetExperiment = SimpleNamespace(future=self._nudge)
        self.ListRuns = Call(self._held)

    def _nudge(self, _: Any) -> Future[None]:
        assert all(one() for one in self.sent), "gRPC cancels a call that nobody holds"
        self.nudges += 1
        if self.nudges == self._pause:
            self._held.set_result("runs")
        nudge: Future[None] = Future()
        self.sent.append(weakref.ref(nudge))
        return nudge


class Call(grpc.UnaryUnaryMultiCallable):  # type: ignore[misc]  # grpc has no types
    def __init__(self, answer: Future[str]) -> None:
        self._answer = answer

    def future(self, request: Any, *_: Any, **__: Any) -> Future[str]:
        return self._answer

    def __call__(self, *_: Any, **__: Any) -> Any:
        raise AssertionError("a call that waits without a nudge")

    with_call = __call__


def provider_of(stub: Stub) -> Any:
    return prompt(grpc_provider.GrpcDataProvider("localhost:0", stub))


@pytest.mark.parametrize("pause", [1, 3])
def test_a_held_answer_comes_with_a_nudge(pause: int) -> None:
    stub = Stub(pause)
    provider = provider_of(stub)
    assert provider._stub.ListRuns(messages.ListRunsRequest()) == "runs"
    assert stub.nudges == pause
    assert str(provider) == "GrpcDataProvider(addr='localhost:0')"


def test_an_answer_that_is_there_needs_none() -> None:
    stub = Stub(0)
    there: Future[str] = Future()
    there.set_result("blob")
    assert (result(provider_of(stub), there), stub.nudges) == ("blob", 0)


def test_an_error_is_raised_as_it_is() -> None:
    failed: Future[str] = Future()
    failed.set_exception(KeyError("gone"))
    with pytest.raises(KeyError, match="gone"):
        result(provider_of(Stub(0)), failed)


def test_without_a_data_server_nothing_is_wrapped() -> None:
    other = SimpleNamespace()
    assert prompt(other) is other
