"""The fixed batch of inputs that is explained at every logged step."""

from tb_attribution_plugin.probe.probe import Probe

__all__ = ["Probe"]
