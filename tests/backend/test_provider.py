from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import grpc
import pytest
from tensorboard import errors as tensorboard_errors

from tb_attribution_plugin.backend.errors import (
    NotFoundError,
    RequestError,
    TooMuchError,
    UnavailableError,
    UnreadableError,
)
from tb_attribution_plugin.backend.provider import Data, once_per_step
from tests.backend.lists import listed_blobs


class RpcError(grpc.RpcError):
    def __init__(self, code: grpc.StatusCode) -> None:
        self._code = code

    def code(self) -> grpc.StatusCode:
        return self._code

    def details(self) -> str:
        return "details"


@pytest.mark.parametrize(
    ("raised", "ours"),
    [
        (RpcError(grpc.StatusCode.RESOURCE_EXHAUSTED), TooMuchError),
        (RpcError(grpc.StatusCode.UNAVAILABLE), UnavailableError),
        (tensorboard_errors.NotFoundError("gone"), NotFoundError),
        (tensorboard_errors.InvalidArgumentError("bad key"), UnreadableError),
        (MemoryError("a tensor that claims 10^15 values"), UnreadableError),
        (ValueError("cannot reshape"), UnreadableError),
    ],
)
def test_what_tensorboard_raises_becomes_an_error_in_words(raised: Exception, ours: type[RequestError]) -> None:
    def fail(*_: object, **__: object) -> None:
        raise raised

    data = Data(SimpleNamespace(read_tensors=fail, read_blob=fail, list_runs=fail), None, "")
    for ask in (lambda: data.read_tensors("run", "stats/ig"), lambda: data.read_blob("key"), data.runs):
        with pytest.raises(ours):
            ask()


def test_a_mistake_of_ours_is_not_taken_for_bad_data() -> None:
    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        Data(SimpleNamespace(list_runs=fail), None, "").runs()


def test_of_a_step_written_twice_the_first_is_kept_and_steps_ascend() -> None:
    points = [SimpleNamespace(step=step, value=value) for value, step in enumerate([0, 10, 20, 10, 5])]
    assert [(point.step, point.value) for point in once_per_step(points)] == [(0, 0), (5, 4), (10, 1), (20, 2)]


def test_of_several_runs_that_are_asked_for_the_one_that_cannot_be_listed_is_named() -> None:
    listed = {"maps/ig": listed_blobs()}

    def list_blob_sequences(_: object, *, run_tag_filter: Any, **__: object) -> dict[str, dict[str, Any]]:
        if "bad" in run_tag_filter.runs:
            raise ValueError("a tag without a value")
        return dict.fromkeys(run_tag_filter.runs, listed)

    data = Data(SimpleNamespace(list_blob_sequences=list_blob_sequences), None, "")
    assert data.list_blobs(["a", "bad", "b"]) == {"a": listed, "b": listed}
    assert list(data.unlisted) == ["bad"]
    with pytest.raises(UnreadableError, match="a tag without a value"):
        data.list_blobs(["bad"])
