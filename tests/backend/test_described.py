from __future__ import annotations

from typing import Any

import pytest

from tb_attribution_plugin.backend import described
from tb_attribution_plugin.backend.described import Described, Listed, describe
from tb_attribution_plugin.backend.problems import Problems
from tb_attribution_plugin.wire import attribution_pb2 as pb
from tests.backend import logs
from tests.backend.events import tagged
from tests.backend.lists import listed_blobs, listed_scalars


def _run(series: int, parameters: int = 1, scalars: int = 0) -> Listed:
    """Some 2 KB a series."""
    blobs: dict[str, Any] = {f"probe/{logs.HASH}": listed_blobs(tagged(probe=pb.ProbeSeries(hash=logs.HASH)))}
    filler = [pb.Parameter(name="x" * 2048)] + [pb.Parameter()] * parameters
    for tag in map("{:05}".format, range(series)):
        blobs[f"maps/{tag}"] = listed_blobs(tagged(maps=logs.map_series(tag, [2, 2], parameters=filler)))
    return Listed(blobs, {f"fit/{k:05}": listed_scalars() for k in range(scalars)})


def _described(runs: dict[str, Listed]) -> tuple[dict[str, Described], list[str]]:
    problems = Problems()
    found = {one.run.run: one for one in describe(runs, problems)}
    return found, [f"{one.run}: {one.message}" for one in problems.listed() if "left out" in one.message]


def _size(found: dict[str, Described]) -> int:
    names_and_metadata = pb.Index()
    for one in found.values():
        names_and_metadata.runs.append(one.run)
        names_and_metadata.runs[-1].series.extend(pb.Series(maps=maps) for maps in one.series.values())
    return names_and_metadata.ByteSize()


def test_everything_is_there_as_long_as_it_fits() -> None:
    found, left_out = _described({"a": _run(500, scalars=500), "b/attribution": _run(1)})
    assert {run: len(one.series) for run, one in found.items()} == {"a": 500, "b/attribution": 1}
    assert len(found["a"].run.scalars) == 500
    assert (found["b/attribution"].run.group, found["b/attribution"].run.name) == ("b", "attribution")
    assert left_out == []


def test_a_run_of_very_many_series_leaves_the_others_whole_and_the_index_small() -> None:
    found, left_out = _described({"a": _run(20_000), "good": _run(100), "z": _run(20_000)})
    assert len(found["good"].series) == 100
    assert 1_000 < len(found["a"].series) < 10_000
    assert abs(len(found["a"].series) - len(found["z"].series)) <= 1
    assert all(one.run.probe_hashes == [logs.HASH] for one in found.values())
    assert _size(found) < described.MAX_BYTES
    rest = 20_000 - len(found["a"].series)
    assert f"a: {rest} of its 20001 series are left out: the index holds 16 MiB of names and metadata" in left_out[0]
    assert left_out[0].endswith("start tensorboard on a part of this directory")


def test_messages_of_two_bytes_count_as_what_they_take() -> None:
    found, left_out = _described({"a": _run(1_000, parameters=1_000)})
    assert sum(len(series.parameters) for series in found["a"].series.values()) < described.MAX_BYTES / 60
    assert len(left_out) == 1


def test_very_many_scalars_and_names_without_end_are_left_out_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(described, "MAX_BYTES", 1 << 17)
    found, left_out = _described({"a": _run(1, scalars=20_000), "b": _run(2), "x" * 200_000: _run(1)})
    assert 500 < len(found["a"].run.scalars) < 2_000
    assert len(found["b"].series) == 2
    assert _size(found) < described.MAX_BYTES
    assert [one.split(" are left out")[0] for one in left_out] == ["a: 18306 of its 20002 series", ": 1 of 3 runs"]
