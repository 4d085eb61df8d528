"""Layers that go on with the weights they were traced with, so that maps explain what the model does not compute.

Keras builds a layer that has no `build` of its own by calling it while variables hold no values yet. Where `call` is a
`tf.function`, that call leaves a trace with the initial values as constants, and the layer goes on using it. Our own
calls run the Python inside and read the weights. Traces are looked at, not made: nothing is called.
"""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from tb_attribution_plugin.methods.rows import Structure
from tb_attribution_plugin.training.keras_model import KerasModel
from tb_attribution_plugin.training.traced import Traced, captures

_NAMED = 3


def notes(network: KerasModel, inputs: Structure) -> list[str]:
    """What the user should know, one line at most. A model without a `call` that is a `tf.function` costs nothing."""
    rows = len(tf.nest.flatten(inputs)[0])
    unread = [(part, variable) for part in network.parts for variable in _unread(part, rows)]
    if not unread:
        return []
    ours = Traced(network.outputs, inputs)
    found = [(part, variable) for part, variable in unread if ours.reads(variable.value)]
    if not found:
        return []
    names = _some([repr(part.name) for part, _ in found])
    weights = _some([variable.path for _, variable in found])
    return [
        f"{names}: call is a tf.function that was traced before the weights had values, so that the model goes on with "
        f"the initial ones of {weights}: training does not change its outputs, nor does load_weights, while maps are "
        "those of the weights as they are. Build the sublayers in build(), or take tf.function off call"
    ]


def _unread(part: keras.Operation, rows: int) -> list[Any]:
    """Weights of a layer that no trace of its `call` reads, of those that serve a batch of so many rows."""
    call = getattr(part, "call", None)
    if not isinstance(call, tf.types.experimental.PolymorphicFunction):
        return []
    traces = [one for one in getattr(call, "_list_all_concrete_functions", list)() if _serves(one, rows)]
    if not traces:
        return []
    return [
        one for one in getattr(part, "weights", []) if not any(captures(trace.graph, one.value) for trace in traces)
    ]


def _serves(trace: Any, rows: int) -> bool:
    specs = [one for one in tf.nest.flatten(trace.structured_input_signature) if isinstance(one, tf.TensorSpec)]
    return all(spec.shape.rank is None or not spec.shape.rank or spec.shape[0] in (None, rows) for spec in specs)


def _some(names: list[str]) -> str:
    names = list(dict.fromkeys(names))
    return ", ".join(names[:_NAMED]) + (f" and {len(names) - _NAMED} more" if len(names) > _NAMED else "")
