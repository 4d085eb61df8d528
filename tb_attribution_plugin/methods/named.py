"""Names of layers among the arguments of methods."""

from __future__ import annotations

from typing import Any


def check_layer(layer: Any) -> None:
    """Raises ValueError where it is no name: these methods have no layer that would do for all."""
    if not isinstance(layer, str) or not layer:
        raise ValueError(f"layer must be the name of a layer of the model, as 'dense'; got {layer!r}")
