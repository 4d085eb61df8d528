"""A name for what a probe holds, alike on every machine."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

import numpy as np

from tb_attribution_plugin.probe.arrays import Array

if TYPE_CHECKING:
    from tb_attribution_plugin.probe.probe import Probe

_VERSION = 1


def digest(probe: Probe, background: tuple[Array, ...], segments: tuple[Array, ...]) -> str:
    """16 hex digits over everything that a probe holds."""
    words = {
        "version": _VERSION,
        "inputs": probe.input_names,
        "shown": probe.shown,
        "modality": probe.modality,
        "names": probe.names,
        "class_names": probe.class_names,
        "feature_names": probe.feature_names,
        "tokens": probe.tokens,
        "store_inputs": probe.store_inputs,
    }
    found = hashlib.sha256(json.dumps(words, sort_keys=True).encode())
    parts: list[tuple[str, Array]] = [(f"input {i}", a) for i, a in enumerate(probe.arrays)]
    parts += [(f"background {i}", a) for i, a in enumerate(background)]
    parts += [(f"segments {i}", a) for i, a in enumerate(segments)]
    parts += [(f"region {name}", mask) for name, mask in sorted(probe.regions.items())]
    parts += [(name, a) for name, a in (("labels", probe.labels), ("display", probe.display)) if a is not None]
    for name, array in parts:
        # Byte order and layout are the machine's; the digest must not be.
        kind = array.dtype.newbyteorder("<")
        found.update(f"\n{name} {kind.str} {array.shape}\n".encode())
        found.update(np.ascontiguousarray(array, kind).tobytes())
    return found.hexdigest()[:16]
