"""Makes a method concrete for one probe: what methods leave open, and what their images are cut into."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

from tb_attribution_plugin.logging.voice import say
from tb_attribution_plugin.methods import images, overlapping, resolution
from tb_attribution_plugin.methods.network import Network
from tb_attribution_plugin.methods.rows import Structure
from tb_attribution_plugin.methods.xrai import XRAI
from tb_attribution_plugin.segments import felzenszwalb


def resolved(
    method: Any,
    network: Network,
    inputs: Structure,
    background: Structure | None = None,
    segments: Callable[[Structure], Structure | None] = lambda categories: None,
    categories: Structure | None = None,
) -> Any:
    """As `methods.resolution.resolved`, with masks too: they depend on the images alone and are made once.

    Args:
      segments: the probe's, asked for where the method has none of its own, for these categories.
      categories: see `categories.py`.
    """
    if isinstance(method, XRAI):
        images.check(method.name, inputs, network.takes_ids(inputs))
        if method.masks is None:
            say(f"attribution: {method.name}: cutting the images into segments, about two seconds each")
            masks = overlapping.made(felzenszwalb.masks, inputs, "Felzenszwalb's segments at 6 scales")
        else:
            masks = overlapping.resolve(method.masks, inputs)
        method = dataclasses.replace(method, masks=masks)
    needs = getattr(method, "segments", False) is None
    found = segments(categories) if needs else None
    return resolution.resolved(method, network, inputs, background, found, categories)
