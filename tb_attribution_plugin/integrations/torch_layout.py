"""Between a probe, whose channels come last, and a torch module, which may want them second."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from tb_attribution_plugin.probe import Probe


@dataclasses.dataclass(frozen=True)
class Layout:
    """Which inputs have their channels second in the module.

    Attributes:
      channels_first: None: those of pictures [B, H, W, C] do; True: those of series [B, T, C] too; False: none.
    """

    channels_first: bool | None

    def tensors(self, probe: Probe, model: torch.nn.Module) -> tuple[torch.Tensor, ...]:
        """The inputs as the module takes them, where its parameters are; all but token ids in their precision."""
        parameter = next(model.parameters(), torch.empty(0))
        precision = parameter.dtype if parameter.is_floating_point() else torch.float32
        found = []
        for name, array, modality in zip(probe.input_names, probe.arrays, probe.modalities, strict=True):
            if array.dtype.kind == "U":
                raise TypeError(f"input {name!r} of the probe holds strings; a torch module takes numbers: token ids")
            if array.dtype.kind == "f" and np.isnan(array).any():
                raise ValueError(
                    f"input {name!r} of the probe holds NaN, and a network takes no missing values: drop these "
                    "examples or fill the gaps"
                )
            moved = np.moveaxis(array, -1, 1) if self.moves(array.ndim, modality) else array
            tensor = torch.from_numpy(np.array(moved, order="C"))  # a copy: the probe's arrays are read-only
            found.append(tensor.to(parameter.device, torch.int64 if modality == "text" else precision))
        return tuple(found)

    def scores(self, tensor: torch.Tensor, modality: str) -> NDArray[np.float32]:
        """Scores of the module's layout, in the probe's."""
        array: NDArray[np.float32] = tensor.detach().to("cpu", torch.float32).numpy()
        return np.moveaxis(array, 1, -1) if self.moves(array.ndim, modality) else array

    def moves(self, rank: int, modality: str) -> bool:
        """Whether what belongs to an input of this modality has its channels second in the module."""
        if modality == "image":
            return rank == 4 and self.channels_first is not False
        return modality == "time_series" and rank == 3 and self.channels_first is True


def plain(value: Any) -> Any:
    """A tensor as NumPy array, also in a tuple; anything else as it is."""
    if isinstance(value, tuple):
        return tuple(map(plain, value))
    return value.detach().cpu().numpy() if isinstance(value, torch.Tensor) else value
