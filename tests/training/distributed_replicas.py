"""Fits on two virtual CPUs, started by the tests: a folder for logs and results."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

import tb_attribution_plugin as tba
from tests.training import fits, ways
from tests.training.test_ways_distributed import normalised


def main(folder: str) -> None:
    (cpu,) = tf.config.list_physical_devices("CPU")
    tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
    tf.config.experimental.enable_op_determinism()
    for kind in ("alone", "moving", "debiased"):
        np.savez(Path(folder, f"{kind}.npz"), **trained(kind, str(Path(folder, f"{kind} log"))))


def trained(kind: str, log_dir: str) -> dict[str, Any]:
    """What a fit leaves: "alone" without the callback, else with it and these statistics."""
    keras.utils.clear_session()  # automatic names begin again
    strategy = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
    x, y = fits.table()
    keras.utils.set_random_seed(3)
    tf.random.set_global_generator(tf.random.Generator.from_seed(3))
    with strategy.scope():
        model = normalised()
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        model.compile(keras.optimizers.Adam(0.05), loss, metrics=["accuracy"], jit_compile=False)

    class Keep(keras.callbacks.Callback):
        kept: list[np.ndarray]

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            if epoch == 0:
                self.kept = self.model.get_weights()

    keep = Keep()
    callbacks: list[Any] = [keep]
    if kind != "alone":
        arguments: dict[str, Any] = {"methods": ["saliency"], "store": "float32", "on_error": "raise"}
        probe = tba.Probe(x[: fits.EXAMPLES], y[: fits.EXAMPLES])
        callbacks.append(tba.AttributionCallback(log_dir, probe, update_freq=5, batchnorm=kind, **arguments))
    # Inside the scope as well as outside of it: variables that are made there belong to both devices.
    with strategy.scope():
        first = model.fit(x, y, batch_size=8, epochs=1, verbose=0, callbacks=callbacks)
    second = model.fit(x, y, batch_size=8, initial_epoch=1, epochs=2, verbose=0, callbacks=callbacks)
    logs = [value for history in (first.history, second.history) for values in history.values() for value in values]
    arrays = {f"after {number}": value for number, value in enumerate(model.get_weights())}
    arrays |= {f"step 5 {number}": value for number, value in enumerate(keep.kept)}
    arrays |= {f"optimizer {number}": one.numpy() for number, one in enumerate(model.optimizer.variables)}
    streams = [str(value) for value in ways.streams().values()]
    return {"logs": logs, "streams": streams, "iterations": model.optimizer.iterations.numpy(), **arrays}


if __name__ == "__main__":
    main(*sys.argv[1:])
