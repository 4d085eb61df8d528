"""What the methods of `benchmarks.methods` ask a model for; those by perturbation say it themselves."""

from __future__ import annotations

from typing import NamedTuple

from benchmarks import peers

EXAMPLES = 8
CAMS = ("grad_cam", "grad_cam_plus_plus", "xgrad_cam", "layer_cam", "hires_cam", "eigen_cam", "score_cam")
AT_ANY = ("layer_gradient_x_activation", "layer_integrated_gradients", "layer_conductance")


class Evaluations(NamedTuple):
    """What a method asks a model for: so many, of one kind."""

    number: int
    kind: str = ""  # a gradient down to the input


AT_LAYER, FORWARD = " at the layer", " forward"
EVALUATIONS = {
    "saliency": Evaluations(EXAMPLES),
    "input_x_gradient": Evaluations(EXAMPLES),
    "integrated_gradients": Evaluations(peers.STEPS * EXAMPLES),
    "smooth_grad": Evaluations(peers.SAMPLES * EXAMPLES),
    "expected_gradients": Evaluations(peers.SAMPLES * EXAMPLES),
    **dict.fromkeys(("blur_ig", "guided_ig", "xrai"), Evaluations(peers.STEPS * EXAMPLES)),
    **dict.fromkeys((*CAMS, *AT_ANY), Evaluations(EXAMPLES, AT_LAYER)),
    "eigen_cam": Evaluations(EXAMPLES, FORWARD),
    "score_cam": Evaluations(peers.CHANNELS * EXAMPLES, FORWARD),
    "layer_integrated_gradients": Evaluations(peers.STEPS * EXAMPLES, AT_LAYER),
    "layer_conductance": Evaluations((peers.STEPS + 1) * EXAMPLES, AT_LAYER),
    # At every example and at its reference.
    "deep_lift": Evaluations(2 * EXAMPLES),
    **dict.fromkeys(("guided_backprop", "deconvolution", "guided_grad_cam", "lrp"), Evaluations(EXAMPLES)),
}
MORE = {
    ("ours", "integrated_gradients"): Evaluations(2 * EXAMPLES, FORWARD),
    ("ours", "smooth_grad"): Evaluations(EXAMPLES),
    ("ours", "expected_gradients"): Evaluations(EXAMPLES, FORWARD),
    ("ours", "blur_ig"): Evaluations(2 * EXAMPLES, FORWARD),
    ("ours", "guided_ig"): Evaluations(EXAMPLES),
    ("ours", "xrai"): Evaluations(2 * EXAMPLES, FORWARD),
    ("ours", "score_cam"): Evaluations(EXAMPLES, FORWARD),
    ("ours", "layer_integrated_gradients"): Evaluations(3 * EXAMPLES, FORWARD),
    ("ours", "layer_conductance"): Evaluations(2 * EXAMPLES, FORWARD),
}
