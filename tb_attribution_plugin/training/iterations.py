"""Which step a training is at."""

from __future__ import annotations

from typing import Any

import numpy as np


class Iterations:
    """The optimizer's iterations; batches where the model has no optimizer, or has one that it does not train with.

    `super().compile()` in a model of several optimizers leaves it with one more, which its `train_step` never uses.
    """

    def __init__(self, model: Any) -> None:
        self.model = model
        self._optimizer: Any = None
        self._before: list[float] | None = None
        self._counts_batches = False
        self._batches = self._in_epoch = 0
        self._first_batch = self._first_step = 0
        self._last_read = self._read_at = 0  # the step that was read last, and the batches until then
        self._rise = 1

    def read(self) -> int:
        """Reading the optimizer waits for the device."""
        iterations = getattr(self._innermost, "iterations", None)
        step = self._batches if self._counts_batches or iterations is None else _value(iterations)
        if self._batches > self._read_at:
            self._rise = max(self._rise, -((self._last_read - step) // (self._batches - self._read_at)))
        self._last_read, self._read_at = step, self._batches
        return step

    @property
    def at_most(self) -> int:
        """Where the step can be by now, without reading it: a batch adds one, or the most that one was seen to add."""
        return self._last_read + self._rise * (self._batches - self._read_at)

    @property
    def batches(self) -> int:
        """Batches since training began: those that hooks told of, or that the step which was read last tells of."""
        told = self._batches - self._first_batch
        if self._counts_batches:
            return told
        accumulated = getattr(self._innermost, "gradient_accumulation_steps", None) or 1
        return max(told, (self._last_read - self._first_step) * accumulated)

    @property
    def _innermost(self) -> Any:
        """Older versions of Keras do not count where a loss scale is around the optimizer."""
        return getattr(self._optimizer, "inner_optimizer", self._optimizer)

    def fit_begins(self) -> None:
        """A further fit of the same model counts on, unless it was compiled anew."""
        optimizer = getattr(self.model, "optimizer", None)
        if optimizer is not self._optimizer:
            self._counts_batches, self._batches = False, 0
        self._optimizer = optimizer
        self._before = None
        self._in_epoch = 0

    def training_begins(self) -> int:
        """Now no other callback will restore anything any more; the step."""
        self._first_batch, self._first_step = self._batches, self.read()
        self._rise = 1
        self._before = self._scalars()
        return self._first_step

    def batch_ended(self, batches_per_epoch: int | None) -> None:
        """Of an execution of several batches, the last one."""
        together = getattr(self.model, "steps_per_execution", 1)
        ended = self._in_epoch + together
        if batches_per_epoch is not None:
            ended = min(ended, max(batches_per_epoch, self._in_epoch + 1))
        self._batches += ended - self._in_epoch
        self._in_epoch = ended
        if self._before is not None:
            # An optimizer that trained has moved something: its iterations, or its loss scale.
            self._counts_batches = self._scalars() == self._before
            self._before = None
            self.read()  # a train_step may apply gradients more than once

    def epoch_ended(self) -> None:
        self._in_epoch = 0

    def _scalars(self) -> list[float]:
        variables = getattr(self._optimizer, "variables", None) or []
        return [_value(variable) for variable in variables if len(variable.shape) == 0]


def _value(variable: Any) -> Any:
    return np.asarray(variable).item()
