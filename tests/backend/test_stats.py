from __future__ import annotations

import urllib.parse

import numpy as np
import pytest

from tb_attribution_plugin.backend import stats as stats_module
from tb_attribution_plugin.backend import tensors
from tb_attribution_plugin.backend.errors import TooMuchError, UnreadableError
from tb_attribution_plugin.backend.parameters import SeriesName
from tb_attribution_plugin.backend.provider import Data
from tb_attribution_plugin.wire import attribution_pb2 as pb
from tb_attribution_plugin.wire import histogram
from tests.backend import logs
from tests.backend.numbers_provider import Provider
from tests.backend.server import Server

RUN = "control/attribution"


def test_all_steps_of_a_series_are_row_major_steps_examples_columns(server: Server) -> None:
    answer = server.get("stats", run=RUN, tag="grad_cam")
    (stats,) = pb.StatsList.FromString(answer.body).series
    assert list(stats.steps) == list(logs.STEPS)
    assert stats.examples == 3
    assert list(stats.columns) == [pb.STAT_OUTPUT, pb.STAT_PEAK]
    assert logs.from_bytes(stats.values).tolist() == [value for step in logs.STEPS for value in logs.stats_row(step)]
    assert not stats.problems


def test_histograms_come_with_their_layout_one_per_step(server: Server) -> None:
    (stats,) = pb.StatsList.FromString(server.get("stats", run=RUN, tag="saliency").body).series
    assert stats.layout == histogram.layout("saliency")
    logged = np.array([histogram.log_histogram(logs.cam(step)) for step in logs.STEPS])
    sent = logs.from_bytes(stats.histogram).reshape(len(logs.STEPS), -1)
    filled = np.flatnonzero(logged[:, 2:].any(axis=0))
    # Scores are 1 .. 57: bins of the other octaves are empty at all steps, and are not sent.
    assert (stats.first_bin, sent.shape[1] - 2) == (filled[0], filled[-1] - filled[0] + 1)
    whole = np.zeros_like(logged)
    whole[:, :2] = sent[:, :2]
    whole[:, 2 + stats.first_bin : stats.first_bin + sent.shape[1]] = sent[:, 2:]
    np.testing.assert_array_equal(whole, logged)


def test_only_what_is_asked_for_is_sent(server: Server) -> None:
    def stats(**query: object) -> pb.Stats:
        (found,) = pb.StatsList.FromString(server.get("stats", run=RUN, tag="grad_cam", **query).body).series
        return found

    peaks = stats(columns=f"{pb.STAT_PEAK},{pb.STAT_RESIDUAL}")
    assert (list(peaks.columns), peaks.examples) == ([pb.STAT_PEAK], 3)  # a residual is not logged
    assert logs.from_bytes(peaks.values).tolist() == [
        value for step in logs.STEPS for value in logs.stats_row(step)[1::2]
    ]
    swapped = stats(columns=f"{pb.STAT_PEAK},{pb.STAT_OUTPUT}")
    assert logs.from_bytes(swapped.values)[:2].tolist() == logs.stats_row(0)[1::-1]
    assert (peaks.histogram, peaks.first_bin) == (stats().histogram, stats().first_bin)


def test_series_come_in_the_order_asked_and_the_damaged_one_is_named(server: Server) -> None:
    asked = [(RUN, "saliency"), (RUN, "lime"), ("watermark/attribution", "grad_cam"), ("nope", "lime")]
    query = "&".join(urllib.parse.urlencode({"run": run, "tag": tag}) for run, tag in asked)
    answer = server.get_url(f"{server.root}/data/plugin/attribution/stats?{query}")
    found = pb.StatsList.FromString(answer.body).series
    assert [one.error for one in found] == [
        "",
        f"run {RUN!r} has no 'lime'",
        "",
        "no run 'nope' with such data",
    ]
    assert [list(one.steps) for one in found] == [list(logs.STEPS), [], list(logs.STEPS), []]


def test_more_values_than_one_answer_holds_are_refused_with_the_flag_that_helps(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tensors, "MAX_VALUES", 79)
    with pytest.raises(TooMuchError, match="10 steps x 4 examples x 2 columns are over 79 values") as caught:
        stats_module.read(Data(Provider(), None, ""), "run", "ig")
    assert caught.value.hint == "start tensorboard with --samples_per_plugin=attribution=9"
    monkeypatch.setattr(tensors, "MAX_VALUES", 80)
    assert len(logs.from_bytes(stats_module.read(Data(Provider(), None, ""), "run", "ig").values)) == 80


def test_of_several_series_as_many_as_fit_can_be_had(monkeypatch: pytest.MonkeyPatch) -> None:
    data = Data(Provider(), None, "")
    monkeypatch.setattr(tensors, "MAX_VALUES", 160)
    assert len(stats_module.read_all(data, [SeriesName("run", "ig")] * 2, None).series) == 2
    with pytest.raises(TooMuchError, match="the stats of 3 series are over 160 values") as caught:
        stats_module.read_all(data, [SeriesName("run", "ig")] * 3, None)
    assert caught.value.hint.endswith("2 of these fit")


def test_a_table_that_no_number_of_steps_makes_fit_is_named_with_its_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tensors, "MAX_VALUES", 7)
    with pytest.raises(UnreadableError, match="has 8 values at step 0; 7 can be read") as caught:
        stats_module.read(Data(Provider(), None, ""), "run", "ig")
    # A limit of 0 would keep everything.
    assert "samples_per_plugin" not in caught.value.hint


def test_a_histogram_that_is_too_large_is_named_and_the_stats_show(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tensors, "MAX_VALUES", 80_000)
    stats = stats_module.read(Data(Provider(np.zeros(90_000, np.float32)), None, ""), "run", "ig")
    assert len(logs.from_bytes(stats.values)) == 80
    assert "has 90000 values at step 0" in stats.problems[0].message
