"""Layers as the plain Python code they are made of, so that a trace shows all of it and leaves nothing behind.

A `tf.function` keeps the graphs it was traced to. One that is the `call` of a layer would hide its inner layers from
taps, and would go on using in training and validation what it was traced to under attribution: taps, float32,
debiased statistics. A rematerialised layer computes the same numbers with less memory, but Keras cannot call it with
keyword arguments inside a graph.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import keras
import tensorflow as tf

_MISSING = object()
_TfFunction = tf.types.experimental.PolymorphicFunction


def inlined(layers: Iterable[keras.Operation]) -> contextlib.AbstractContextManager[None]:
    """While the context is open, methods of `layers` that are a `tf.function` run as the Python they wrap."""
    return _changed(layers, _without_functions)


def unrolled(layers: Iterable[keras.Operation]) -> contextlib.AbstractContextManager[None]:
    """While the context is open, recurrent layers make their steps one by one in the graph, without cuDNN."""
    return _changed(layers, _without_loop)


def _without_functions(layer: keras.Operation) -> dict[str, Any]:
    changes: dict[str, Any] = {name: _python(layer, name, function) for name, function in _functions(layer).items()}
    if getattr(layer, "_remat_mode", None) is not None:
        changes["_remat_mode"] = None
    return changes


def _without_loop(layer: keras.Operation) -> dict[str, Any]:
    if not isinstance(layer, keras.layers.RNN):
        return {}
    return {"unroll": True} | ({"use_cudnn": False} if hasattr(layer, "use_cudnn") else {})


@contextlib.contextmanager
def _changed(
    layers: Iterable[keras.Operation], changes_of: Callable[[keras.Operation], dict[str, Any]]
) -> Iterator[None]:
    """While the context is open, attributes of layers have other values."""
    before: list[tuple[keras.Operation, str, Any]] = []
    try:
        for layer in layers:
            for name, value in changes_of(layer).items():
                # Written past Keras's attribute tracking: the model must not notice.
                before.append((layer, name, layer.__dict__.get(name, _MISSING)))
                layer.__dict__[name] = value
        yield
    finally:
        for layer, name, value in reversed(before):
            if value is _MISSING:
                del layer.__dict__[name]
            else:
                layer.__dict__[name] = value


def _functions(layer: keras.Operation) -> dict[str, Any]:
    """Methods that are a `tf.function`, and a `call` like that which was set on the layer itself."""
    found = {name: value for kind in reversed(type(layer).__mro__) for name, value in vars(kind).items()}
    found.update((name, value) for name, value in vars(layer).items() if name == "call")
    return {name: value for name, value in found.items() if isinstance(value, _TfFunction)}


def _python(layer: keras.Operation, name: str, function: Any) -> Callable[..., Any]:
    python = function.python_function
    owner = getattr(python, "__self__", None) if name in vars(layer) else layer
    python = getattr(python, "__func__", python)
    if getattr(function, "_autograph", True):
        # `if` and `for` over tensors need it; what has no readable source was not converted before either.
        with contextlib.suppress(Exception):
            python = tf.autograph.to_graph(python)
    return python if owner is None else functools.partial(python, owner)
