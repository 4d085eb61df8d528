"""Sees and replaces what layers return while a whole model runs.

Splitting a model at a layer breaks with skip connections, nesting and subclassing; watching the layer while the model
runs does not. A tap wraps the layer's `call` for the duration of one trace and restores it afterwards; whatever Keras
does around `call` (masks, autocasting, nesting) goes on as always.
"""

from __future__ import annotations

import contextlib
import inspect
from collections.abc import Callable, Iterator
from typing import Any

import keras

# layer, number of this call of it (from 0), positional arguments, the call itself -> the result to hand on
Around = Callable[[keras.Operation, int, tuple[Any, ...], Callable[..., Any]], Any]


class SeenEnough(BaseException):
    """Raised by a tap that needs nothing of what comes behind it. Keras and autograph rewrite every `Exception`."""


@contextlib.contextmanager
def tapped(layers: list[keras.Operation], around: Around) -> Iterator[None]:
    """While the context is open, every call of `layers` goes through `around`."""
    before: list[tuple[keras.Operation, Any]] = []
    try:
        for layer in layers:
            # Written past Keras's attribute tracking: the model must not notice.
            before.append((layer, layer.__dict__.get("call")))
            layer.__dict__["call"] = _wrapped(layer, layer.call, around)
        yield
    finally:
        for layer, call in reversed(before):
            if call is None:
                del layer.__dict__["call"]
            else:  # the user's own instance attribute
                layer.__dict__["call"] = call


def _wrapped(layer: keras.Operation, call: Callable[..., Any], around: Around) -> Callable[..., Any]:
    calls = 0
    first = next(iter(inspect.signature(call).parameters), None)

    def wrapped(*args: Any, **kwargs: Any) -> Any:
        nonlocal calls
        number, calls = calls, calls + 1
        if not args and first in kwargs:
            args = (kwargs.pop(first),)
        return around(layer, number, args, lambda *positional: call(*positional, **kwargs))

    return wrapped


def named_layers(model: keras.Model) -> dict[str, keras.Operation]:
    """All layers below a model by path, "conv1" or "backbone/conv5"; the first path of a shared layer.

    Functions of a functional graph (`keras.ops.relu(x)`, `x + y`) are among them.
    """
    found: dict[str, keras.Operation] = {}
    seen = {id(model)}

    def visit(parent: keras.Operation, prefix: str) -> None:
        if not isinstance(parent, keras.Layer):
            return
        # A Sequential keeps its graph inside; the operations that make masks are there.
        operations = getattr(getattr(parent, "_functional", None) or parent, "operations", ())
        for layer in [*parent._flatten_layers(include_self=False, recursive=False), *operations]:
            if id(layer) in seen:
                continue
            seen.add(id(layer))
            path = base = prefix + layer.name
            count = 1
            while path in found:  # subclassed models may repeat names
                count += 1
                path = f"{base}#{count}"
            found[path] = layer
            visit(layer, path + "/")

    visit(model, "")
    return found
