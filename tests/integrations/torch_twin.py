"""The network of `tests/parity/cnn_relu` in torch, with the same weights."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

CASE = Path(__file__).parents[1] / "parity" / "cnn_relu"


class Twin(torch.nn.Module):
    """Pictures [B, 1, 16, 16] -> logits [B, 10]."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = torch.nn.Conv2d(1, 6, 3, padding=1)
        self.relu1 = torch.nn.ReLU()
        self.pool1 = torch.nn.MaxPool2d(2)
        self.conv2 = torch.nn.Conv2d(6, 8, 3, padding=1)
        self.relu2 = torch.nn.ReLU()
        self.fc1 = torch.nn.Linear(512, 24)
        self.relu3 = torch.nn.ReLU()
        self.logits = torch.nn.Linear(24, 10)
        with np.load(CASE / "weights.npz") as weights:
            for name in ("conv1", "conv2", "fc1", "logits"):
                kernel = weights[f"{name}/kernel"]
                kernel = kernel.transpose(3, 2, 0, 1) if kernel.ndim == 4 else kernel.T
                getattr(self, name).weight.data = torch.tensor(kernel)
                getattr(self, name).bias.data = torch.tensor(weights[f"{name}/bias"])

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.relu2(self.conv2(self.pool1(self.relu1(self.conv1(x)))))
        x = x.permute(0, 2, 3, 1).flatten(1)  # Keras flattens with channels last
        return self.logits(self.relu3(self.fc1(x)))
