"""What the page is measured on."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from benchmarks import page, page_logs
from tb_attribution_plugin.logging import reader


def test_the_logs_have_the_size_asked_for_and_grow_as_those_of_a_network_do(tmp_path: Path) -> None:
    size = page_logs.Size(steps=3, examples=2, methods=2, runs=2, side=8)
    page_logs.write(tmp_path, size)
    runs = reader.read_runs(str(tmp_path))
    assert sorted(runs) == ["sweep/0/attribution", "sweep/1/attribution"]
    for run in runs.values():
        assert sorted(run.series) == ["integrated_gradients", "saliency"]
        series = run.series["saliency"]
        assert series.steps == [0, 10, 20]
        maps = [series.maps(step).scores[0] for step in series.steps]
        assert maps[0].shape == (2, 8, 8)
        assert 20 < np.abs(maps[2]).max() / np.abs(maps[0]).max() < 400


def test_a_percentile_is_one_of_the_values() -> None:
    values = [5.0, 1.0, 4.0, 2.0, 3.0]
    assert [page.percentile(values, share) for share in (0, 0.2, 0.5, 0.95, 1)] == [1, 1, 3, 5, 5]
