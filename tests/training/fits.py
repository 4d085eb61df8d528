"""Fits of a few batches, and what they logged."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np

import tb_attribution_plugin as tba
from tb_attribution_plugin.logging.reader import StoredRun, read_runs

KERAS = tuple(int(part) for part in keras.__version__.split(".")[:2])
FEATURES, CLASSES, EXAMPLES = 4, 3, 5


def table(examples: int = 40) -> tuple[np.ndarray, np.ndarray]:
    """Rows [examples, 4] and classes [examples]."""
    x = np.random.default_rng(0).normal(size=(examples, FEATURES)).astype(np.float32)
    return x, (x[:, :CLASSES].argmax(1)).astype(np.int64)


def mlp(learning_rate: float = 0.05, **compiled: Any) -> keras.Model:
    keras.utils.set_random_seed(11)
    model = keras.Sequential(
        [
            keras.layers.Input((FEATURES,)),
            keras.layers.Dense(6, activation="tanh"),
            keras.layers.Dropout(0.3),
            keras.layers.Dense(CLASSES, activation="softmax"),
        ]
    )
    # XLA would take longer to compile than the whole fit.
    compiled = {"loss": "sparse_categorical_crossentropy", "jit_compile": False} | compiled
    model.compile(keras.optimizers.SGD(learning_rate, momentum=0.9), **compiled)
    return model


def pictures(examples: int = 16) -> tuple[np.ndarray, np.ndarray]:
    """Images [examples, 8, 8, 1] and classes [examples]."""
    x = np.random.default_rng(1).normal(size=(examples, 8, 8, 1)).astype(np.float32)
    return x, np.arange(examples) % 2


def cnn() -> keras.Model:
    keras.utils.set_random_seed(12)
    model = keras.Sequential(
        [
            keras.layers.Input((8, 8, 1)),
            keras.layers.Conv2D(3, 3, activation="relu", name="conv"),
            keras.layers.GlobalAveragePooling2D(),
            keras.layers.Dense(2, activation="softmax"),
        ]
    )
    model.compile("sgd", "sparse_categorical_crossentropy", jit_compile=False)
    return model


def callback(log_dir: Path, probe: Any = None, **changes: Any) -> tba.AttributionCallback:
    """Saliency of five rows, unless changed."""
    x, y = table()
    arguments = {"methods": ["saliency"], "update_freq": "epoch"} | changes
    return tba.AttributionCallback(log_dir, (x[:EXAMPLES], y[:EXAMPLES]) if probe is None else probe, **arguments)


def fit(model: keras.Model, *callbacks: Any, batch_size: int = 4, epochs: int = 1, **others: Any) -> Any:
    """10 batches of 4 rows per epoch, unless changed."""
    return model.fit(*table(), batch_size=batch_size, epochs=epochs, verbose=0, callbacks=list(callbacks), **others)


def run(log_dir: Path, name: str = "attribution") -> StoredRun:
    found = read_runs(str(log_dir))[name]
    assert found.problems == []
    return found


def steps(log_dir: Path, tag: str, name: str = "attribution") -> list[int]:
    """Of a map series, or of an ordinary scalar where there is no such series."""
    stored = run(log_dir, name)
    return stored.series[tag].steps if tag in stored.series else [point.step for point in stored.scalars[tag]]


class Batches(keras.callbacks.Callback):
    """Counts batches that began; raises `error` at the end of batch `stop` of the fit."""

    def __init__(self, stop: int | None = None, error: BaseException | None = None) -> None:
        super().__init__()
        self.begun = 0
        self._stop, self._error = stop, error

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        self.begun += 1

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        if self.begun == self._stop and self._error is not None:
            raise self._error
