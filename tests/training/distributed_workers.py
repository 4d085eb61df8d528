"""One worker of a MultiWorkerMirroredStrategy, started by the tests: index, ports, log_dir, folder for results.

It trains twice, without the callback and with it.

The fit of Keras 3 does not run under this strategy (it reduces its metrics in a way that the strategy refuses), so the
loop is the user's own: strategy.run in a tf.function, and the CallbackList of Keras.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any


def main(index: int, ports: str, log_dir: str, folder: str) -> None:
    # The test holds the ports, so that no other program takes them while this one imports TensorFlow.
    os.environ["TF_GRPC_REUSE_PORT"] = "1"
    workers = [f"127.0.0.1:{port}" for port in ports.split(",")]
    task = {"type": "worker", "index": index}
    os.environ["TF_CONFIG"] = json.dumps({"cluster": {"worker": workers}, "task": task})

    import keras
    import numpy as np
    import tensorflow as tf

    strategy = tf.distribute.MultiWorkerMirroredStrategy()

    import tb_attribution_plugin as tba
    from tests.training import fits, ways
    from tests.training.test_ways_distributed import normalised

    x, y = fits.table()

    def trained(log_dir: str) -> dict[str, Any]:
        keras.utils.clear_session()  # automatic names begin again
        keras.utils.set_random_seed(3)
        tf.random.set_global_generator(tf.random.Generator.from_seed(3))
        with strategy.scope():
            model = normalised()
            loss_of = keras.losses.SparseCategoricalCrossentropy(from_logits=True, reduction="sum")
            model.compile(keras.optimizers.Adam(0.05), loss_of)
            model.optimizer.build(model.trainable_variables)

        # Each worker trains on its own half of every batch of 8.
        data = (
            tf.data.Dataset.from_tensor_slices((x, y))
            .batch(8)
            .map(lambda a, b: (a[4 * index :][:4], b[4 * index :][:4]))
        )

        def step(inputs: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
            with tf.GradientTape() as tape:
                loss = loss_of(labels, model(inputs, training=True)) / 8
            variables = model.trainable_variables
            model.optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables, strict=True))
            return loss

        @tf.function
        def train(inputs: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
            return strategy.reduce("SUM", strategy.run(step, args=(inputs, labels)), axis=None)

        callbacks: list[Any] = []
        if log_dir:
            probe = tba.Probe(x[: fits.EXAMPLES], y[: fits.EXAMPLES])
            callbacks = [
                tba.AttributionCallback(
                    log_dir, probe, methods=["saliency"], update_freq=2, store="float32", on_error="raise"
                )
            ]
        with strategy.scope():  # a variable made in here would wait for the other worker
            hooks = keras.callbacks.CallbackList(callbacks, model=model, epochs=2, steps=5)
            losses = []
            hooks.on_train_begin()
            for epoch in range(2):
                hooks.on_epoch_begin(epoch)
                for batch, (inputs, labels) in enumerate(data):
                    hooks.on_train_batch_begin(batch)
                    loss = float(train(inputs, labels))
                    losses.append(loss)
                    hooks.on_train_batch_end(batch, {"loss": loss})
                hooks.on_epoch_end(epoch, {"loss": losses[-1]})
            hooks.on_train_end()
        arrays = {f"weight {number}": variable.numpy() for number, variable in enumerate(model.weights)}
        streams = [str(value) for value in ways.streams().values()]
        return {"losses": losses, "streams": streams, "iterations": model.optimizer.iterations.numpy(), **arrays}

    for kind in ("alone", "guest"):
        np.savez(Path(folder, f"{kind} {index}.npz"), **trained(log_dir if kind == "guest" else ""))


if __name__ == "__main__":
    main(int(sys.argv[1]), *sys.argv[2:])
