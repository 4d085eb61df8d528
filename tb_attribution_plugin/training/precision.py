"""Attribution in float32, whatever precision the model trains in: a float16 backward pass loses 1% of a map."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterable, Iterator
from typing import Any

import keras
import tensorflow as tf

_HALF = ("float16", "bfloat16")
_tf32 = threading.RLock()


@contextlib.contextmanager
def full_precision(layers: Iterable[keras.Operation]) -> Iterator[None]:
    """While the context is open, layers of a mixed policy compute in the dtype of their weights.

    Quantised layers stay as they are: their arithmetic is the model.
    """
    before: list[tuple[keras.Operation, str, Any]] = []

    def replace(layer: keras.Operation, name: str, value: Any) -> None:
        # Written past the setters, which would also quantise or rename.
        before.append((layer, name, layer.__dict__[name]))
        layer.__dict__[name] = value

    try:
        for layer in layers:
            if not isinstance(layer, keras.Layer):
                # Computes in the dtype of what it is given; older Keras writes a policy's casts into the graph.
                if type(layer).__name__ == "Cast" and layer.dtype in _HALF:
                    replace(layer, "dtype", "float32")
                continue
            mixed = layer.compute_dtype in _HALF and layer.variable_dtype not in _HALF
            if mixed and layer.dtype_policy.quantization_mode is None:
                replace(layer, "_dtype_policy", keras.dtype_policies.DTypePolicy(layer.variable_dtype))
        yield
    finally:
        for layer, name, value in reversed(before):
            layer.__dict__[name] = value


@contextlib.contextmanager
def full_products() -> Iterator[None]:
    """While the context is open, GPUs multiply float32 in float32.

    By default TensorFlow lets them round the factors to the 10 bits of TF32, which changed maps of convolutional
    networks by up to 6% of their norm. The switch is that of the whole process, so one thread at a time is in here.
    """
    with _tf32:
        before = tf.config.experimental.tensor_float_32_execution_enabled()
        tf.config.experimental.enable_tensor_float_32_execution(False)
        try:
            yield
        finally:
            tf.config.experimental.enable_tensor_float_32_execution(before)
