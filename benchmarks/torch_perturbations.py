"""Captum's perturbation methods, on a torch model of the same layers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks import switched
from benchmarks.limits import BATCHES, Evaluations
from benchmarks.models import Case
from benchmarks.peers import CLASS, Calls
from benchmarks.torch_models import inputs_of, ready


def forwards(name: str, case: Case) -> Evaluations:
    """One evaluation without a gradient, by batch size."""
    import torch

    model, _ = ready(name, case)
    inputs = inputs_of(case)

    def at(batch: int) -> Callable[[], Any]:
        rows = torch.from_numpy(np.resize(inputs.numpy(), (batch, *inputs.shape[1:])))

        @torch.no_grad()
        def call() -> Any:
            return model(rows)[:, CLASS]

        return call

    return {batch: at(batch) for batch in BATCHES if batch <= case.forward}


def captum(name: str, case: Case) -> Calls:
    model, _ = ready(name, case)
    return _of_pictures(model, case) if case.inputs.ndim == 4 else _of_table(model, case)


def _of_pictures(model: Any, case: Case) -> Calls:
    import torch
    from captum import attr

    inputs, side = inputs_of(case), case.inputs.shape[1]
    window, stride = switched.window(side)
    cells, fine = (
        torch.from_numpy(switched.cells(side, n)).long()[None, None] for n in (switched.CELLS, switched.FINE)
    )
    of_all = {"target": CLASS, "perturbations_per_eval": max(1, case.largest // len(inputs))}
    # These two take one example at a time.
    fits = {"target": CLASS, "feature_mask": cells, "n_samples": switched.MASKS, "perturbations_per_eval": case.largest}
    covering, ablation, orders = attr.Occlusion(model), attr.FeatureAblation(model), attr.ShapleyValueSampling(model)
    return {
        "occlusion": lambda: covering.attribute(
            inputs, (inputs.shape[1], window, window), strides=(inputs.shape[1], stride, stride), **of_all
        ),
        "feature_ablation": lambda: ablation.attribute(inputs, feature_mask=fine, **of_all),
        "lime": lambda: [attr.Lime(model).attribute(one, **fits) for one in inputs.split(1)],
        "kernel_shap": lambda: [attr.KernelShap(model).attribute(one, **fits) for one in inputs.split(1)],
        "permutation_shapley": lambda: orders.attribute(
            inputs, feature_mask=cells, n_samples=switched.ORDERS, **of_all
        ),
    }


def _of_table(model: Any, case: Case) -> Calls:
    """It takes one baseline: the mean over the background is part of what it is given to explain."""
    import torch
    from captum import attr

    inputs, rows = inputs_of(case), torch.from_numpy(switched.background(case))
    columns = inputs.shape[1]
    nobody, everybody = torch.zeros(1, columns), torch.ones(1, columns)

    def game(one: Any) -> Callable[[Any], Any]:
        def values(present: Any) -> Any:
            asked = torch.where(present[:, None] > 0.5, one, rows).reshape(-1, columns)
            return model(asked)[:, CLASS].reshape(len(present), -1).mean(1)

        return values

    games = [game(one) for one in inputs]
    at_once = {"perturbations_per_eval": max(1, case.largest // len(rows))}
    fits = {"n_samples": switched.COALITIONS, **at_once}

    def each(explain: Callable[[Any], Any]) -> Callable[[], Any]:
        return lambda: [explain(values) for values in games]

    return {
        "occlusion": each(lambda f: attr.Occlusion(f).attribute(everybody, (1,), baselines=nobody, **at_once)),
        "feature_ablation": each(lambda f: attr.FeatureAblation(f).attribute(everybody, nobody, **at_once)),
        "kernel_shap": each(lambda f: attr.KernelShap(f).attribute(everybody, nobody, **fits)),
        "permutation_shapley": each(
            lambda f: attr.ShapleyValueSampling(f).attribute(
                everybody, nobody, n_samples=switched.ORDERS_OF_COLUMNS, **at_once
            )
        ),
    }
