"""A fit that is to be killed, and goes on from its checkpoint when it is started again. Started by the tests."""

from __future__ import annotations

import os
import random
import signal
import sys
import threading
from pathlib import Path
from typing import Any

import keras
import numpy as np

from tests.faults import guests
from tests.training import fits

EPOCHS, BATCHES = 6, 10


class Checkpoint(keras.callbacks.Callback):
    """Every epoch, whole or not at all: a kill may leave Keras's own backup half written."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path

    def restore(self, model: keras.Model) -> int:
        """The epoch to go on with."""
        self.set_model(model)
        model.optimizer.build(model.trainable_variables)
        if self._path.exists():
            for variable, value in zip(self._variables(), np.load(self._path).values(), strict=True):
                variable.assign(value)
        return int(model.optimizer.iterations) // BATCHES

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        unfinished = self._path.with_suffix(".unfinished.npz")
        np.savez(unfinished, *map(keras.ops.convert_to_numpy, self._variables()))
        os.replace(unfinished, self._path)

    def _variables(self) -> list[keras.Variable]:
        return [*self.model.variables, *self.model.optimizer.variables]


class Say(keras.callbacks.Callback):
    """After the attributions of a step are flushed; dies some milliseconds after one in the second epoch from now."""

    def __init__(self, seed: int | None) -> None:
        super().__init__()
        self._random = None if seed is None else random.Random(seed)
        self._left = BATCHES + (1 if self._random is None else self._random.randint(1, 5))

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        # In one piece: print writes several where Python does not buffer, and death may fall between them.
        os.write(1, f"flushed {int(self.model.optimizer.iterations)}\n".encode())
        self._left -= 1
        if self._left == 0 and self._random is not None:
            threading.Timer(self._random.uniform(0.0, 0.01), os.kill, (os.getpid(), signal.SIGKILL)).start()


def train(log_dir: Path, checkpoint: Path, dies: int | None = None) -> None:
    model, saves = fits.mlp(), Checkpoint(checkpoint)
    begin = saves.restore(model)
    guest = guests.callback(log_dir)
    fits.fit(model, saves, guest, Say(dies), initial_epoch=begin, epochs=EPOCHS, shuffle=False)


if __name__ == "__main__":
    train(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else None)
