from __future__ import annotations

import math

from tb_attribution_plugin.wire import attribution_pb2 as pb
from tb_attribution_plugin.wire import histogram
from tests.backend import logs
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
