"""A torch module that returns margins, the scalar that maps of Keras models explain unless told otherwise."""

from __future__ import annotations

from typing import Any

import torch


class Margin(torch.nn.Module):
    """Returns [B, C] margins of a module that returns logits: of each class, its logit minus the mean of the others.

        margin_c = (C logit_c - sum over k of logit_k) / (C - 1)

    One logit [B, 1] becomes those of two classes, [-z, z].
    """

    def __init__(self, model: torch.nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, *inputs: Any) -> Any:
        logits = self.model(*inputs)
        if logits.ndim != 2:
            raise ValueError(f"margin(model) needs logits [B, C]; the module returned {list(logits.shape)}")
        classes = logits.shape[1]
        if classes == 1:
            return torch.cat([-logits, logits], 1)
        # Centred first: a common shift of large logits would cost digits.
        centred = logits - logits.mean(1, keepdim=True).detach()
        return (classes * centred - centred.sum(1, keepdim=True)) / (classes - 1)


def margin(model: torch.nn.Module) -> torch.nn.Module:
    """The module to give to Captum for maps of the margin: `IntegratedGradients(margin(model))`."""
    return Margin(model)
