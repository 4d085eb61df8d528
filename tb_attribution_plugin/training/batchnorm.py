"""Moving statistics of BatchNormalization that know how young they are.

A moving average starts from what it was set to (mean 0, variance 1) and forgets that slowly: with momentum m, after t
updates, m^t of its weight still lies on the start. Until then inference, and every attribution, sees another network
than the one that trains. The same average without the start is

    (v_t - m^t v_0) / (1 - m^t)

as Adam does with its moments (Kingma and Ba, 2014, sec. 3, arXiv:1412.6980). Only layers that start with mean 0 and
variance 1 are treated so: what was learned before training is no bias. Nobody tells how often a layer was
updated; it is taken to be once for each of its calls in a forward pass, and one pass for each batch.
"""

from __future__ import annotations

import contextlib
import dataclasses
import weakref
from collections.abc import Iterator, Mapping

import keras
import numpy as np
import tensorflow as tf
from tensorflow.python.ops.resource_variable_ops import ResourceVariable

STATISTICS = ("moving_mean", "moving_variance")


@dataclasses.dataclass(frozen=True)
class _Origin:
    """Where a layer's statistics came from when an epoch ended: a further fit goes on from there."""

    starts: tuple[np.ndarray, ...]
    fresh: bool
    batches: int
    ended_with: tuple[np.ndarray, ...]


_origins: weakref.WeakKeyDictionary[keras.Layer, _Origin] = weakref.WeakKeyDictionary()


class DebiasedStatistics:
    """The moving statistics of all BatchNormalization layers, as they were when training started."""

    def __init__(self, calls: Mapping[keras.Layer, int]) -> None:
        """Args:
        calls: how often one forward pass calls each layer of a model; others than BatchNormalization do not matter.
        """
        self._layers = [
            _Layer(layer, times)
            for layer, times in calls.items()
            if isinstance(layer, keras.layers.BatchNormalization) and layer.built
        ]
        self._started = False

    def __bool__(self) -> bool:
        """False for a model without such layers."""
        return bool(self._layers)

    def start(self) -> None:
        """Training starts here, with the statistics as they are now."""
        self._started = True
        for layer in self._layers:
            layer.start()
            layer.updated(0)

    def updated(self, batches: int) -> None:
        """So many batches have been trained on since."""
        for layer in self._layers:
            layer.updated(batches)

    def epoch_ended(self, batches: int) -> None:
        """A further fit that finds the statistics of now goes on with them, after so many batches.

        Not where the fit ends: it may be interrupted, and by then others may have put weights back or loaded some.
        """
        for layer in self._layers if self._started else ():
            layer.epoch_ended(batches)

    @contextlib.contextmanager
    def in_use(self) -> Iterator[None]:
        """While the context is open, a trace of the model reads debiased statistics."""
        before = []
        try:
            for layer in self._layers:
                # Written past Keras's attribute tracking: the model must not notice.
                held = layer.keras.__dict__
                before.append((held, {name: held[name] for name in STATISTICS}))
                held.update(layer.debiased())
            yield
        finally:
            for held, variables in before:
                held.update(variables)


class _Layer:
    def __init__(self, layer: keras.layers.BatchNormalization, calls: int) -> None:
        self.keras = layer
        self._calls = calls
        self._earlier = 0  # batches of fits before this one
        # Made past tf.Variable, which inside the scope of a strategy would wait for the other workers.
        self._starts = [ResourceVariable(now, trainable=False) for now in self._now()]
        self._fresh = ResourceVariable(True, trainable=False)
        # float64: m^t of a momentum of 0.999 is near 1 for long.
        self._left = ResourceVariable(1.0, dtype=tf.float64, trainable=False)

    def start(self) -> None:
        now = self._now()
        origin = _origins.get(self.keras)
        if origin is None or not all(map(np.array_equal, now, origin.ended_with)):
            fresh = bool(np.all(now[0] == 0) and np.all(now[1] == 1))
            origin = _Origin(starts=now, fresh=fresh, batches=0, ended_with=now)
        for variable, start in zip(self._starts, origin.starts, strict=True):
            variable.assign(start)
        self._fresh.assign(origin.fresh)
        self._earlier = origin.batches

    def updated(self, batches: int) -> None:
        self._left.assign(float(self.keras.momentum) ** (self._calls * (self._earlier + batches)))

    def epoch_ended(self, batches: int) -> None:
        _origins[self.keras] = _Origin(
            starts=tuple(start.numpy() for start in self._starts),
            fresh=bool(self._fresh.numpy()),
            batches=self._earlier + batches,
            ended_with=self._now(),
        )

    def debiased(self) -> dict[str, tf.Tensor]:
        left = self._left.read_value()
        now = [getattr(self.keras, name).value for name in STATISTICS]
        found = [
            tf.math.divide_no_nan(tf.cast(one, tf.float64) - left * tf.cast(start, tf.float64), 1 - left)
            for one, start in zip(now, self._starts, strict=True)
        ]
        # Without an update there is nothing but the start. A variance below 0 says that there were more than were
        # counted, as where a train_step calls its model twice; then the moving statistics are all that is known.
        known = self._fresh.read_value() & (left < 1) & tf.reduce_all(found[1] >= 0)
        return {
            name: tf.cast(tf.where(known, one, tf.cast(moving, tf.float64)), moving.dtype)
            for name, one, moving in zip(STATISTICS, found, now, strict=True)
        }

    def _now(self) -> tuple[np.ndarray, ...]:
        values = (tf.convert_to_tensor(getattr(self.keras, name).value) for name in STATISTICS)
        return tuple(np.array(value.numpy()) for value in values)
