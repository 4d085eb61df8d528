"""Our methods, as they are compared."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from benchmarks import peers, rule_peers, switched
from benchmarks.evaluations import EVALUATIONS, FORWARD, Evaluations
from benchmarks.models import Case
from tb_attribution_plugin import methods
from tb_attribution_plugin.methods import baselines, perturbations, targets
from tb_attribution_plugin.training.compiled import Compiled, Job
from tb_attribution_plugin.training.keras_model import KerasModel
from tb_attribution_plugin.training.resolution import resolved


def by_gradients(case: Case) -> list[Any]:
    """Gradients, paths and class activation maps."""
    asked: list[Any] = [methods.Saliency(), methods.InputXGradient()]
    asked.append(methods.IntegratedGradients(steps=peers.STEPS, baseline=0.0))
    asked.append(methods.SmoothGrad(samples=peers.SAMPLES, noise=peers.NOISE))
    asked.append(methods.ExpectedGradients(samples=peers.SAMPLES))
    asked.append(methods.GuidedIG(steps=peers.STEPS, baseline=0.0))
    if case.inputs.ndim == 4:
        asked += [methods.BlurIG(steps=peers.STEPS), methods.XRAI(steps=peers.STEPS, baseline=0.0)]
    if case.layer:
        cams = (methods.GradCAM, methods.GradCAMPlusPlus, methods.XGradCAM, methods.LayerCAM, methods.HiResCAM)
        asked += [cam(layer=case.layer) for cam in (*cams, methods.EigenCAM)]
        asked.append(methods.ScoreCAM(layer=case.layer, channels=peers.CHANNELS))
        asked.append(methods.LayerGradientXActivation(layer=case.layer))
        asked += [
            path(layer=case.layer, steps=peers.STEPS, baseline=0.0)
            for path in (methods.LayerIntegratedGradients, methods.LayerConductance)
        ]
    return asked


def by_rules(case: Case) -> list[Any]:
    """Something else than gradients is carried back."""
    asked = [
        methods.DeepLIFT(baseline=0.0),
        methods.DeepSHAP(background=rule_peers.background(case)),
        methods.GuidedBackprop(),
        methods.Deconvolution(),
        methods.LRP(),
    ]
    return [*asked, methods.GuidedGradCAM(layer=case.layer)] if case.layer else asked


def by_perturbation(case: Case) -> list[Any]:
    return _of_pictures(case) if case.inputs.ndim == 4 else _of_table(case)


def _of_pictures(case: Case) -> list[Any]:
    side = case.inputs.shape[1]
    cells, fine = (switched.cells(side, count)[None, ..., None] for count in (switched.CELLS, switched.FINE))
    window, stride = switched.window(side)
    game: dict[str, Any] = {"segments": cells, "background": 0.0}
    off = perturbations.OnOff(baseline=0.0)
    return [
        methods.Occlusion(window=window, stride=stride, baseline=0.0),
        methods.FeatureAblation(segments=fine, baseline=0.0),
        methods.LIME(segments=cells, samples=switched.MASKS, perturbation=off),
        methods.KernelSHAP(**game, samples=switched.MASKS),
        methods.PermutationShapley(**game, permutations=switched.ORDERS),
        methods.PartitionSHAP(**game, samples=switched.MASKS),
        methods.RISE(masks=switched.MASKS, grid=switched.GRID, baseline=0.0),
        methods.Sobol(grid=switched.CELLS, designs=switched.DESIGNS, baseline=0.0),
        methods.HSIC(grid=switched.GRID, designs=switched.MASKS, baseline=0.0),
    ]


def _of_table(case: Case) -> list[Any]:
    rows = switched.background(case)
    groups = switched.groups(case.inputs.shape[1])[None]
    law = perturbations.Gaussian(mean=rows.mean(0), scale=rows.std(0))
    return [
        methods.Occlusion(window=1, stride=1, baseline=baselines.Rows(rows)),
        methods.FeatureAblation(baseline=baselines.Rows(rows)),
        methods.LIME(samples=switched.COALITIONS, perturbation=law),
        methods.KernelSHAP(background=rows, samples=switched.COALITIONS),
        methods.ExactShapley(segments=groups, background=rows),
        methods.PermutationShapley(background=rows, permutations=switched.ORDERS_OF_COLUMNS),
        methods.PartitionSHAP(background=rows, samples=switched.COALITIONS),
    ]


def calls(case: Case, asked: list[Any], wanted: list[str] | None = None) -> tuple[peers.Calls, dict[str, Evaluations]]:
    """By name, and what each asks the model for.

    Args:
      asked: methods.
      wanted: names of those that are not left out; None leaves none out.
    """
    inputs = tf.constant(case.inputs)
    network = KerasModel(case.model, inputs)
    target = targets.resolve(peers.CLASS, network.heads, examples=len(case.inputs), output="logits")
    found: peers.Calls = {}
    evaluations = {}
    for method in asked:
        if wanted is None or method.name in wanted:
            concrete = resolved(method, network, inputs)
            found[method.name] = Compiled(network, inputs, {"it": Job(concrete, target)})
            kind = "" if hasattr(concrete, "rules") else FORWARD
            evaluations[method.name] = EVALUATIONS.get(method.name) or Evaluations(
                concrete.cost() * len(case.inputs), kind
            )
    return found, evaluations
