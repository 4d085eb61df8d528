"""Moving statistics of BatchNormalization that know how young they are.

A moving average starts from what it was set to (mean 0, variance 1) and forgets that slowly: with momentum m, after t
updates, m^t of its weight still lies on the start. Until then inference, and every attribution, sees another network
than the one that trains. The same average without the start is

    (v_t - m^t v_0) / (1 - m^t)

as Adam does with its moments (Kingma and Ba, 2014, sec. 3, arXiv:1412.6980). Only layers that start with the statistics
they are made with are treated so: what was learned before training is no bias.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import keras
import numpy as np
import tensorflow as tf

STATISTICS = ("moving_mean", "moving_variance")


class DebiasedStatistics:
    """The moving statistics of all BatchNormalization layers, as they were when training started."""

    def __init__(self, layers: list[keras.Layer]) -> None:
        self._layers = [layer for layer in layers if isinstance(layer, keras.layers.BatchNormalization) and layer.built]
        self._starts = [
            {name: tf.Variable(getattr(layer, name).value, trainable=False) for name in STATISTICS}
            for layer in self._layers
        ]
        self._fresh = [tf.Variable(True, trainable=False) for _ in self._layers]
        # float64: m^t of a momentum of 0.999 is near 1 for long.
        self._updates = tf.Variable(0.0, dtype=tf.float64, trainable=False)

    def __bool__(self) -> bool:
        """False for a model without such layers."""
        return bool(self._layers)

    def start(self) -> None:
        """Training starts here, with the statistics as they are now."""
        for layer, starts, fresh in zip(self._layers, self._starts, self._fresh, strict=True):
            for name, start in starts.items():
                start.assign(getattr(layer, name).value)
            # Statistics that were learned before are no bias to take away.
            mean, variance = (np.asarray(getattr(layer, name)) for name in STATISTICS)
            fresh.assign(bool(np.all(mean == 0) and np.all(variance == 1)))
        self._updates.assign(0.0)

    def updated(self, updates: int) -> None:
        """So many batches have been trained on since."""
        self._updates.assign(float(updates))

    @contextlib.contextmanager
    def in_use(self) -> Iterator[None]:
        """While the context is open, a trace of the model reads debiased statistics."""
        before = []
        try:
            for layer, starts, fresh in zip(self._layers, self._starts, self._fresh, strict=True):
                for name, start in starts.items():
                    # Written past Keras's attribute tracking: the model must not notice.
                    before.append((layer, name, layer.__dict__[name]))
                    layer.__dict__[name] = self._debiased(layer, layer.__dict__[name].value, start, fresh)
            yield
        finally:
            for layer, name, variable in before:
                layer.__dict__[name] = variable

    def _debiased(self, layer: keras.Layer, now: tf.Tensor, start: tf.Tensor, fresh: tf.Tensor) -> tf.Tensor:
        left = tf.constant(layer.momentum, tf.float64) ** self._updates
        found = (tf.cast(now, tf.float64) - left * tf.cast(start, tf.float64)) / (1 - left)
        # Before the first update there is nothing but the start.
        return tf.cast(tf.where(fresh & (self._updates > 0), found, tf.cast(now, tf.float64)), now.dtype)
