"""Captum, on a torch model of the same layers; its limit is torch's own evaluation."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks import rule_peers
from benchmarks.evaluations import AT_LAYER
from benchmarks.limits import BATCHES, Evaluations
from benchmarks.models import Case
from benchmarks.peers import CLASS, NOISE, SAMPLES, STEPS, Calls
from benchmarks.torch_models import inputs_of, ready


def captum(name: str, case: Case) -> tuple[Calls, dict[str, Evaluations]]:
    """Calls by method; torch's gradient evaluations by kind."""
    import torch
    from captum import attr

    model, layer = ready(name, case)
    inputs = inputs_of(case)

    def gradient(batch: int) -> Callable[[], Any]:
        rows = torch.from_numpy(np.resize(inputs.numpy(), (batch, *inputs.shape[1:])))

        def call() -> Any:
            rows.requires_grad_()
            return torch.autograd.grad(model(rows)[:, CLASS].sum(), rows)

        return call

    def gradient_at_layer(batch: int) -> Callable[[], Any]:
        rows = torch.from_numpy(np.resize(inputs.numpy(), (batch, *inputs.shape[1:])))

        def call() -> Any:
            kept: list[Any] = []
            hook = layer.register_forward_hook(lambda module, given, output: kept.append(output))
            values = model(rows)[:, CLASS].sum()
            hook.remove()
            return torch.autograd.grad(values, kept[0])

        return call

    plain, path, product = attr.Saliency(model), attr.IntegratedGradients(model), attr.InputXGradient(model)
    calls = {
        "saliency": lambda: plain.attribute(inputs.requires_grad_(), target=CLASS, abs=False),
        "input_x_gradient": lambda: product.attribute(inputs.requires_grad_(), target=CLASS),
        # Without this bound it makes one batch of all points.
        "integrated_gradients": lambda: path.attribute(
            inputs, target=CLASS, n_steps=STEPS, internal_batch_size=max(len(inputs), case.largest // 4)
        ),
    }
    shap = attr.GradientShap(model)
    calls["expected_gradients"] = lambda: shap.attribute(inputs, inputs, n_samples=SAMPLES, stdevs=0.0, target=CLASS)
    noisy = attr.NoiseTunnel(plain)
    # At most so many samples of all examples at once; one standard deviation for all of them.
    calls["smooth_grad"] = lambda: noisy.attribute(
        inputs.requires_grad_(),
        target=CLASS,
        abs=False,
        nt_samples=SAMPLES,
        nt_samples_batch_size=max(1, case.largest // len(inputs)),
        stdevs=NOISE * float(inputs.max() - inputs.min()),
    )
    if layer is not None:
        cam = attr.LayerGradCam(model, layer)
        calls["grad_cam"] = lambda: cam.attribute(inputs, target=CLASS)
        at_unit = attr.LayerGradientXActivation(model, layer)
        calls["layer_gradient_x_activation"] = lambda: at_unit.attribute(inputs, target=CLASS)
        rows = max(len(inputs), case.largest // 4)
        for title, path_at in (
            ("layer_integrated_gradients", attr.LayerIntegratedGradients(model, layer)),
            ("layer_conductance", attr.LayerConductance(model, layer)),
        ):
            calls[title] = functools.partial(
                path_at.attribute, inputs, target=CLASS, n_steps=STEPS, internal_batch_size=rows
            )
    calls |= rule_peers.captum(model, layer, case)
    sizes = [batch for batch in BATCHES if batch <= case.largest]
    found = {"": {batch: gradient(batch) for batch in sizes}}
    if layer is not None:
        found[AT_LAYER] = {batch: gradient_at_layer(batch) for batch in sizes}
    return calls, found
