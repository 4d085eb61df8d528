"""The same methods by other tools, each as its own documentation calls it.

A peer is a function (case) -> {method: call}. It may raise: the row then carries the error. None is needed to develop
this project; `make bench-peers` installs them into an environment of their own.
"""

from __future__ import annotations

import functools
import importlib.metadata
from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf

from benchmarks.limits import compiled_gradient
from benchmarks.models import Case

STEPS = 16
SAMPLES = 50
NOISE = 0.15
CHANNELS = 32
CLASS = 0
Calls = dict[str, Callable[[], Any]]


def pair_saliency(case: Case) -> Calls:
    """PAIR saliency explains one example per call; its model call is compiled here, which its examples do not do."""
    import saliency.core as saliency

    gradient = compiled_gradient(case.model)

    def call(rows: Any, call_model_args: Any = None, expected_keys: Any = None) -> dict[str, Any]:
        return {saliency.INPUT_OUTPUT_GRADIENTS: gradient(tf.constant(np.asarray(rows, np.float32))).numpy()}

    plain, path = saliency.GradientSaliency(), saliency.IntegratedGradients()
    zero = np.zeros_like(case.inputs[0])
    regions = saliency.XRAIParameters(steps=STEPS)
    of_images: Calls = {
        "blur_ig": lambda: [saliency.BlurIG().GetMask(one, call, steps=STEPS, batch_size=STEPS) for one in case.inputs],
        "xrai": lambda: [
            saliency.XRAI().GetMask(one, call, baselines=[zero], batch_size=STEPS, extra_parameters=regions)
            for one in case.inputs
        ],
    }
    return (of_images if case.inputs.ndim == 4 else {}) | {
        "saliency": lambda: [plain.GetMask(one, call) for one in case.inputs],
        "integrated_gradients": lambda: [
            path.GetMask(one, call, x_steps=STEPS, x_baseline=zero) for one in case.inputs
        ],
        "guided_ig": lambda: [
            saliency.GuidedIG().GetMask(one, call, x_steps=STEPS, x_baseline=zero) for one in case.inputs
        ],
        "smooth_grad": lambda: [
            plain.GetSmoothedMask(one, call, stdev_spread=NOISE, nsamples=SAMPLES, magnitude=False)
            for one in case.inputs
        ],
    }


def xplique(case: Case) -> Calls:
    from xplique import attributions

    targets = np.eye(case.model.output_shape[-1], dtype=np.float32)[np.full(len(case.inputs), CLASS)]
    methods = {
        "saliency": lambda: attributions.Saliency(case.model),
        "integrated_gradients": lambda: attributions.IntegratedGradients(case.model, steps=STEPS, baseline_value=0.0),
        "input_x_gradient": lambda: attributions.GradientInput(case.model),
        "smooth_grad": lambda: attributions.SmoothGrad(case.model, nb_samples=SAMPLES, noise=NOISE),
        "grad_cam": lambda: attributions.GradCAM(case.model),
        "grad_cam_plus_plus": lambda: attributions.GradCAMPP(case.model),
    }
    return {name: later(make, lambda one: one.explain(case.inputs, targets)) for name, make in methods.items()}


def tf_explain(case: Case) -> Calls:
    from tf_explain import core

    data = (case.inputs, None)
    return {
        "saliency": lambda: core.VanillaGradients().explain(data, case.model, CLASS),
        "input_x_gradient": lambda: core.GradientsInputs().explain(data, case.model, CLASS),
        "integrated_gradients": lambda: core.IntegratedGradients().explain(data, case.model, CLASS, n_steps=STEPS),
        "smooth_grad": lambda: core.SmoothGrad().explain(data, case.model, CLASS, SAMPLES, NOISE),
        "grad_cam": lambda: core.GradCAM().explain(data, case.model, CLASS, layer_name=case.layer or None),
    }


def tf_keras_vis(case: Case) -> Calls:
    from tf_keras_vis.gradcam import Gradcam
    from tf_keras_vis.gradcam_plus_plus import GradcamPlusPlus
    from tf_keras_vis.layercam import Layercam
    from tf_keras_vis.saliency import Saliency
    from tf_keras_vis.scorecam import Scorecam

    def score(outputs: Any) -> Any:
        return outputs[:, CLASS]

    explainers = {
        "saliency": Saliency,
        "grad_cam": Gradcam,
        "grad_cam_plus_plus": GradcamPlusPlus,
        "layer_cam": Layercam,
    }
    return {
        name: later(functools.partial(explainer, case.model), lambda one: one(score, case.inputs))
        for name, explainer in explainers.items()
    } | {
        "score_cam": later(
            lambda: Scorecam(case.model),
            lambda one: one(score, case.inputs, penultimate_layer=case.layer or None, max_N=CHANNELS),
        ),
        "smooth_grad": later(
            lambda: Saliency(case.model),
            lambda one: one(score, case.inputs, smooth_samples=SAMPLES, smooth_noise=NOISE, keepdims=True),
        ),
    }


def later(make: Callable[[], Any], use: Callable[[Any], Any]) -> Callable[[], Any]:
    """Makes the explainer at the first call, so that what it refuses is an error of its own row."""
    made: list[Any] = []

    def call() -> Any:
        if not made:
            made.append(make())
        return use(made[0])

    return call


PEERS: dict[str, Callable[[Case], Calls]] = {
    "saliency": pair_saliency,
    "xplique": xplique,
    "tf-explain": tf_explain,
    "tf-keras-vis": tf_keras_vis,
}


def titled(name: str) -> str:
    """With its version, where it is installed."""
    try:
        return f"{name} {importlib.metadata.version(name)}"
    except importlib.metadata.PackageNotFoundError:
        return name


def reason(error: BaseException) -> str:
    """One line that fits into a cell: TensorFlow says what is wrong last, others first."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()] or ["no message"]
    line = lines[-1] if lines[0].startswith("in user code") else lines[0]
    return f"{type(error).__name__}: {line[:120]}".replace("|", "/")
