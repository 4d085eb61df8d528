"""What a method costs, against the model evaluations it is made of and against a peer.

    python benchmarks/methods.py [--runs 5] [--large]

The limit of a method is the time of its model evaluations (forward and backward for gradients) in one compiled
function at the best batch size not above their number. Peers are used where they are installed.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from tb_attribution_plugin.methods import GradCAM, IntegratedGradients, Saliency, targets
from tb_attribution_plugin.methods.resolution import resolved
from tb_attribution_plugin.training.compiled import Compiled, Job
from tb_attribution_plugin.training.keras_model import KerasModel

EXAMPLES = 8
BATCHES = (1, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 4096)


def small_cnn() -> tuple[keras.Model, np.ndarray]:
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((32, 32, 3)),
            layers.Conv2D(16, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(32, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(32, 3, activation="relu"),
            layers.Flatten(),
            layers.Dense(10),
        ]
    )
    return model, np.random.default_rng(0).random((EXAMPLES, 32, 32, 3), np.float32)


def mlp() -> tuple[keras.Model, np.ndarray]:
    layers = [keras.layers.Dense(64, activation="relu") for _ in range(3)]
    model = keras.Sequential([keras.Input((30,)), *layers, keras.layers.Dense(2)])
    return model, np.random.default_rng(0).random((EXAMPLES, 30), np.float32)


def mobilenet() -> tuple[keras.Model, np.ndarray]:
    model = keras.applications.MobileNetV2(weights=None, classifier_activation=None)
    return model, np.random.default_rng(0).random((EXAMPLES, 224, 224, 3), np.float32)


def median_ms(calls: dict[str, Callable[[], Any]], runs: int) -> dict[str, float]:
    """Median wall time per call; the calls take turns, so that a drift of the machine meets them all."""
    for call in calls.values():
        call()
        call()
    times: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(runs):
        for name, call in calls.items():
            # Short calls are repeated, so that the clock's own noise does not count.
            began, count = time.perf_counter(), 0
            while count == 0 or time.perf_counter() - began < 0.05:
                call()
                count += 1
            times[name].append((time.perf_counter() - began) / count * 1e3)
    return {name: statistics.median(found) for name, found in times.items()}


def compiled_gradient(model: keras.Model) -> Callable[[tf.Tensor], tf.Tensor]:
    """The gradient of the first output column at rows [r, ...], in one compiled function."""

    @tf.function(autograph=False)
    def gradient(rows: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            tape.watch(rows)
            values = model(rows, training=False)[:, 0]
        return tape.gradient(values, rows)

    return gradient


def gradient_at(model: keras.Model, inputs: np.ndarray, batch: int) -> Callable[[], Any]:
    """One compiled evaluation of `batch` rows, forward and backward."""
    rows = tf.constant(np.resize(inputs, (batch, *inputs.shape[1:])))
    gradient = compiled_gradient(model)
    return lambda: gradient(rows).numpy()


def ours(model: keras.Model, inputs: np.ndarray, methods: list[Any]) -> Callable[[], Any]:
    network = KerasModel(model, tf.constant(inputs))
    target = targets.resolve(0, network.heads, examples=len(inputs), output="logits")
    jobs = {one.name: Job(resolved(one, network, tf.constant(inputs)), target) for one in methods}
    return Compiled(network, tf.constant(inputs), jobs)


def peer_saliency(model: keras.Model, inputs: np.ndarray) -> dict[str, Callable[[], Any]]:
    """PAIR saliency explains one example per call; its model call is compiled here, which its examples do not do."""
    try:
        import saliency.core as saliency
    except ImportError:
        return {}

    gradient = compiled_gradient(model)

    def call(rows: Any, call_model_args: Any = None, expected_keys: Any = None) -> dict[str, Any]:
        return {saliency.INPUT_OUTPUT_GRADIENTS: gradient(tf.constant(np.asarray(rows, np.float32))).numpy()}

    plain, path = saliency.GradientSaliency(), saliency.IntegratedGradients()
    zero = np.zeros_like(inputs[0])
    return {
        "saliency": lambda: [plain.GetMask(one, call) for one in inputs],
        "integrated_gradients": lambda: [path.GetMask(one, call, x_steps=16, x_baseline=zero) for one in inputs],
    }


def table(name: str, model: keras.Model, inputs: np.ndarray, runs: int, largest: int) -> None:
    limits = {batch: gradient_at(model, inputs, batch) for batch in BATCHES if batch <= largest}
    cases = {
        "saliency": (ours(model, inputs, [Saliency()]), EXAMPLES),
        "integrated_gradients": (ours(model, inputs, [IntegratedGradients(baseline=0.0)]), 16 * EXAMPLES),
    }
    if len(inputs.shape) == 4:
        cases["grad_cam"] = (ours(model, inputs, [GradCAM()]), EXAMPLES)
        cases["saliency+grad_cam"] = (ours(model, inputs, [Saliency(), GradCAM()]), EXAMPLES)
    peers = peer_saliency(model, inputs)
    calls: dict[str, Callable[[], Any]] = {f"limit {batch}": call for batch, call in limits.items()}
    calls |= {f"ours {method}": call for method, (call, _) in cases.items()}
    calls |= {f"peer {method}": call for method, call in peers.items()}
    found = median_ms(calls, runs)
    for method, (_, evaluations) in cases.items():
        per_row = min((found[f"limit {batch}"] / batch, batch) for batch in limits if batch <= evaluations)
        limit = per_row[0] * evaluations
        time_ms = found[f"ours {method}"]
        peer = found.get(f"peer {method}")
        against = f"{peer / time_ms:8.1f}x" if peer else "       -"
        print(
            f"{name:12s} {method:22s} {evaluations:5d} {per_row[1]:6d} {limit:10.2f} {time_ms:10.2f} "
            f"{time_ms / limit:7.2f} {against}",
            flush=True,
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--large", action="store_true", help="MobileNetV2 at 224 pixels too (a minute)")
    arguments = parser.parse_args()
    print(f"{EXAMPLES} examples, median of {arguments.runs} runs, {tf.config.list_physical_devices()[-1].device_type}")
    print(
        "model        method                 evals  batch   limit ms    ours ms   ratio   peer (PAIR saliency) / ours"
    )
    table("mlp 30", *mlp(), arguments.runs, 4096)
    table("cnn 32x32", *small_cnn(), arguments.runs, 512)
    if arguments.large:
        table("mobilenet 224", *mobilenet(), arguments.runs, 32)


if __name__ == "__main__":
    main()
