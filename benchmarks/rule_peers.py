"""Methods that carry something else than gradients back, by other tools."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.models import Case, noise
from benchmarks.peers import CLASS, Calls, later
from benchmarks.torch_models import inputs_of


def background(case: Case) -> np.ndarray:
    """[100, columns] of a table, [20, ...] of small pictures, [4, ...] of large ones."""
    shape = case.inputs.shape[1:]
    count = 100 if len(shape) == 1 else 20 if shape[0] < 100 else 4
    return noise(count, *shape, seed=1)


def shap(case: Case) -> Calls:
    """It explains every output, or those that are largest: here one of each example, as ours."""
    from shap import DeepExplainer

    return {
        "deep_shap": later(
            lambda: DeepExplainer(case.model, background(case)), functools.partial(_largest, case.inputs)
        )
    }


def _largest(inputs: Any, explainer: Any) -> Any:
    return explainer.shap_values(inputs, ranked_outputs=1, check_additivity=False)


def shap_of_torch(model: Any, case: Case) -> Calls:
    from shap import DeepExplainer

    rows = inputs_of(case._replace(inputs=background(case)))
    return {"deep_shap": later(lambda: DeepExplainer(model, rows), functools.partial(_largest, inputs_of(case)))}


def xplique(case: Case) -> Calls:
    from xplique import attributions

    targets = np.eye(case.model.output_shape[-1], dtype=np.float32)[np.full(len(case.inputs), CLASS)]
    makers: dict[str, Callable[[], Any]] = {
        "guided_backprop": lambda: attributions.GuidedBackprop(case.model),
        "deconvolution": lambda: attributions.DeconvNet(case.model),
    }
    return {name: later(make, lambda one: one.explain(case.inputs, targets)) for name, make in makers.items()}


def captum(model: Any, layer: Any, case: Case) -> Calls:
    from captum import attr

    inputs, rows = inputs_of(case), inputs_of(case._replace(inputs=background(case)))
    makers: dict[str, Callable[[], Any]] = {
        "deep_lift": lambda: attr.DeepLift(model),
        "guided_backprop": lambda: attr.GuidedBackprop(model),
        "deconvolution": lambda: attr.Deconvolution(model),
        "lrp": lambda: attr.LRP(model),
    }
    if layer is not None:
        makers["guided_grad_cam"] = lambda: attr.GuidedGradCam(model, layer)
    calls = {
        name: later(make, lambda one: one.attribute(inputs.requires_grad_(), target=CLASS))
        for name, make in makers.items()
    }
    # It makes one batch of all examples x rows.
    calls["deep_shap"] = later(
        lambda: attr.DeepLiftShap(model), lambda one: one.attribute(inputs, baselines=rows, target=CLASS)
    )
    return calls


PEERS: dict[str, Callable[[Case], Calls]] = {"xplique": xplique, "shap": shap}
