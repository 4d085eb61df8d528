"""The same training twice: in torch, explained by Captum, and in Keras, by the callback."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import torch
from captum.attr import InputXGradient, IntegratedGradients, LayerGradCam, Saliency

import tb_attribution_plugin as tba
from tb_attribution_plugin.integrations.captum import AttributionLogger, margin
from tests.integrations.torch_twin import CASE, Twin
from tests.parity.build_keras import build

STEPS = 3
TAGS = ("saliency", "input_x_gradient", "integrated_gradients", "grad_cam")


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


def train_both(path: Path) -> None:
    shared = probe()
    train_torch(path / "torch", shared)
    train_keras(path / "keras", shared)
