"""What an explanation changes in a torch program, put back."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Iterable, Iterator

import numpy as np
import torch


@contextlib.contextmanager
def untouched(modules: Iterable[torch.nn.Module], device: torch.device) -> Iterator[None]:
    """In evaluation mode, with gradients and the same random numbers every time; then everything is as it was.

    Flags of every module, gradients of parameters, and the random streams of Python, NumPy and torch, those of a CUDA
    device included.
    """
    every = {id(one): one for module in modules for one in module.modules()}.values()
    flags = [(module, module.training) for module in every]
    gradients = [(parameter, parameter.grad) for module in every for parameter in module.parameters(recurse=False)]
    python, numpy = random.getstate(), np.random.get_state()  # noqa: NPY002 - the stream that others draw from
    cuda = [] if device.type != "cuda" else [torch.cuda.current_device() if device.index is None else device.index]
    try:
        with torch.random.fork_rng(cuda), torch.enable_grad():
            torch.manual_seed(0)
            random.seed(0)
            np.random.seed(0)  # noqa: NPY002
            for module in every:
                module.training = False
            for parameter, _ in gradients:
                parameter.grad = None
            yield
    finally:
        random.setstate(python)
        np.random.set_state(numpy)  # noqa: NPY002
        for module, training in flags:
            module.training = training
        for parameter, gradient in gradients:
            parameter.grad = gradient
