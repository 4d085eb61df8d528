"""Every key of the parity pack: the constructor call that must reproduce it, or the reason why none does.

A row is (pattern of the key, entry). The first pattern that matches the whole key (without its "@input") decides.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from tb_attribution_plugin.attribution import Attribution
from tb_attribution_plugin.methods import (
    LIME,
    LRP,
    XRAI,
    BlurIG,
    Deconvolution,
    DeepLIFT,
    DeepSHAP,
    ExactShapley,
    FeatureAblation,
    GradCAM,
    GradCAMPlusPlus,
    GuidedBackprop,
    GuidedGradCAM,
    GuidedIG,
    HiResCAM,
    InputXGradient,
    IntegratedGradients,
    KernelSHAP,
    LayerCAM,
    LayerConductance,
    LayerGradientXActivation,
    LayerIntegratedGradients,
    Occlusion,
    Saliency,
    ScoreCAM,
    SmoothGrad,
    XGradCAM,
)
from tb_attribution_plugin.methods.perturbations import OnOff

# Row of the shortest text of both cases.
SHORTEST = 0

CAMS = {
    "gradcam": GradCAM,
    "gradcamplusplus": GradCAMPlusPlus,
    "xgradcam": XGradCAM,
    "layercam": LayerCAM,
    "hirescam": HiResCAM,
    "scorecam": ScoreCAM,
}
RULES = {"gl": "gauss_legendre", "trap": "trapezoid", "mid": "midpoint"}


@dataclasses.dataclass(frozen=True)
class Compared:
    """Reproduced: the method, and what is compared with the expected array.

    Attributes:
      ours: our attribution -> array(s) in the structure of the inputs.
      expected: the reference's array -> what it is compared as.
      arrays: fields of the method that hold an array of the case, by its name there.
      whole: True where the reference gives every feature the whole score of its segment.
      rows: the examples that the reference explains; () are all.
    """

    method: object
    ours: Callable[[Attribution], object] = lambda attribution: attribution.scores
    expected: Callable[[np.ndarray], np.ndarray] = lambda array: array
    arrays: Mapping[str, str] = dataclasses.field(default_factory=dict)
    whole: bool = False
    rows: tuple[int, ...] = ()


def _ig(match: re.Match[str]) -> Compared:
    rule, steps = RULES[match["rule"]], int(match["steps"])
    method, arrays = IntegratedGradients(steps=steps, rule=rule), {"baseline": match["baseline"]}
    # captum's trapezoid weights sum to (n - 1) / n; ours to 1.
    factor = (steps - 1) / steps if rule == "trapezoid" else 1.0
    if match["delta"]:

        def delta(attribution: Attribution) -> object:
            change = attribution.outputs - attribution.baseline_outputs
            return factor * (change - attribution.residual) - change

        return Compared(method, ours=delta, arrays=arrays)
    return Compared(method, expected=lambda array: array / factor, arrays=arrays)


def _cam(match: re.Match[str]) -> Compared:
    method: Any = CAMS[match["cam"]](layer=match["layer"])
    if isinstance(method, GradCAMPlusPlus):
        method = dataclasses.replace(method, epsilon=1e-6)  # the reference's; the paper has none
    if match["after"] == "relu":
        return Compared(method, ours=lambda attribution: np.maximum(attribution.scores, 0))
    return Compared(method)


def _smooth_grad(match: re.Match[str]) -> Compared:
    reduce = {"smoothgrad": "mean", "smoothgrad_sq": "square", "vargrad": "variance"}[match["kind"]]
    return Compared(SmoothGrad(reduce=reduce), arrays={"noise": "noise"})


def _guided_ig(match: re.Match[str]) -> Compared:
    return Compared(GuidedIG(steps=30, max_distance=float(match["distance"]), baseline=0.0, rule="left"))


def _xrai(match: re.Match[str]) -> Compared:
    # The reference ranks masks over Integrated Gradients of 50 points from zero.
    method = XRAI(steps=50, from_whole=match["kind"] == "fast")
    return Compared(method, arrays={"baseline": "zero", "masks": "xrai_masks"})


def _saliency(match: re.Match[str]) -> Compared:
    return Compared(Saliency(absolute=match["kind"] == "abs"))


def _at_layer(match: re.Match[str]) -> Compared:
    layer, steps = match["layer"], 50
    if match["kind"] == "gradient_x_activation":
        return Compared(LayerGradientXActivation(layer=layer))
    if match["kind"] == "ig":
        return Compared(LayerIntegratedGradients(layer=layer, steps=steps), arrays={"baseline": "zero"})
    # captum takes the gradient at the earlier point and leaves the ends of the path out; ours by default does not.
    method = LayerConductance(layer=layer, steps=steps, rule="earlier_point")
    return Compared(method, arrays={"baseline": "zero"})


def _of_tokens(match: re.Match[str]) -> Compared:
    method = LayerGradientXActivation(layer="emb")
    return Compared(method, expected=lambda array: array.sum(-1))


def _occlusion(match: re.Match[str]) -> Compared:
    return Compared(Occlusion(window=int(match["window"]), stride=int(match["stride"]), baseline=0.0))


def _shapley_of_segments(match: re.Match[str]) -> Compared:
    kind: Any = KernelSHAP if match["kind"] == "kernelshap_full" else ExactShapley
    return Compared(
        kind(background=0.0), ours=lambda attribution: attribution.segment_scores, arrays={"segments": "segments"}
    )


def _shapley_of_columns(match: re.Match[str]) -> Compared:
    kind: Any = KernelSHAP if match["kind"] == "kernelshap_full" else ExactShapley
    return Compared(kind(), arrays={"background": "background"})


def _shapley_of_both_inputs(match: re.Match[str]) -> Compared:
    return Compared(
        ExactShapley(),
        ours=lambda attribution: np.concatenate([attribution.scores["person"], attribution.scores["blood"]], 1),
        arrays={"background": "background"},
    )


def _shapley_of_groups(match: re.Match[str]) -> Compared:
    """The reference enumerates all orders; of the images it explains the first one alone."""
    if match["kind"] == "groups":
        return Compared(ExactShapley(background=0.0), arrays={"segments": "groups"}, whole=True)
    return Compared(ExactShapley(background=0.0), arrays={"segments": "segments5"}, whole=True, rows=(0,))


def _deep_lift(match: re.Match[str]) -> Compared:
    arrays = {"baseline": match["baseline"]}
    if match["delta"]:
        return Compared(DeepLIFT(), ours=lambda attribution: -attribution.residual, arrays=arrays)
    return Compared(DeepLIFT(), arrays=arrays)


def _deep_shap(match: re.Match[str]) -> Compared:
    arrays = {"background": "background"}
    if match["rows"]:  # of each row of the background; ours is their mean
        return Compared(
            DeepSHAP(),
            ours=lambda attribution: -attribution.residual,
            expected=lambda array: array.mean(1),
            arrays=arrays,
        )
    return Compared(DeepSHAP(), arrays=arrays)


def _guided_grad_cam(match: re.Match[str]) -> Compared:
    return Compared(GuidedGradCAM(layer=match["layer"], enlarge="nearest"))


def _lrp(match: re.Match[str]) -> Compared:
    """The reference's alpha1beta0 is of positive weights, whatever the sign of x."""
    rule = "z_plus" if match["rule"] == "alpha1beta0" else match["rule"]
    sizes = {match["rule"]: float(match["size"])} if match["size"] else {}
    if match["delta"]:
        return Compared(LRP(rule=rule, **sizes), ours=lambda attribution: attribution.residual)
    return Compared(LRP(rule=rule, **sizes))


