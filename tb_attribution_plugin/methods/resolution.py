"""Makes a method concrete for one probe: what was left open is decided once, before any chunk or step."""

from __future__ import annotations

import dataclasses
from typing import Any

from tb_attribution_plugin.methods import baselines
from tb_attribution_plugin.methods.network import Network
from tb_attribution_plugin.methods.rows import Structure


def resolved(method: Any, network: Network, inputs: Structure, background: Structure | None = None) -> Any:
    """The same method with its `baseline`, `background`, `layer` and `channels` fields decided.

    Args:
      inputs: the whole probe's inputs, each [B, ...].
      background: the probe's background rows, or None.
    """
    names = {field.name for field in dataclasses.fields(method)}
    changes: dict[str, Any] = {}
    if "baseline" in names:
        changes["baseline"] = baselines.resolve(method.baseline, inputs, background, network.takes_ids(inputs))
    if "background" in names:
        given = background if method.background is None else method.background
        if not isinstance(given, baselines.Points):
            given = baselines.resolve(baselines.Rows(), inputs, given, network.takes_ids(inputs))
        changes["background"] = given
    if "layer" in names:
        layer = changes["layer"] = network.layer(method.layer)
        if "channels" in names:
            all_of_it = network.shape(layer)[-1]
            changes["channels"] = all_of_it if method.channels is None else min(method.channels, all_of_it)
    return dataclasses.replace(method, **changes)
