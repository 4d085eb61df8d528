"""One fit in one process, for overhead.py and memory.py; prints one line of JSON.

python -m benchmarks.one_fit MODEL --steps N --epochs N [--callback LOG_DIR] [--probe N]
"""

from __future__ import annotations

import argparse
import json
import os
import time
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from benchmarks.models import CASES

BATCH = 32


def data(name: str, batches: int) -> tuple[keras.Model, np.ndarray, np.ndarray]:
    """The compiled model, inputs of so many batches, and labels."""
    keras.utils.set_random_seed(0)
    case = CASES[name](min(batches, 8) * BATCH)  # a few batches again and again: the time is the same
    model = case.model
    labels = np.arange(len(case.inputs)) % model.output_shape[-1]
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    # XLA compiles for longer than a short fit lasts.
    model.compile("adam", loss, metrics=["accuracy"], jit_compile=False)
    return model, case.inputs, labels


def endless(x: np.ndarray, y: np.ndarray) -> tf.data.Dataset:
    return tf.data.Dataset.from_tensor_slices((x, y)).repeat().batch(BATCH)


def fit(name: str, steps: int, epochs: int, log_dir: str | None, probe: int) -> dict[str, Any]:
    """Seconds of one fit, and what the callback says of its own."""
    model, x, y = data(name, steps)
    batches = endless(x, y)
    began = time.perf_counter()
    callbacks: list[Any] = []
    if log_dir is not None:
        import tb_attribution_plugin as tba

        callbacks.append(tba.AttributionCallback(log_dir, (x[:probe], y[:probe])))
    imported = time.perf_counter() - began
    model.fit(batches, steps_per_epoch=steps, epochs=epochs, verbose=0, callbacks=callbacks)
    found = {"fit": time.perf_counter() - began, "importing": imported}
    for callback in callbacks:
        found |= callback.seconds._asdict()
    return found


def step_seconds(name: str) -> float:
    """Of one training step, after the first ones; over a second, because a fit takes its time to begin."""
    model, x, y = data(name, 8)
    batches, steps, seconds = endless(x, y), 2, 0.0
    model.fit(batches, steps_per_epoch=steps, verbose=0)
    while seconds < 1:
        steps *= 4
        began = time.perf_counter()
        model.fit(batches, steps_per_epoch=steps, verbose=0)
        seconds = time.perf_counter() - began
    return seconds / steps


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", choices=list(CASES))
    parser.add_argument("--steps", type=int, default=0, help="per epoch; 0 only tells the seconds of a step")
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--callback", metavar="LOG_DIR")
    parser.add_argument("--probe", type=int, default=16)
    given = parser.parse_args()
    if given.steps == 0:
        found: dict[str, Any] = {"step": step_seconds(given.model)}
    else:
        found = fit(given.model, given.steps, given.epochs, given.callback, given.probe)
    print(json.dumps(found), flush=True)
    os._exit(0)  # interpreters take their time to end; nobody waits for that


if __name__ == "__main__":
    main()
