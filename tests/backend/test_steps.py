from __future__ import annotations

from types import SimpleNamespace
from typing import Any, ClassVar

import pytest

from tb_attribution_plugin.backend import steps
from tb_attribution_plugin.backend.problems import Problems
from tb_attribution_plugin.backend.provider import Data


class Provider:
    """Scalars of so many points; asked for fewer, it gives the last ones, as TensorBoard gives a sample."""

    def __init__(self, sizes: dict[tuple[str, str], int]) -> None:
        self.sizes = sizes
        self.given: list[int] = []

    def read_scalars(self, context: None, *, run_tag_filter: Any, downsample: int, **_: object) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for (run, tag), size in self.sizes.items():
            if run in run_tag_filter.runs and tag in run_tag_filter.tags:
                points = range(max(size - downsample, 0), size)
                found.setdefault(run, {})[tag] = [SimpleNamespace(step=step, value=0.0) for step in points]
        self.given.append(sum(len(points) for tags in found.values() for points in tags.values()))
        return found


def _read(provider: Provider) -> tuple[dict[tuple[str, str], int], list[str]]:
    listed: dict[str, set[str]] = {}
    for run, tag in provider.sizes:
        listed.setdefault(run, set()).add(tag)
    problems = Problems()
    found = steps.read(Data(provider, None, ""), listed, {"epoch", "seconds/ig"}, problems)
    sizes = {(run, tag): len(points) for run, tags in found.items() for tag, points in tags.items()}
    return sizes, sorted(f"{one.run} {one.tag}: {one.message}" for one in problems.listed())


def test_all_points_are_read_at_once_where_they_fit() -> None:
    provider = Provider({("a", "epoch"): 100, ("a", "seconds/ig"): 100, ("b", "epoch"): 0, ("b", "other"): 7})
    assert _read(provider) == ({("a", "epoch"): 100, ("a", "seconds/ig"): 100, ("b", "epoch"): 0}, [])
    assert provider.given == [200]


def test_a_long_series_gets_what_short_ones_leave(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "MAX_POINTS", 1_000)
    sizes = {("a", "epoch"): 10, ("a", "seconds/ig"): 10, ("b", "epoch"): 10, ("b", "seconds/ig"): 900}
    provider = Provider(sizes)
    assert _read(provider) == (sizes, [])
    assert max(provider.given) < 1_000


def test_more_points_than_the_index_holds_are_drawn_and_said_and_short_series_are_whole(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(steps, "MAX_POINTS", 1_000)
    provider = Provider({("a", "epoch"): 200, ("b", "epoch"): 10**6, ("b", "seconds/ig"): 10**6})
    sizes, problems = _read(provider)
    assert sizes == {("a", "epoch"): 200, ("b", "epoch"): 334, ("b", "seconds/ig"): 334}
    assert max(provider.given) <= 1_000 + 3
    assert [one.split(",")[0] for one in problems] == [
        "b epoch: 334 of its steps are listed",
        "b seconds/ig: 334 of its steps are listed",
    ]
    assert problems[0].endswith("--samples_per_plugin=attribution=N")


def test_a_series_that_cannot_be_read_is_named_and_no_run_is_read_twice() -> None:
    class Torn(Provider):
        asked: ClassVar[list[tuple[set[str], set[str]]]] = []

        def read_scalars(self, context: None, *, run_tag_filter: Any, **given: Any) -> dict[str, Any]:
            self.asked.append((set(run_tag_filter.runs), set(run_tag_filter.tags)))
            if "b" in run_tag_filter.runs and "epoch" in run_tag_filter.tags:
                raise ValueError("torn")
            return super().read_scalars(context, run_tag_filter=run_tag_filter, **given)

    provider = Torn({("a", "epoch"): 3, ("b", "epoch"): 3, ("b", "seconds/ig"): 2})
    sizes, (problem,) = _read(provider)
    assert sizes == {("a", "epoch"): 3, ("b", "seconds/ig"): 2}
    assert problem.startswith("b epoch: TensorBoard cannot read runs ['b'], tags ['epoch']: torn")
    one_by_one = [({run}, {tag}) for run, tag in provider.sizes]
    assert sorted(provider.asked[1:], key=str) == sorted(one_by_one, key=str)
