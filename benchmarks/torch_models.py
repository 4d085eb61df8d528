"""The torch models of the same layers as ours, and how torch runs them fastest."""

from __future__ import annotations

import os
import statistics
from typing import Any

import numpy as np

from benchmarks import tables
from benchmarks.models import Case


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


def inputs_of(case: Case) -> Any:
    """Channels first."""
    import torch

    axes = (0, 3, 1, 2) if case.inputs.ndim == 4 else (0, 1)
    return torch.from_numpy(np.ascontiguousarray(case.inputs.transpose(axes)))


def ready(name: str, case: Case) -> tuple[Any, Any]:
    """The twin for inference, and torch on the number of threads at which that is fastest.

    Beside TensorFlow in one process its threads may wait for each other: one alone was up to 50 times faster.
    """
    import torch

    torch.manual_seed(0)
    model, layer = twin(name)
    model.eval()
    rows = inputs_of(case)
    rows = torch.from_numpy(np.resize(rows.numpy(), (case.largest, *rows.shape[1:])))
    counts = {1, os.cpu_count() or 1}

    @torch.no_grad()
    def taken(threads: int) -> float:
        torch.set_num_threads(threads)
        return statistics.median(tables.milliseconds({"": lambda: model(rows)}, 3)[""])

    torch.set_num_threads(min(counts, key=taken))
    return model, layer
