"""Captum, on a torch model of the same layers; its limit is torch's own evaluation."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.limits import BATCHES
from benchmarks.models import Case
from benchmarks.peers import CLASS, NOISE, SAMPLES, STEPS, Calls


def twin(name: str) -> tuple[Any, Any]:
    """The torch model, and the layer of its class activation map (None where it has no grid)."""
    from torch import nn

    if name == "mlp":
        widths = [(30, 64), (64, 64), (64, 64)]
        return nn.Sequential(
            *[part for a, b in widths for part in (nn.Linear(a, b), nn.ReLU())], nn.Linear(64, 2)
        ), None
    if name == "cnn":
        last = nn.Conv2d(32, 32, 3)
        first = [nn.Conv2d(3, 16, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(16, 32, 3), nn.ReLU(), nn.MaxPool2d(2)]
        return nn.Sequential(*first, last, nn.ReLU(), nn.Flatten(), nn.Linear(32 * 4 * 4, 10)), last
    model = _mobilenet(nn)
    return model, model[-4]


def _mobilenet(nn: Any) -> Any:
    """MobileNetV2 (Sandler et al., 2018, table 2, arXiv:1801.04381)."""

    def unit(a: int, b: int, kernel: int, stride: int = 1, groups: int = 1) -> list[Any]:
        convolution = nn.Conv2d(a, b, kernel, stride, kernel // 2, groups=groups, bias=False)
        return [convolution, nn.BatchNorm2d(b), nn.ReLU6()]

    class Block(nn.Module):
        def __init__(self, a: int, b: int, stride: int, expansion: int) -> None:
            super().__init__()
            wide = a * expansion
            parts = unit(a, wide, 1) if expansion > 1 else []
            parts += [*unit(wide, wide, 3, stride, wide), nn.Conv2d(wide, b, 1, bias=False), nn.BatchNorm2d(b)]
            self.body, self.skips = nn.Sequential(*parts), stride == 1 and a == b

        def forward(self, x: Any) -> Any:
            return x + self.body(x) if self.skips else self.body(x)

    layers, width = unit(3, 32, 3, 2), 32
    plan = ((1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1))
    for expansion, channels, count, stride in plan:
        for number in range(count):
            layers.append(Block(width, channels, stride if number == 0 else 1, expansion))
            width = channels
    layers += [*unit(width, 1280, 1), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(1280, 1000)]
    return nn.Sequential(*layers)


Evaluations = dict[int, Callable[[], Any]]


def captum(name: str, case: Case) -> tuple[Calls, Evaluations, Evaluations]:
    """Calls by method; torch's gradient evaluations by batch size; those that go down to the layer alone."""
    import torch
    from captum import attr

    torch.manual_seed(0)
    model, layer = twin(name)
    model.eval()
    axes = (0, 3, 1, 2) if case.inputs.ndim == 4 else (0, 1)
    inputs = torch.from_numpy(np.ascontiguousarray(case.inputs.transpose(axes)))

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
    sizes = [batch for batch in BATCHES if batch <= case.largest]
    at_layer = {batch: gradient_at_layer(batch) for batch in sizes} if layer is not None else {}
    return calls, {batch: gradient(batch) for batch in sizes}, at_layer