def _lime(match: re.Match[str]) -> Compared:
    """The reference has the intercept behind the coefficients, and enumerates."""
    return Compared(
        LIME(perturbation=OnOff(baseline=0.0)),
        ours=lambda attribution: attribution.segment_scores,
        expected=lambda array: array[:, :-1],
        arrays={"segments": "segments"},
    )


_PROBS = r"(probs?_)?"

TABLE: list[tuple[str, Callable[[re.Match[str]], Compared] | str]] = [
    (_PROBS + r"saliency_(?P<kind>signed|abs)", _saliency),
    (r"hand_gradient", lambda match: Compared(Saliency())),
    (_PROBS + r"embedding_gradient", lambda match: Compared(Saliency(), expected=lambda array: array.sum(-1))),
    (
        _PROBS + r"(layer_)?ig_(?P<baseline>zero|blurred|pad)_(?P<rule>gl|trap|mid)(?P<steps>\d+)(?P<delta>_delta)?",
        _ig,
    ),
    (
        r"hand_ig",
        lambda match: Compared(IntegratedGradients(steps=50), arrays={"baseline": "zero"}),
    ),
    (r"blur_ig", lambda match: Compared(BlurIG(steps=20, max_sigma=5, rule="left"))),
    (r"guided_ig_maxdist(?P<distance>[\d.]+)", _guided_ig),
    (r"xrai_(?P<kind>full|fast)", _xrai),
    (r"(?P<kind>smoothgrad|smoothgrad_sq|vargrad)_fixed_noise", _smooth_grad),
    (_PROBS + r"input_x_gradient", lambda match: Compared(InputXGradient())),
    (_PROBS + r"(?P<cam>gradcam)_(?P<layer>[a-z]+\d)_(?P<after>raw|relu)", _cam),
    (rf"cam_(?P<cam>{'|'.join(CAMS)})_(?P<layer>[a-z]+\d)_(?P<after>raw)", _cam),
    (r"model_output_\w+", "checked before every comparison of its case, not an attribution"),
    (
        r"ig_zero_(left|right)50(_delta)?",
        "left and right Riemann sums are not offered: 6 to 10 times the error at equal cost",
    ),
    (r"gradcam_\w+_relu_(nearest|bilinear)", "enlarging is the page's choice; maps are stored on the layer's grid"),
    (
        rf"cam_({'|'.join(CAMS)})_\w+_final",
        "a finished picture, min-max scaled twice: maps are stored as computed",
    ),
    (_PROBS + r"embedding_gradient_l2", "a norm over the embedding axis has no sign and no sum; token scores are sums"),
    (_PROBS + r"layer_(?P<kind>gradient_x_activation|ig|conductance)_(?P<layer>[a-z]+\d)(_gl50)?", _at_layer),
    (_PROBS + r"embedding_gradient_x_activation", _of_tokens),
    (_PROBS + r"guided_gradcam_(?P<layer>\w+)", _guided_grad_cam),
    (r"guided_backprop", lambda match: Compared(GuidedBackprop())),
    (r"deconvolution", lambda match: Compared(Deconvolution())),
    (r"expected_gradients_limit", "a limit: compared within standard errors in test_expected_gradients.py"),
    (
        r"probs_deeplift_\w+",
        "captum's softmax rule subtracts a mean over the whole batch: its values do not close and depend on the batch",
    ),
    (r"(prob_)?deeplift_(?P<baseline>zero|blurred|pad)(?P<delta>_delta)?", _deep_lift),
    (r"hand_deeplift", lambda match: Compared(DeepLIFT(), arrays={"baseline": "zero"})),
    (r"(deepliftshap_background|shap_deep_explainer)(?P<rows>_delta)?", _deep_shap),
    (r"lrp_(?P<rule>epsilon|gamma|alpha1beta0)(_(?P<size>[\d.]+))?(?P<delta>_delta)?", _lrp),
    (_PROBS + r"occlusion_w(?P<window>\d)_s(?P<stride>\d)", _occlusion),
    (
        _PROBS + r"feature_ablation_seg",
        lambda match: Compared(FeatureAblation(baseline=0.0), arrays={"segments": "segments"}, whole=True),
    ),
    (
        _PROBS + r"feature_ablation(_zero)?|hand_ablation",
        lambda match: Compared(FeatureAblation(), arrays={"baseline": "zero"}),
    ),
    (_PROBS + r"token_occlusion_pad", lambda match: Compared(Occlusion(window=1))),
    (_PROBS + r"(?P<kind>shapley_exact|kernelshap_full)_seg", _shapley_of_segments),
    (r"shapley_exact_bg_concat", _shapley_of_both_inputs),
    (_PROBS + r"(?P<kind>shapley_exact_bg|shap_exact_explainer|kernelshap_full)", _shapley_of_columns),
    (
        _PROBS + r"shap_exact_explainer_base",
        lambda match: Compared(
            ExactShapley(),
            ours=lambda attribution: attribution.baseline_outputs,
            arrays={"background": "background"},
        ),
    ),
    (_PROBS + r"shapley_exact_tokens", lambda match: Compared(ExactShapley())),
    (r"shapley_captum_(?P<kind>seg5|groups)", _shapley_of_groups),
    (
        _PROBS + r"shapley_captum_shortest",
        lambda match: Compared(ExactShapley(), rows=(SHORTEST,)),
    ),
    (r"shapley_captum|hand_shapley", lambda match: Compared(ExactShapley(), arrays={"background": "zero"})),
    (r"coalition_values_seg", "the values that exact Shapley values are made of"),
    (r"treeshap_interventional_probability\w*", "margins that are rescaled, not the Shapley values of the probability"),
    (r"treeshap_interactions\w*|pred_interactions", "not offered: interactions are no map"),
    (r"approx_contribs", "not offered: an approximation of what is exact"),
    (
        r"shapley_brute_force_4rows|treeshap_\w+|pred_contribs|margin|prediction",
        "of trees: compared in tests/integrations/test_xgboost.py and test_lightgbm.py",
    ),
    (r"\w+_shapley", "a game of sets, not a model: compared in test_exact_shapley.py"),
    (r"\w+_(banzhaf|shapley_interaction)", "not offered: Banzhaf values do not sum, interactions are no map"),
    (r"lime_ridge_full_seg", _lime),
    (r"lime_(continuous|discretized)_(mean|std)", "of random samples: compared within standard errors in test_lime.py"),
    (r"(deletion|insertion)_(curve|auc)|infidelity(_normalized)?|sensitivity_max_saliency", "a metric, not a method"),
    (r"leaf_index|importance_\w+", "an output of the tree library itself"),
]


def row(key: str) -> Compared | str | None:
    """The entry of a key; None where no row matches."""
    for pattern, entry in TABLE:
        match = re.fullmatch(pattern, key.partition("@")[0])
        if match:
            return entry if isinstance(entry, str) else entry(match)
    return None
