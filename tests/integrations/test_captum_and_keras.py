"""The same training in torch with Captum and in Keras: the same maps, in one log directory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import keras
import numpy as np
import pytest
import torch
from captum.attr import InputXGradient, IntegratedGradients, LayerGradCam, Saliency

import tb_attribution_plugin as tba
from tb_attribution_plugin.integrations.captum import AttributionLogger, margin
from tb_attribution_plugin.logging.reader import StoredRun, read_runs
from tests.integrations.torch_twin import CASE, Twin
from tests.parity.build_keras import build

STEPS = 3
TAGS = ("saliency", "input_x_gradient", "integrated_gradients", "grad_cam")
# The parity pack's for these methods, as a share of the map's largest value.
TOLERANCE = 2e-5


def probe() -> tba.Probe:
    with np.load(CASE / "data.npz") as data:
        return tba.Probe(data["x"], data["targets"])


def train_torch(path: Path, shared: tba.Probe) -> None:
    model = Twin().train()
    scalar = margin(model)
    methods = {
        "saliency": Saliency(scalar),
        "input_x_gradient": InputXGradient(scalar),
        "integrated_gradients": IntegratedGradients(scalar),
        "grad_cam": LayerGradCam(scalar, model.relu2),
    }
    arguments = {"saliency": {"abs": False}, "integrated_gradients": {"n_steps": 16}}
    optimizer = torch.optim.SGD(model.parameters(), 0.01)
    inputs, labels = (
        torch.from_numpy(shared.inputs.transpose(0, 3, 1, 2).copy()),
        torch.from_numpy(shared.labels.copy()),
    )
    with AttributionLogger(
        path, shared, methods, model, arguments=arguments, update_freq=1, store="float32", max_overhead=None
    ) as log:
        log(0)
        for step in range(1, STEPS + 1):
            optimizer.zero_grad()
            loss = torch.nn.functional.cross_entropy(model(inputs), labels)
            loss.backward()
            optimizer.step()
            log(step, {"loss": loss})


def train_keras(path: Path, shared: tba.Probe) -> None:
    model = build(CASE, output="logits")
    model.compile(keras.optimizers.SGD(0.01), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    methods = ["saliency", "input_x_gradient", tba.methods.IntegratedGradients(baseline=0.0)]
    callback = tba.AttributionCallback(
        path,
        shared,
        methods=[*methods, tba.methods.GradCAM(layer="relu2")],
        update_freq=1,
        store="float32",
        max_overhead=None,
    )
    model.fit(
        shared.inputs,
        shared.labels,
        batch_size=shared.size,
        epochs=STEPS,
        shuffle=False,
        verbose=0,
        callbacks=[callback],
    )


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, StoredRun]]:
    path, shared = tmp_path_factory.mktemp("runs"), probe()
    train_torch(path / "torch", shared)
    train_keras(path / "keras", shared)
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
