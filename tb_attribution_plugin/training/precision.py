"""Attribution in float32, whatever precision the model trains in: a float16 backward pass loses 1% of a map."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator

import keras

_HALF = ("float16", "bfloat16")


@contextlib.contextmanager
def full_precision(layers: Iterable[keras.Operation]) -> Iterator[None]:
    """While the context is open, layers of a mixed policy compute in the dtype of their weights.

    Quantised layers stay as they are: their arithmetic is the model.
    """
    before = []
    try:
        for layer in layers:
            if not isinstance(layer, keras.Layer):
                continue  # computes in the dtype of what it is given
            policy = layer.dtype_policy
            mixed = layer.compute_dtype in _HALF and layer.variable_dtype not in _HALF
            if mixed and policy.quantization_mode is None:
                # Written past the setter, which would also quantise or rename.
                before.append((layer, layer.__dict__["_dtype_policy"]))
                layer.__dict__["_dtype_policy"] = keras.dtype_policies.DTypePolicy(layer.variable_dtype)
        yield
    finally:
        for layer, policy in before:
            layer.__dict__["_dtype_policy"] = policy
