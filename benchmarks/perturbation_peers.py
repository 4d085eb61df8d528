"""Perturbation methods by other tools, on the same switches and at their best batches."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf

from benchmarks import switched
from benchmarks.models import Case
from benchmarks.peers import Calls, later
from benchmarks.switched import CLASS, COALITIONS, MASKS


def xplique(case: Case) -> Calls:
    """Of a table it takes one reference, no background: there it has none of these methods."""
    from xplique import attributions

    if case.inputs.ndim != 4:
        return {}
    side, channels = case.inputs.shape[1], case.inputs.shape[-1]
    targets = np.eye(case.model.output_shape[-1], dtype=np.float32)[np.full(len(case.inputs), CLASS)]
    window, stride = switched.window(side)
    cells, zero = tf.constant(switched.cells(side, switched.CELLS)), np.zeros(channels, np.float32)
    batch = {"batch_size": case.largest}
    switches: dict[str, Any] = {
        "nb_samples": MASKS,
        "map_to_interpret_space": lambda image: cells,
        "ref_value": zero,
        **batch,
    }
    methods: dict[str, Callable[[], Any]] = {
        "occlusion": lambda: attributions.Occlusion(case.model, patch_size=window, patch_stride=stride, **batch),
        "lime": lambda: attributions.Lime(case.model, **switches),
        "kernel_shap": lambda: attributions.KernelShap(case.model, **switches),
        "rise": lambda: attributions.Rise(case.model, nb_samples=MASKS, grid_size=switched.GRID, **batch),
        "sobol": lambda: attributions.SobolAttributionMethod(
            case.model, grid_size=switched.CELLS, nb_design=switched.DESIGNS, **batch
        ),
        "hsic": lambda: attributions.HsicAttributionMethod(
            case.model, grid_size=switched.GRID, nb_design=MASKS, **batch
        ),
    }
    return {name: later(make, lambda one: one.explain(case.inputs, targets)) for name, make in methods.items()}


def lime(case: Case) -> Calls:
    predict = switched.predicted(case)
    if case.inputs.ndim == 4:
        from lime.lime_image import LimeImageExplainer

        cells = switched.cells(case.inputs.shape[1], switched.CELLS)

        def of_picture(image: np.ndarray) -> Any:
            return LimeImageExplainer().explain_instance(
                image.astype(np.float64),  # the package averages in the dtype of the picture
                lambda rows: predict(rows)[:, None],
                labels=(0,),
                top_labels=None,
                hide_color=0,
                num_samples=MASKS,
                batch_size=case.largest,
                segmentation_fn=lambda image: cells,
            )

        return {"lime": lambda: [of_picture(image) for image in case.inputs]}
    from lime.lime_tabular import LimeTabularExplainer

    columns = case.inputs.shape[1]
    explainer = LimeTabularExplainer(
        switched.background(case), mode="regression", discretize_continuous=False, feature_selection="none"
    )
    return {
        "lime": lambda: [
            explainer.explain_instance(row, predict, num_features=columns, num_samples=COALITIONS)
            for row in case.inputs
        ]
    }


def shap(case: Case) -> Calls:
    from shap import KernelExplainer

    predict = switched.predicted(case)
    # It counts neither the coalition of nobody nor that of all.
    kernel: dict[str, Any] = {"l1_reg": False, "silent": True}
    if case.inputs.ndim == 4:
        from shap import maskers

        cells = switched.cells(case.inputs.shape[1], switched.CELLS)
        nobody, everybody = np.zeros((1, switched.CELLS**2)), np.ones((1, switched.CELLS**2))
        games = [switched.game(case, predict, example, cells) for example in range(len(case.inputs))]
        image = maskers.Image(np.zeros(case.inputs.shape[1:]), case.inputs.shape[1:])
        return {
            "kernel_shap": lambda: [
                KernelExplainer(game, nobody).shap_values(everybody, nsamples=MASKS - 2, **kernel) for game in games
            ],
            "permutation_shapley": lambda: [
                _permutations(game, nobody, everybody, switched.ORDERS, case.largest) for game in games
            ],
            "partition_shap": functools.partial(_parts, predict, image, case.inputs, MASKS, case.largest),
        }
    from shap import maskers

    rows, columns = switched.background(case), case.inputs.shape[1]
    groups = switched.groups(columns)
    games = [switched.game(case, predict, example, groups) for example in range(len(case.inputs))]
    parts = maskers.Partition(rows, max_samples=len(rows))
    return {
        "kernel_shap": lambda: KernelExplainer(predict, rows).shap_values(
            case.inputs, nsamples=COALITIONS - 2, **kernel
        ),
        "exact_shapley": lambda: [_exact(game) for game in games],
        "permutation_shapley": lambda: _permutations(
            predict, rows, case.inputs, switched.ORDERS_OF_COLUMNS, case.largest // len(rows)
        ),
        "partition_shap": functools.partial(_parts, predict, parts, case.inputs, COALITIONS, case.largest // len(rows)),
    }


def _permutations(predict: Any, rows: np.ndarray, inputs: np.ndarray, orders: int, batch: int) -> Any:
    from shap import PermutationExplainer, maskers

    explainer = PermutationExplainer(predict, maskers.Independent(rows, max_samples=len(rows)))
    evaluations = orders // 2 * (2 * inputs.shape[1] + 1)
    return explainer(inputs, max_evals=evaluations, batch_size=batch, silent=True)


def _parts(predict: Any, masker: Any, inputs: np.ndarray, evaluations: int, batch: int) -> Any:
    from shap import PartitionExplainer

    return PartitionExplainer(predict, masker)(inputs, max_evals=evaluations, batch_size=batch, silent=True)


def _exact(game: Any) -> Any:
    from shap import ExactExplainer, maskers

    nobody, everybody = np.zeros((1, switched.GROUPS)), np.ones((1, switched.GROUPS))
    explainer = ExactExplainer(game, maskers.Independent(nobody, max_samples=1))
    return explainer(everybody, batch_size=2**switched.GROUPS, silent=True)


PEERS: dict[str, Callable[[Case], Calls]] = {"xplique": xplique, "lime": lime, "shap": shap}
