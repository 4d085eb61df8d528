"""What a call of a model changes in Python, put back: attributes of layers, and the streams of random numbers."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Iterable, Iterator

import keras
import numpy as np


@contextlib.contextmanager
def untouched(layers: Iterable[keras.Operation]) -> Iterator[None]:
    """When the context ends, attributes of `layers` are those that they were, and Python's and NumPy's streams too.

    Layers count their calls, or keep what they computed: a tensor of our graph would be of no use to anybody.
    """
    before = [(layer.__dict__, dict(layer.__dict__)) for layer in layers]
    python, numpy = random.getstate(), np.random.get_state()  # noqa: NPY002 - the stream that others draw from
    try:
        yield
    finally:
        random.setstate(python)
        np.random.set_state(numpy)  # noqa: NPY002
        for attributes, those in before:
            # Written past Keras's attribute tracking: the model must not notice.
            for name in attributes.keys() - those.keys():
                del attributes[name]
            attributes.update(those)
