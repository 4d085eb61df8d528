"""One Captum object: how it is called, and what its numbers mean."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch

from tb_attribution_plugin.attribution import Attribution
from tb_attribution_plugin.integrations.torch_layout import Layout, plain
from tb_attribution_plugin.integrations.torch_margin import Margin
from tb_attribution_plugin.probe import Probe

# By Captum's names. Sums of their scores over cells mean something:
_ADDITIVE = {
    "DeepLift", "DeepLiftShap", "GradientShap", "InputXGradient", "IntegratedGradients", "KernelShap", "LRP",
    "ShapleyValues", "ShapleyValueSampling", "LayerConductance", "LayerDeepLift", "LayerDeepLiftShap",
    "LayerGradientShap", "LayerGradientXActivation", "LayerIntegratedGradients", "LayerLRP",
}  # fmt: skip
# They look the same whatever the weights are (Adebayo et al. 2018).
_BLIND = {"Deconvolution", "GuidedBackprop"}
_NOT_SHOWN = {
    "additional_forward_args", "inputs", "internal_batch_size", "kwargs", "return_convergence_delta", "self",
    "show_progress", "target",
}  # fmt: skip
_GIVEN_HERE = ("inputs", "target", "return_convergence_delta")
# What Captum says at every call of how it goes about it.
_NOTICES = ("Input Tensor", "Setting (forward, )?backward hooks")


class Method:
    """A Captum attribution object and the arguments of its `attribute`.

    Attributes:
      forward: the module or function that it explains.
      takes_target: False where what is explained is no column of the output, such as a neuron.
      at_layer: scores are of a layer's output.
    """

    def __init__(self, tag: str, captum: Any, model: torch.nn.Module, arguments: Mapping[str, Any]) -> None:
        if isinstance(captum, type) or not callable(getattr(captum, "attribute", None)):
            what = f"class {captum.__name__}" if isinstance(captum, type) else type(captum).__name__
            raise TypeError(f"method {tag!r} is a {what}; give an object of captum.attr, such as Saliency(model)")
        self._tag = tag
        self._captum = captum
        self._arguments = dict(arguments)
        self._inner = getattr(captum, "attribution_method", captum)  # what a NoiseTunnel calls
        self._fields = self._layer(model) | self._described(self._inner)
        if captum is not self._inner:
            self._fields |= self._described(captum)
        if given := [name for name in self._arguments if name in _GIVEN_HERE]:
            raise ValueError(
                f"arguments of {tag!r} hold {given[0]!r}, which every call sets itself: inputs are those of the probe, "
                "and target= is an argument of AttributionLogger"
            )
        own = inspect.signature(captum.attribute).parameters
        taken = inspect.signature(self._inner.attribute).parameters
        if unknown := [name for name in self._arguments if name not in own and name not in taken]:
            raise ValueError(f"arguments of {tag!r} hold {unknown[0]!r}, which {self.name} does not take: {list(own)}")
        # Captum's delta of noisy copies is measured at them, not at the input: what a mean, a square or a variance of
        # their maps misses there is not known.
        noisy = self._spread_by_noise() or np.any(self._fields.get("stdevs", 0.0))
        self._closes = "return_convergence_delta" in taken and captum.has_convergence_delta() and not noisy
        self._absorbs = type(self._inner).__name__.endswith("LRP")
        self.forward = getattr(self._inner, "forward_func", model)
        self.takes_target = "target" in taken
        self.at_layer = hasattr(self._inner, "layer") and not hasattr(self._inner, "neuron_selector")

    @property
    def name(self) -> str:
        return type(self._captum).__name__

    @property
    def explains_margin(self) -> bool:
        return isinstance(self.forward, Margin)

    def outputs(self, inputs: tuple[torch.Tensor, ...]) -> torch.Tensor:
        """[B, C] or [B]: what the function that is explained returns.

        Raises:
          ValueError: it does not take the inputs; says in which shapes they came.
        """
        extra = self._arguments.get("additional_forward_args", ())
        try:
            with torch.no_grad():
                return self.forward(*inputs, *(extra if isinstance(extra, tuple) else (extra,)))
        except torch.cuda.OutOfMemoryError:
            raise
        except (RuntimeError, TypeError) as error:  # what torch raises of shapes and dtypes, and Python of their number
            shapes = ", ".join(f"{list(one.shape)} {str(one.dtype).removeprefix('torch.')}" for one in inputs)
            raise ValueError(
                f"what {self._tag!r} explains does not take the probe as {shapes}: {error}. A probe has its channels "
                "last; channels_first= of AttributionLogger says what the module is given"
            ) from error

    def __call__(
        self, inputs: tuple[torch.Tensor, ...], target: torch.Tensor | None, probe: Probe, layout: Layout
    ) -> Attribution:
        """Scores in the probe's layout; the residual is f(x) - f(x0) - sum of scores, and f(x) - sum of scores of LRP.

        Raises:
          ValueError: scores that belong neither to the inputs nor to a layer.
        """
        keywords = dict(self._arguments)
        if self.takes_target:
            keywords["target"] = target
        if self._closes:
            keywords["return_convergence_delta"] = True
        with warnings.catch_warnings():
            for notice in _NOTICES:
                warnings.filterwarnings("ignore", message=rf"\s*{notice}")
            found = self._captum.attribute(inputs if len(inputs) > 1 else inputs[0], **keywords)
        found, delta = found if self._closes else (found, None)
        tensors = found if isinstance(found, tuple) else (found,)
        self._check(tensors, probe, inputs)
        if self.at_layer:
            scores: Any = layout.scores(tensors[0], probe.modality)
        else:
            each = [layout.scores(one, kind) for one, kind in zip(tensors, probe.modalities, strict=True)]
            scores = each if len(each) > 1 else each[0]
        if delta is None:
            return Attribution(scores)
        # Sampling methods give one delta per sample, those of an example one after the other.
        mean = plain(delta).astype(np.float64).reshape(probe.size, -1).mean(1)
        return Attribution(scores, mean if self._absorbs else -mean)  # only LRP's is output - sum in Captum, too

    def _check(self, found: tuple[Any, ...], probe: Probe, inputs: tuple[torch.Tensor, ...]) -> None:
        if other := [type(one).__name__ for one in found if not isinstance(one, torch.Tensor)]:
            raise TypeError(f"{self._tag!r} gave a {other[0]}; attribute() returns a tensor, or one for each input")
        if self.at_layer:
            if len(found) > 1:
                raise ValueError(f"the layer of {self._tag!r} gives {len(found)} tensors; choose one that gives one")
            return
        if len(found) != len(inputs):
            raise ValueError(f"{self._tag!r} gave {len(found)} tensors of scores for {len(inputs)} inputs; one each")
        for name, score, given in zip(probe.input_names, found, inputs, strict=True):
            if score.shape != given.shape:
                named = f"{name!r} " if name else ""
                raise ValueError(
                    f"{self._tag!r} gave scores {list(score.shape)} for the input {named}{list(given.shape)}; scores "
                    "have the shape of the input, or come from a captum.attr.Layer... object"
                )

    def traits(self, attribution: Attribution, probe: Probe) -> dict[str, Any]:
        """What `AttributionWriter.series` is told of it."""
        inner = type(self._inner).__name__
        rank = np.ndim(attribution.scores) if self.at_layer else 0
        on_grid = rank == {"image": 4, "time_series": 3, "text": 3}.get(probe.modality)
        error = ("absorbed" if self._absorbs else "gap") if self._closes else "none"
        return {
            "method": self.name if self._inner is self._captum else f"{self.name} of {inner}",
            "signed": not self._magnitudes(),
            "parameters": self._fields,
            "class_sensitive": self.takes_target,
            "weight_sensitive": inner not in _BLIND,
            "error_kind": error,
            "additive": inner in _ADDITIVE and not self._magnitudes(),
            "cam": inner == "LayerGradCam",
            "units": self.at_layer and not on_grid,
            "at_layer": self.at_layer,
        }

    def _magnitudes(self) -> bool:
        """Whether every score is at least 0: Saliency's are, unless it is told otherwise."""
        flags = [self._fields.get(name) is True for name in ("abs", "relu_attributions")]
        return any(flags) or self._spread_by_noise()

    def _spread_by_noise(self) -> bool:
        return self._fields.get("nt_type") in ("smoothgrad_sq", "vargrad")

    def _layer(self, model: torch.nn.Module) -> dict[str, Any]:
        """The name of the layer that it looks at."""
        layer = getattr(self._inner, "layer", None) or getattr(getattr(self._inner, "grad_cam", None), "layer", None)
        return {"layer": name for name, module in model.named_modules() if module is layer}  # noqa: B035 - at most one

    def _described(self, captum: Any) -> dict[str, Any]:
        """Its parameters, as it is called, without those that are off; without baselines Captum takes zeros."""
        known = inspect.signature(captum.attribute).parameters.values()
        given = {one.name: self._arguments.get(one.name, one.default) for one in known if one.name not in _NOT_SHOWN}
        if given.get("baselines", ()) is None:
            given["baselines"] = 0
        off = (inspect.Parameter.empty, None, False)
        return {name: plain(value) for name, value in given.items() if not any(value is one for one in off)}
