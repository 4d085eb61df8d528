from __future__ import annotations

import dataclasses
import gzip
import math
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from tb_attribution_plugin.backend import stats as stats_module
from tb_attribution_plugin.backend.errors import TooMuchError, UnreadableError
from tb_attribution_plugin.backend.provider import Data
from tb_attribution_plugin.wire import attribution_pb2 as pb
from tb_attribution_plugin.wire import histogram
from tests.backend import logs
from tests.backend.events import tagged
from tests.backend.server import Server

RUN = "control/attribution"


def test_all_steps_of_a_series_are_row_major_steps_examples_columns(server: Server) -> None:
    answer = server.get("stats", run=RUN, tag="grad_cam")
    stats = pb.Stats.FromString(answer.body)
    assert list(stats.steps) == list(logs.STEPS)
    assert stats.examples == 3
    assert list(stats.columns) == [pb.STAT_OUTPUT, pb.STAT_PEAK]
    assert list(stats.values) == [value for step in logs.STEPS for value in logs.stats_row(step)]
    assert not stats.problems


def test_histograms_come_with_their_layout_one_per_step(server: Server) -> None:
    stats = pb.Stats.FromString(server.get("stats", run=RUN, tag="saliency").body)
    assert stats.layout == histogram.layout("saliency")
    size = 2 + histogram.BINS
    assert len(stats.histogram) == size * len(logs.STEPS)
    for row, step in enumerate(logs.STEPS):
        counts = list(stats.histogram[row * size : (row + 1) * size])
        assert counts == histogram.log_histogram(logs.cam(step)).tolist()
        assert math.fsum(counts) == logs.cam(step).size


def test_stats_travel_compressed_to_who_takes_that(server: Server) -> None:
    plain = server.get("stats", run=RUN, tag="grad_cam")
    squeezed = server.get("stats", {"Accept-Encoding": "gzip"}, run=RUN, tag="grad_cam")
    assert squeezed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(squeezed.body) == plain.body
    assert len(squeezed.body) < len(plain.body) / 10


@dataclasses.dataclass
class Provider:
    """Ten steps of a series with 4 examples and 2 columns."""

    histogram: np.ndarray | None = None

    def list_tensors(self, context: None, **_: object) -> dict[str, Any]:
        tags = {"stats/ig": tagged(stats=pb.StatsSeries(tag="ig", columns=logs.COLUMNS))}
        if self.histogram is not None:
            tags["histogram/ig"] = tagged(histogram=histogram.layout("ig"))
        return {
            "run": {
                tag: SimpleNamespace(plugin_content=content, max_step=9, max_wall_time=0.0)
                for tag, content in tags.items()
            }
        }

    def read_tensors(self, context: None, *, run_tag_filter: Any, **_: object) -> dict[str, Any]:
        (tag,) = run_tag_filter.tags
        array = np.zeros((4, 2), np.float32) if tag == "stats/ig" else self.histogram
        return {"run": {tag: [SimpleNamespace(step=step, wall_time=0.0, numpy=array) for step in range(10)]}}


def test_more_values_than_one_answer_holds_are_refused_with_the_flag_that_helps(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(stats_module, "MAX_VALUES", 79)
    with pytest.raises(TooMuchError, match="10 steps x 4 examples x 2 columns are over 79 values") as caught:
        stats_module.read(Data(Provider(), None, ""), "run", "ig")
    assert caught.value.hint == "start tensorboard with --samples_per_plugin=attribution=9"
    monkeypatch.setattr(stats_module, "MAX_VALUES", 80)
    assert len(stats_module.read(Data(Provider(), None, ""), "run", "ig").values) == 80


def test_a_table_that_no_number_of_steps_makes_fit_is_named_with_its_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stats_module, "MAX_VALUES", 7)
    with pytest.raises(UnreadableError, match="has 8 values at step 0; 7 can be read") as caught:
        stats_module.read(Data(Provider(), None, ""), "run", "ig")
    # A limit of 0 would keep everything.
    assert "samples_per_plugin" not in caught.value.hint


def test_a_histogram_that_is_too_large_is_named_and_the_stats_show(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stats_module, "MAX_VALUES", 80_000)
    stats = stats_module.read(Data(Provider(np.zeros(90_000, np.float32)), None, ""), "run", "ig")
    assert len(stats.values) == 80
    assert "has 90000 values at step 0" in stats.problems[0].message
