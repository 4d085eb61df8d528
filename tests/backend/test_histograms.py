from __future__ import annotations

import urllib.parse

import numpy as np
import pytest

from tb_attribution_plugin.backend import histograms
from tb_attribution_plugin.backend.errors import UnreadableError
from tb_attribution_plugin.backend.parameters import SeriesName
from tb_attribution_plugin.backend.provider import Data
from tb_attribution_plugin.wire import attribution_pb2 as pb
from tb_attribution_plugin.wire import histogram
from tests.backend import logs
from tests.backend.numbers_provider import Provider
from tests.backend.server import Server

RUN = "control/attribution"


def test_pooled_histograms_are_the_sum_of_all_steps(server: Server) -> None:
    asked = [(RUN, "saliency"), (RUN, "lime"), (RUN, "grad_cam")]
    query = "&".join(urllib.parse.urlencode({"run": run, "tag": tag}) for run, tag in asked)
    answer = server.get_url(f"{server.root}/data/plugin/attribution/histograms?{query}")
    one, none, other = pb.PooledHistogramList.FromString(answer.body).series
    assert (one.layout, other.layout) == (histogram.layout("saliency"), histogram.layout("grad_cam"))
    logged = np.sum([histogram.log_histogram(logs.cam(step)) for step in logs.STEPS], axis=0)
    assert list(one.counts) == list(other.counts) == logged.tolist()
    assert (none.error, list(none.counts)) == (f"run {RUN!r} has no 'lime'", [])


def test_a_row_that_is_no_histogram_is_left_out_of_the_sum() -> None:
    layout = histogram.layout("ig")
    row = np.ones(2 + layout.bins, np.float32)
    (found,) = histograms.pooled(Data(Provider(row), None, ""), [SeriesName("run", "ig")]).series
    assert list(found.counts) == [10.0] * len(row)  # ten steps
    (found,) = histograms.pooled(Data(Provider(row[1:]), None, ""), [SeriesName("run", "ig")]).series
    assert list(found.counts) == [0.0] * len(row)
    with pytest.raises(UnreadableError, match="the series has no histogram"):
        histograms.pooled(Data(Provider(), None, ""), [SeriesName("run", "ig")])
