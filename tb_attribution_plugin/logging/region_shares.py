"""How much of each map lies inside the regions that the user named."""

from __future__ import annotations

from collections.abc import Container, Mapping

import numpy as np

from tb_attribution_plugin.attribution import Attribution
from tb_attribution_plugin.evaluation.regions import region_share
from tb_attribution_plugin.probe import Probe
from tb_attribution_plugin.wire import names


def region_shares(
    attributions: Mapping[str, Attribution], probe: Probe, units: Container[str] = ()
) -> dict[str, float]:
    """Means over the examples by the tag of their curve; none where no map has a share, as one of zeros has none.

    Args:
      units: tags of scores that have no place in an input, and so no part in a region.
    """
    shares = {}
    for tag, attribution in attributions.items():
        if tag in units:
            continue
        scores = attribution.scores
        if isinstance(scores, dict):
            scores = scores[probe.input_names[probe.shown]]
        elif isinstance(scores, list | tuple):
            scores = scores[probe.shown]
        for region, mask in probe.regions.items():
            share = region_share(scores, mask)
            if np.any(np.isfinite(share)):
                shares[f"{names.REGION}{tag}/{region}"] = float(np.nanmean(share))
    return shares
