"""Random streams of devices, where an explanation is made."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from tb_attribution_plugin.integrations.torch_untouched import untouched


def test_streams_of_devices_without_a_parameter_are_left_alone(monkeypatch: pytest.MonkeyPatch):
    seeded = list[int]()
    for device in (torch.cuda, torch.xpu):
        monkeypatch.setattr(device, "manual_seed_all", seeded.append)
    model = torch.nn.Linear(2, 2)
    torch.default_generator.manual_seed(3)
    expected = torch.rand(6).tolist()
    torch.default_generator.manual_seed(3)
    inside, after = [], list[float]()
    for _ in range(2):
        with untouched([model]):
            inside.append(torch.rand(3).tolist())
        after += torch.rand(3).tolist()
    assert after == expected
    assert inside[0] == inside[1]
    assert seeded == []


def test_the_stream_of_every_device_with_a_parameter_starts_again_and_is_put_back(monkeypatch: pytest.MonkeyPatch):
    streams = [torch.Generator().manual_seed(7) for _ in range(3)]
    monkeypatch.setattr(torch.cuda, "default_generators", tuple(streams))

    class Elsewhere(torch.nn.Module):
        def __init__(self, index: int) -> None:
            super().__init__()
            self.index = index

        def parameters(self, recurse: bool = True) -> Iterator[Any]:
            yield SimpleNamespace(device=torch.device("cuda", self.index), grad=None)

    states = [stream.get_state() for stream in streams]
    with untouched([torch.nn.Linear(2, 2), Elsewhere(0), Elsewhere(2)]):
        assert [stream.initial_seed() for stream in streams] == [0, 7, 0]
        for stream in (streams[0], streams[2]):
            torch.rand(3, generator=stream)
    assert all(torch.equal(stream.get_state(), state) for stream, state in zip(streams, states, strict=True))
