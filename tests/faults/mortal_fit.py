"""A fit that is to be killed, and goes on from its backup when it is started again. Started by the tests."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import keras

from tests.training import fits

EPOCHS, BATCHES = 4, 10


class Say(keras.callbacks.Callback):
    """After the attributions of a step are flushed."""

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        print("flushed", int(self.model.optimizer.iterations), flush=True)


def train(log_dir: Path, backup: Path) -> None:
    model = fits.mlp()
    model.layers[1].rate = 0.0  # Dropout's stream is not in the backup
    guest = fits.callback(log_dir, update_freq=1, max_overhead=None)
    fits.fit(model, keras.callbacks.BackupAndRestore(backup), guest, Say(), epochs=EPOCHS, shuffle=False)


if __name__ == "__main__":
    train(Path(sys.argv[1]), Path(sys.argv[2]))
    print("ended", flush=True)
