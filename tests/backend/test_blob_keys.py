from __future__ import annotations

import dataclasses
import threading
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import pytest

from tb_attribution_plugin.backend import blob_keys
from tb_attribution_plugin.backend.blob_keys import BlobKeys
from tb_attribution_plugin.backend.errors import TooMuchError, UnreadableError
from tb_attribution_plugin.backend.provider import Data
from tests.backend import logs
from tests.backend.events import tagged

CONTENT = tagged(maps=logs.map_series("ig", [70, 70]))  # of 3 examples


@dataclasses.dataclass
class Provider:
    """TensorBoard's provider as far as keys go; counts how often all keys were listed."""

    steps: dict[str, list[tuple[int, float, int]]]  # tag -> (step, wall time, elements)
    listings: int = 0

    def list_blob_sequences(self, context: None, *, run_tag_filter: Any, **_: object) -> dict[str, dict[str, Any]]:
        (tag,) = run_tag_filter.tags
        points = self.steps.get(tag, [])
        if not points:
            return {}
        last, wall_time, _elements = points[-1]
        longest = max(elements for _, _, elements in points)
        series = SimpleNamespace(max_step=last, max_wall_time=wall_time, max_length=longest, plugin_content=CONTENT)
        return {"run": {tag: series}}

    def read_scalars(self, context: None, *, run_tag_filter: Any, **_: object) -> dict[str, dict[str, Any]]:
        (tag,) = run_tag_filter.tags
        maps = self.steps["maps/" + tag.removeprefix("seconds/")]
        return {"run": {tag: [SimpleNamespace(step=step, wall_time=time, value=0.0) for step, time, _ in maps]}}

    def read_blob_sequences(self, context: None, *, run_tag_filter: Any, **_: object) -> dict[str, dict[str, Any]]:
        (tag,) = run_tag_filter.tags
        self.listings += 1
        data = [
            SimpleNamespace(
                step=step,
                wall_time=wall_time,
                values=[SimpleNamespace(blob_key=f"{tag}/{step}/{element}") for element in range(elements)],
            )
            for step, wall_time, elements in self.steps[tag]
        ]
        return {"run": {tag: data}}


def _data(provider: Provider) -> Data:
    return Data(provider, None, "")


def test_keys_are_listed_once_however_often_they_are_asked_for() -> None:
    provider, keys = Provider({"a": [(0, 1.0, 2), (5, 2.0, 2)]}), BlobKeys()
    for _ in range(3):
        steps = keys.steps(_data(provider), "run", "a")
    assert list(steps) == [0, 5]
    assert steps[5].keys == ("a/5/0", "a/5/1")
    assert provider.listings == 1


@pytest.mark.parametrize("points", [[(0, 1.0, 2), (5, 2.0, 2), (9, 3.0, 2)], [(0, 1.0, 2), (5, 7.0, 2)]])
def test_a_new_step_and_a_rewritten_step_are_listed_again(points: list[tuple[int, float, int]]) -> None:
    provider, keys = Provider({"a": [(0, 1.0, 2), (5, 2.0, 2)]}), BlobKeys()
    keys.steps(_data(provider), "run", "a")
    provider.steps["a"] = points
    steps = keys.steps(_data(provider), "run", "a")
    assert [(step.step, step.wall_time) for step in steps.values()] == [point[:2] for point in points]
    assert provider.listings == 2


def test_the_series_asked_for_longest_ago_is_forgotten_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blob_keys, "MAX_KEYS_KEPT", 20)
    provider, keys = Provider({tag: [(0, 1.0, 10)] for tag in "abc"}), BlobKeys()
    for tag in "abacac":  # a stays, b goes when c comes
        keys.steps(_data(provider), "run", tag)
    assert provider.listings == 3
    keys.steps(_data(provider), "run", "b")
    assert provider.listings == 4


def test_one_series_larger_than_the_limit_is_kept_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blob_keys, "MAX_KEYS_KEPT", 5)
    provider, keys = Provider({"a": [(0, 1.0, 10)]}), BlobKeys()
    for _ in range(2):
        keys.steps(_data(provider), "run", "a")
    assert provider.listings == 1


def test_more_elements_than_a_writer_makes_are_not_listed() -> None:
    provider = Provider({"a": [(0, 1.0, blob_keys.MAX_ELEMENTS + 1)]})
    with pytest.raises(UnreadableError, match="claims 65538 elements in a step; 65537 can be read"):
        BlobKeys().steps(_data(provider), "run", "a")
    assert provider.listings == 0


def test_a_step_has_one_element_more_than_the_series_has_examples_at_most() -> None:
    provider = Provider({"maps/ig": [(0, 1.0, 4), (5, 2.0, 1)]})
    assert len(BlobKeys().steps(_data(provider), "run", "maps/ig")[0].keys) == 4
    provider.steps["maps/ig"][1] = (5, 2.0, 5)
    with pytest.raises(UnreadableError, match="'maps/ig' of run 'run' claims 5 elements in a step; 4 can be read"):
        BlobKeys().steps(_data(provider), "run", "maps/ig")
    assert provider.listings == 1


def test_more_keys_than_can_be_listed_are_refused_with_the_flag_that_helps(monkeypatch: pytest.MonkeyPatch) -> None:
    provider = Provider({"maps/ig": [(step, 1.0, 4) for step in range(10)]})
    monkeypatch.setattr(blob_keys, "MAX_KEYS", 40)
    assert len(BlobKeys().steps(_data(provider), "run", "maps/ig")) == 10
    monkeypatch.setattr(blob_keys, "MAX_KEYS", 39)
    with pytest.raises(TooMuchError, match="has 10 steps x 4 elements; 39 can be listed") as caught:
        BlobKeys().steps(_data(provider), "run", "maps/ig")
    assert caught.value.hint == "start tensorboard with --samples_per_plugin=attribution=9"
    assert provider.listings == 1


def test_other_series_do_not_wait_for_one_that_is_listed_and_the_same_series_is_listed_once() -> None:
    go_on, begun = threading.Event(), threading.Event()

    class Slow(Provider):
        def read_blob_sequences(self, context: None, *, run_tag_filter: Any, **_: object) -> dict[str, dict[str, Any]]:
            if "slow" in run_tag_filter.tags:
                begun.set()
                assert go_on.wait(20)
            return super().read_blob_sequences(context, run_tag_filter=run_tag_filter)

    provider, keys = Slow({"slow": [(0, 1.0, 2)], "quick": [(0, 1.0, 2)]}), BlobKeys()
    with ThreadPoolExecutor(3) as threads:
        try:
            slow = [threads.submit(keys.steps, _data(provider), "run", "slow") for _ in range(2)]
            assert begun.wait(20)
            assert list(threads.submit(keys.steps, _data(provider), "run", "quick").result(20)) == [0]
            assert not any(one.done() for one in slow)
        finally:
            go_on.set()
        assert [list(one.result(20)) for one in slow] == [[0], [0]]
    assert provider.listings == 2
