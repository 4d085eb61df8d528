from __future__ import annotations

import gc
import weakref
from types import SimpleNamespace

import numpy as np
import pytest

from tb_attribution_plugin.backend import refusals as refusals_module
from tb_attribution_plugin.backend.errors import RequestError, UnavailableError, UnreadableError
from tb_attribution_plugin.backend.provider import Data
from tb_attribution_plugin.backend.refusals import Refusals

DATA = Data(None, None, "")
LISTED = SimpleNamespace(max_step=7, max_wall_time=2.0)


def _fail(refusals: Refusals, error: RequestError, cause: Exception | None = None, tag: str = "stats/ig") -> None:
    with pytest.raises(type(error)), refusals.remembered(DATA, "run", tag, LISTED):
        raise error from cause


def test_what_was_refused_is_refused_again_without_asking_until_the_series_changes() -> None:
    refusals = Refusals()
    _fail(refusals, UnreadableError("claims too much", "remove it"))
    asked = []
    with (
        pytest.raises(UnreadableError, match="claims too much") as caught,
        refusals.remembered(DATA, "run", "stats/ig", LISTED),
    ):
        asked.append(1)
    assert caught.value.hint == "remove it"
    for changed in (SimpleNamespace(max_step=8, max_wall_time=2.0), SimpleNamespace(max_step=7, max_wall_time=3.0)):
        with refusals.remembered(DATA, "run", "stats/ig", changed):
            asked.append(2)
    assert asked == [2, 2]
    assert refusals.known(DATA, "run", "stats/other", LISTED) is None


@pytest.mark.parametrize(
    ("error", "cause"),
    [(UnavailableError("the data server is away"), None), (UnreadableError("no memory"), MemoryError())],
)
def test_what_may_pass_is_not_remembered(error: RequestError, cause: Exception | None) -> None:
    refusals = Refusals()
    _fail(refusals, error, cause)
    assert refusals.known(DATA, "run", "stats/ig", LISTED) is None


def test_the_arrays_that_a_refusal_was_about_are_let_go() -> None:
    refusals = Refusals()

    def read() -> weakref.ref[np.ndarray]:
        array = np.zeros(1000)
        with pytest.raises(UnreadableError), refusals.remembered(DATA, "run", "stats/ig", LISTED):
            raise UnreadableError(f"{array.size} values")
        return weakref.ref(array)

    array = read()
    gc.collect()
    assert array() is None


def test_the_oldest_refusal_is_forgotten_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refusals_module, "_MOST", 2)
    refusals = Refusals()
    for tag in "abc":
        _fail(refusals, UnreadableError(tag), tag=tag)
    known = [refusals.known(DATA, "run", tag, LISTED) for tag in "abc"]
    assert [error if error is None else str(error) for error in known] == [None, "b", "c"]
