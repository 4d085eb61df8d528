"""What an explanation changes in a torch program, put back."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Iterable, Iterator

import numpy as np
import torch


@contextlib.contextmanager
def untouched(modules: Iterable[torch.nn.Module]) -> Iterator[None]:
    """In evaluation mode, in full precision, with gradients and the same random numbers; then everything is as it was.

    Flags of every module, gradients of parameters, and the random streams of Python, NumPy and torch on the CPU and on
    every device of a parameter; those of other devices are never touched.
    """
    every = {id(one): one for module in modules for one in module.modules()}.values()
    flags = [(module, module.training) for module in every]
    gradients = [(parameter, parameter.grad) for module in every for parameter in module.parameters(recurse=False)]
    python, numpy = random.getstate(), np.random.get_state()  # noqa: NPY002 - the stream that others draw from
    devices = {torch.device("cpu"), *(parameter.device for parameter, _ in gradients)}
    streams = [stream for device in devices if (stream := _stream(device)) is not None]
    states = [stream.get_state() for stream in streams]
    try:
        with contextlib.ExitStack() as inside:
            inside.enter_context(torch.enable_grad())
            for kind in {device.type for device in devices} & {"cpu", "cuda", "mps", "xpu"}:
                inside.enter_context(torch.autocast(kind, enabled=False))
            for stream in streams:
                stream.manual_seed(0)
            random.seed(0)
            np.random.seed(0)  # noqa: NPY002
            for module in every:
                module.training = False
            for parameter, _ in gradients:
                parameter.grad = None
            yield
    finally:
        for stream, state in zip(streams, states, strict=True):
            stream.set_state(state)
        random.setstate(python)
        np.random.set_state(numpy)  # noqa: NPY002
        for module, training in flags:
            module.training = training
        for parameter, gradient in gradients:
            parameter.grad = gradient


def _stream(device: torch.device) -> torch.Generator | None:
    """What draws on this device where no generator is given; `torch.manual_seed` would seed those of all devices."""
    if device.type == "cpu":
        return torch.default_generator
    if device.type in ("cuda", "xpu"):
        kind = getattr(torch, device.type)
        stream: torch.Generator = kind.default_generators[
            kind.current_device() if device.index is None else device.index
        ]
        return stream
    return torch.mps._get_default_mps_generator() if device.type == "mps" else None
