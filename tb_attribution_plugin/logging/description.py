"""What is declared once about a series: its metadata."""

from __future__ import annotations

import hashlib
import re
import sys
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from tb_attribution_plugin.probe import Probe
from tb_attribution_plugin.wire import attribution_pb2 as pb
from tb_attribution_plugin.wire.codec import CODES

ERROR_KINDS = {
    "none": pb.ERROR_NONE,
    "gap": pb.ERROR_GAP,
    "standard_error": pb.ERROR_STANDARD_ERROR,
    "one_minus_r2": pb.ERROR_ONE_MINUS_R2,
    "absorbed": pb.ERROR_ABSORBED,
    "map_difference": pb.ERROR_MAP_DIFFERENCE,
}
_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")
_LONGEST = 200
_VERSIONED = (
    "tb_attribution_plugin", "tensorflow", "keras", "torch", "captum", "jax", "shap", "xgboost", "lightgbm", "sklearn",
)  # fmt: skip


class Storage(NamedTuple):
    """How maps are stored: at most `resolution` cells per side, channels kept or summed, in which code."""

    resolution: int
    channels: bool
    code: int

    @classmethod
    def of(cls, resolution: int, channels: bool, store: str) -> Storage:
        """From the arguments of `AttributionWriter`.

        Raises:
          ValueError: resolution or store.
        """
        if isinstance(resolution, bool) or not isinstance(resolution, int) or resolution < 1:
            raise ValueError(f"resolution is {resolution!r}; it must be an integer >= 1")
        if store not in CODES:
            raise ValueError(f"store {store!r} is not known; it is one of {list(CODES)}")
        return cls(resolution, bool(channels), CODES[store])


class Word(str):
    """A parameter's value, written out already."""


def written_out(parameters: Mapping[str, Any]) -> dict[str, Word]:
    """Values as the log shows them, for another process to log."""
    return {name: Word(_word(value)) for name, value in parameters.items()}


def versions() -> dict[str, str]:
    """Of the packages that this process has loaded, as far as attributions may depend on them."""
    # Only what the program has already loaded: logging must not import a framework.
    found = {name: getattr(sys.modules.get(name), "__version__", None) for name in _VERSIONED}
    return {name: version for name, version in found.items() if isinstance(version, str)}


class Traits(NamedTuple):
    """What storing a series takes that its readers need not know; see `AttributionWriter.series`."""

    at_layer: bool
    correlated_errors: bool
    per_place: bool


def describe(
    tag: str,
    probe: Probe,
    storage: Storage,
    *,
    method: str,
    signed: bool,
    target: str,
    scalar: str,
    parameters: Mapping[str, Any],
    class_sensitive: bool,
    weight_sensitive: bool,
    error_kind: str,
    additive: bool,
    cam: bool,
    units: bool,
    per_place: bool,
    computed_with: Mapping[str, str] | None,
) -> pb.MapSeries:
    """The metadata of a series; its grids, and whether channels were summed, follow with the first step."""
    if error_kind not in ERROR_KINDS:
        raise ValueError(f"error_kind {error_kind!r} of {tag!r} is not known; it is one of {list(ERROR_KINDS)}")
    return pb.MapSeries(
        tag=tag,
        method=method,
        parameters=[pb.Parameter(name=name, value=_word(value)) for name, value in parameters.items()],
        target=target,
        scalar=scalar,
        signed=signed,
        class_sensitive=class_sensitive,
        weight_sensitive=weight_sensitive,
        error_kind=ERROR_KINDS[error_kind],
        additive=additive,
        cam=cam,
        units=units,
        per_place=per_place,
        probe_hash=probe.hash,
        shown=probe.shown,
        code=storage.code,  # type: ignore[arg-type]
        examples=probe.size,
        versions=[
            pb.Parameter(name=name, value=version)
            for name, version in (versions() if computed_with is None else computed_with).items()
        ],
    )


def _word(value: Any) -> str:
    """As a reader would write it, alike in every process; arrays and long texts by a digest, so that they compare."""
    if isinstance(value, Word):
        return str(value)
    if isinstance(value, tuple) and any(hasattr(one, "shape") for one in value):
        return f"({', '.join(map(_word, value))})"
    shape = getattr(value, "shape", None)
    if shape is not None and len(shape):
        array = np.ascontiguousarray(value)
        return f"array{list(array.shape)} #{hashlib.sha256(array.tobytes()).hexdigest()[:8]}"
    text = _ADDRESS.sub("", repr(value))
    if len(text) > _LONGEST:
        return f"{text[:_LONGEST]}... #{hashlib.sha256(text.encode()).hexdigest()[:8]}"
    return text
