"""Attribution methods: one frozen dataclass per file."""

from tb_attribution_plugin.methods.attention_rollout import AttentionRollout as AttentionRollout
from tb_attribution_plugin.methods.attn_lrp import AttnLRP as AttnLRP
from tb_attribution_plugin.methods.blur_ig import BlurIG as BlurIG
from tb_attribution_plugin.methods.deconvolution import Deconvolution as Deconvolution
from tb_attribution_plugin.methods.deep_lift import DeepLIFT as DeepLIFT
from tb_attribution_plugin.methods.deep_shap import DeepSHAP as DeepSHAP
from tb_attribution_plugin.methods.eigen_cam import EigenCAM as EigenCAM
from tb_attribution_plugin.methods.exact_shapley import ExactShapley as ExactShapley
from tb_attribution_plugin.methods.expected_gradients import ExpectedGradients as ExpectedGradients
from tb_attribution_plugin.methods.feature_ablation import FeatureAblation as FeatureAblation
from tb_attribution_plugin.methods.grad_cam import GradCAM as GradCAM
from tb_attribution_plugin.methods.grad_cam_plus_plus import GradCAMPlusPlus as GradCAMPlusPlus
from tb_attribution_plugin.methods.guided_backprop import GuidedBackprop as GuidedBackprop
from tb_attribution_plugin.methods.guided_grad_cam import GuidedGradCAM as GuidedGradCAM
from tb_attribution_plugin.methods.guided_ig import GuidedIG as GuidedIG
from tb_attribution_plugin.methods.hires_cam import HiResCAM as HiResCAM
from tb_attribution_plugin.methods.hsic import HSIC as HSIC
from tb_attribution_plugin.methods.input_x_gradient import InputXGradient as InputXGradient
from tb_attribution_plugin.methods.integrated_gradients import IntegratedGradients as IntegratedGradients
from tb_attribution_plugin.methods.kernel_shap import KernelSHAP as KernelSHAP
from tb_attribution_plugin.methods.layer_cam import LayerCAM as LayerCAM
from tb_attribution_plugin.methods.layer_conductance import LayerConductance as LayerConductance
from tb_attribution_plugin.methods.layer_gradient_x_activation import (
    LayerGradientXActivation as LayerGradientXActivation,
)
from tb_attribution_plugin.methods.layer_integrated_gradients import (
    LayerIntegratedGradients as LayerIntegratedGradients,
)
from tb_attribution_plugin.methods.lime import LIME as LIME
from tb_attribution_plugin.methods.lrp import LRP as LRP
from tb_attribution_plugin.methods.occlusion import Occlusion as Occlusion
from tb_attribution_plugin.methods.partition_shap import PartitionSHAP as PartitionSHAP
from tb_attribution_plugin.methods.permutation_shapley import PermutationShapley as PermutationShapley
from tb_attribution_plugin.methods.rise import RISE as RISE
from tb_attribution_plugin.methods.saliency import Saliency as Saliency
from tb_attribution_plugin.methods.score_cam import ScoreCAM as ScoreCAM
from tb_attribution_plugin.methods.smooth_grad import SmoothGrad as SmoothGrad
from tb_attribution_plugin.methods.sobol import Sobol as Sobol
from tb_attribution_plugin.methods.transformer_relevance import TransformerRelevance as TransformerRelevance
from tb_attribution_plugin.methods.xgrad_cam import XGradCAM as XGradCAM
from tb_attribution_plugin.methods.xrai import XRAI as XRAI

__all__ = [
    "HSIC",
    "LIME",
    "LRP",
    "RISE",
    "XRAI",
    "AttentionRollout",
    "AttnLRP",
    "BlurIG",
    "Deconvolution",
    "DeepLIFT",
    "DeepSHAP",
    "EigenCAM",
    "ExactShapley",
    "ExpectedGradients",
    "FeatureAblation",
    "GradCAM",
    "GradCAMPlusPlus",
    "GuidedBackprop",
    "GuidedGradCAM",
    "GuidedIG",
    "HiResCAM",
    "InputXGradient",
    "IntegratedGradients",
    "KernelSHAP",
    "LayerCAM",
    "LayerConductance",
    "LayerGradientXActivation",
    "LayerIntegratedGradients",
    "Occlusion",
    "PartitionSHAP",
    "PermutationShapley",
    "Saliency",
    "ScoreCAM",
    "SmoothGrad",
    "Sobol",
    "TransformerRelevance",
    "XGradCAM",
]
