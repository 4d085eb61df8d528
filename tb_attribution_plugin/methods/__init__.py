"""Attribution methods: one frozen dataclass per file."""

from tb_attribution_plugin.methods.grad_cam import GradCAM as GradCAM
from tb_attribution_plugin.methods.integrated_gradients import IntegratedGradients as IntegratedGradients
from tb_attribution_plugin.methods.saliency import Saliency as Saliency

__all__ = ["GradCAM", "IntegratedGradients", "Saliency"]
