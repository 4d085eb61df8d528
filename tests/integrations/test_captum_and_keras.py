"""The same training in torch with Captum and in Keras: the same maps, in one log directory."""

from __future__ import annotations

from collections.abc import Iterator

import keras
import numpy as np
import pytest

from tb_attribution_plugin.logging.reader import StoredRun, read_runs
from tests.integrations.side_by_side import STEPS, TAGS, probe, train_both

# The parity pack's for these methods, as a share of the map's largest value.
TOLERANCE = 2e-5


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, StoredRun]]:
    path = tmp_path_factory.mktemp("runs")
    train_both(path)
    yield read_runs(str(path))
    keras.backend.clear_session()


def test_both_are_runs_of_one_probe_with_the_same_series(runs: dict[str, StoredRun]):
    first, second = runs["torch/attribution"], runs["keras/attribution"]
    assert set(first.series) == set(second.series) == set(TAGS)
    assert list(first.probes) == list(second.probes) == [probe().hash]
    for tag in TAGS:
        described = [run.series[tag].description for run in (first, second)]
        assert described[0].target == described[1].target == "label"
        assert described[0].scalar == described[1].scalar == "margin"
        assert described[0].grids == described[1].grids


@pytest.mark.parametrize("tag", TAGS)
def test_maps_agree_at_every_step(runs: dict[str, StoredRun], tag: str):
    of_torch, of_keras = (runs[f"{name}/attribution"].series[tag] for name in ("torch", "keras"))
    assert of_torch.steps == of_keras.steps == [0, 1, 2, 3]
    for step in of_torch.steps:
        found, expected = of_torch.maps(step).scores[0], of_keras.maps(step).scores[0]
        assert np.abs(found - expected).max() <= TOLERANCE * np.abs(expected).max()
        for column, slack in (("STAT_OUTPUT", 1e-5), ("STAT_TARGET_PROBABILITY", 1e-5), ("STAT_RESIDUAL", 2e-4)):
            np.testing.assert_allclose(
                of_torch.stats(step)[column], of_keras.stats(step)[column], rtol=1e-5, atol=slack, err_msg=column
            )


def test_maps_change_as_both_learn(runs: dict[str, StoredRun]):
    series = runs["torch/attribution"].series["integrated_gradients"]
    first, last = (series.maps(step).scores[0] for step in (0, STEPS))
    assert np.abs(last - first).max() > 100 * TOLERANCE * np.abs(first).max()
