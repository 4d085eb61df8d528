"""Which inputs of ids are columns of a table: code 0 is a category as others are, and no padding.

Numbers do not tell categories from words. The user does, with the modality or with the strings of tokens; else rows
that stand for what is absent do: a code 0 that they replace has a score, unless the model masks it, as of a text.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from tb_attribution_plugin.methods import baselines
from tb_attribution_plugin.methods.arguments import is_number
from tb_attribution_plugin.methods.network import Network
from tb_attribution_plugin.methods.perturbations import OnOff
from tb_attribution_plugin.methods.rows import Structure
from tb_attribution_plugin.probe import Probe
from tb_attribution_plugin.probe.inputs import like
from tb_attribution_plugin.segments.by_modality import is_mask


def of_inputs(network: Network, inputs: Structure, method: Any) -> Structure:
    """In the structure of the inputs, where nothing is known of them but what the method has."""
    found = _gives_rows(method) and not _masks(network)
    return tf.nest.map_structure(lambda tensor: found and tensor.dtype != tf.string, inputs)


def of_probe(network: Network, probe: Probe, method: Any) -> Structure:
    """In the structure of the inputs."""
    masked = _masks(network)
    if probe.is_given(probe.modality):
        found = [
            modality == "tabular" and (index == probe.shown or not masked)
            for index, modality in enumerate(probe.modalities)
        ]
    else:
        rows = probe.background is not None or _gives_rows(method)
        found = [rows and not masked and not _is_text(probe)] * len(probe.arrays)
    numbers = [one and array.dtype.kind != "U" for one, array in zip(found, probe.arrays, strict=True)]
    return like(probe.inputs, tuple(numbers))  # type: ignore[arg-type]


def notes(network: Network, probe: Probe) -> list[str]:
    """Where ids beside a table are read as a text for want of anything that says what they are."""
    known = probe.is_given(probe.modality) or probe.background is not None or _masks(network) or _is_text(probe)
    if known or not any(array.ndim == 2 and array.dtype.kind == "f" for array in probe.arrays):
        return []
    pairs = zip(probe.input_names, probe.arrays, strict=True)
    ids = [name for name, array in pairs if array.ndim == 2 and array.dtype.kind in "iu" and array.shape[1] > 1]
    return [
        f"input {name!r} is read as token ids, whose 0 at either end is padding; if it is columns of categories, say "
        "Probe(..., modality='tabular')"
        for name in ids
    ]


def _is_text(probe: Probe) -> bool:
    """Whether strings of tokens, or a padding mask beside the ids, say so."""
    main = probe.arrays[probe.shown]
    if probe.modality != "text":
        return False
    if main.dtype.kind == "U" or not np.array_equal(np.array(probe.tokens, dtype=object), main.astype(str)):
        return True
    return any(is_mask(array, main) for index, array in enumerate(probe.arrays) if index != probe.shown)


def _masks(network: Network) -> bool:
    """Whether the model knows which places are padding."""
    return any(
        getattr(layer, "mask_zero", False) or isinstance(layer, keras.layers.Masking)
        for layer in getattr(network, "calls", ())
    )


def _gives_rows(method: Any) -> bool:
    """Whether rows, and no constant, stand for what is absent."""
    perturbation = getattr(method, "perturbation", None)
    specs = [
        getattr(method, "background", None),
        perturbation.baseline if isinstance(perturbation, OnOff) else getattr(method, "baseline", None),
    ]
    return any(_are_rows(one) for spec in specs for one in tf.nest.flatten(spec))


def _are_rows(spec: Any) -> bool:
    if isinstance(spec, baselines.Rows | baselines.Points):
        return isinstance(spec, baselines.Points) or spec.rows is not None
    return not (spec is None or isinstance(spec, str) or dataclasses.is_dataclass(spec) or is_number(spec))
