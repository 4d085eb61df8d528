"""Captum's explanations of one probe, with the weights of a torch module as they are."""

from __future__ import annotations

import functools
import time
from collections.abc import Iterable, Mapping
from typing import Any

import torch

from tb_attribution_plugin.attribution import Attribution
from tb_attribution_plugin.integrations.captum_method import Method
from tb_attribution_plugin.integrations.torch_layout import Layout
from tb_attribution_plugin.integrations.torch_target import Explained, explained
from tb_attribution_plugin.integrations.torch_untouched import untouched
from tb_attribution_plugin.logging.reports import Reports
from tb_attribution_plugin.probe import Probe


class Explainer:
    """Calls the methods, and leaves the torch program as it was."""

    def __init__(
        self,
        model: torch.nn.Module,
        methods: Mapping[str, Any],
        arguments: Mapping[str, Mapping[str, Any]],
        probe: Probe,
        target: Any,
        layout: Layout,
    ) -> None:
        """See `AttributionLogger`.

        Raises:
          ValueError, TypeError: names the argument, its rule and the value.
        """
        if not isinstance(model, torch.nn.Module):
            raise TypeError(f"model is a {type(model).__name__}; give the torch.nn.Module that is trained")
        if not isinstance(methods, Mapping) or not methods:
            raise TypeError(f"methods must be {{tag: object of captum.attr}}; got {methods!r}")
        if unknown := [tag for tag in arguments if tag not in methods]:
            raise ValueError(f"arguments have the tag {unknown[0]!r}, but methods are {list(methods)}")
        self._model = model
        self._methods = {tag: Method(tag, one, model, arguments.get(tag, {})) for tag, one in methods.items()}
        self._probe = probe
        self._target = target
        self._layout = layout

    def __call__(
        self, tags: Iterable[str], seconds: dict[str, float], reports: Reports
    ) -> dict[str, tuple[Attribution, Explained]]:
        """What each method finds, and of what; one that fails is reported and left out.

        Args:
          seconds: are told what each took.
        """
        methods = {tag: self._methods[tag] for tag in tags}
        if not methods:
            return {}
        functions = [method.forward for method in methods.values()]
        modules = [self._model, *(one for one in functions if isinstance(one, torch.nn.Module))]
        found = {}
        with untouched(modules):
            inputs = self._layout.tensors(self._probe, self._model)
            for tag, method in methods.items():
                began = time.perf_counter()
                one = reports.guarded(tag, functools.partial(self._explained, method, inputs))
                seconds[tag] = time.perf_counter() - began
                if one is not None:
                    found[tag] = one
        return found

    def _explained(self, method: Method, inputs: tuple[torch.Tensor, ...]) -> tuple[Attribution, Explained]:
        what = explained(method.outputs(inputs), self._target, self._probe, margin=method.explains_margin)
        attribution = method(inputs, what.columns, self._probe, self._layout)
        return attribution._replace(outputs=what.values if method.takes_target else None), what

    def traits(self, tag: str, attribution: Attribution, what: Explained) -> dict[str, Any]:
        """What `AttributionWriter.series` is told."""
        method = self._methods[tag]
        about = {"target": what.name, "scalar": what.scalar} if method.takes_target else {}
        return method.traits(attribution, self._probe) | about

    def in_words(self, found: Mapping[str, tuple[Attribution, Explained]]) -> str:
        """Methods, examples and targets."""
        targets = dict.fromkeys(f"{what.name} ({what.scalar})" for _, what in found.values())
        return f"{', '.join(found)} of {self._probe.size} {self._probe.modality} examples, target {', '.join(targets)}"

    def drain(self) -> None:
        """Waits until a GPU has done its training step: that time is not attribution's."""
        if (device := self._device()).type == "cuda":
            torch.cuda.synchronize(device)

    def _device(self) -> torch.device:
        return next(self._model.parameters(), torch.empty(0)).device
