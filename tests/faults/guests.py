"""Callbacks of fits to which something happens: ours, and those that make it happen."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras

import tb_attribution_plugin as tba
from tests.training import fits


def callback(log_dir: Path, **changes: Any) -> tba.AttributionCallback:
    """Explains five rows after every batch, however slow the machine is."""
    return fits.callback(log_dir, **{"update_freq": 1, "max_overhead": None} | changes)


class At(keras.callbacks.Callback):
    """Does something at the ends of batches, numbered from 1."""

    def __init__(self, **actions: Callable[[], Any]) -> None:
        super().__init__()
        self._actions = {int(key.removeprefix("batch_")): action for key, action in actions.items()}

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self._actions.get(batch + 1, lambda: None)()


class Within(keras.callbacks.Callback):
    """Enters a context at the end of one batch and leaves it at the end of another, numbered from 1."""

    def __init__(self, context: Callable[[], Any], first: int, last: int) -> None:
        super().__init__()
        self._context, self._first, self._last = context, first, last
        self._open = contextlib.ExitStack()

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        if batch + 1 == self._first:
            self._open.enter_context(self._context())
        if batch + 1 == self._last:
            self._open.close()
