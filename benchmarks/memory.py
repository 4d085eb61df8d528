"""Peak memory of explaining a large probe, beside a training step.

    python -m benchmarks.memory [--model mobilenet] [--probe 64] [--batch 32] [--repeats 3]

Each line is a process of its own: the model alone, one training step, and one log of each method after the model was
built. Aim: no method needs more than the training step.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
from typing import Any

from benchmarks import tables
from benchmarks.models import CASES, noise
from tests.process_memory import peak_mib

METHODS = ("saliency", "grad_cam", "integrated_gradients")


def child(task: str, model_name: str, rows: int) -> None:
    """Does one thing in this process and prints its peaks."""
    import keras

    model = CASES[model_name](1).model
    shape = model.input_shape[1:]
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True), jit_compile=False)
    inputs, labels = noise(rows, *shape), noise(rows).astype("int64")
    before = peak_mib()
    if task == "training":
        for _ in range(3):
            model.train_on_batch(inputs, labels)
    elif task != "model":
        log(model, inputs, labels, task)
    print(json.dumps({"before": before, "peak": peak_mib()}), flush=True)
    os._exit(0)


def log(model: Any, inputs: Any, labels: Any, method: str) -> None:
    """What the callback does at one step, without the fit around it."""
    from tb_attribution_plugin.logging.reports import Reports
    from tb_attribution_plugin.methods import IntegratedGradients
    from tb_attribution_plugin.probe import Probe
    from tb_attribution_plugin.training import plan

    # More points on the path take longer, not more memory.
    methods = [IntegratedGradients(steps=4) if method == IntegratedGradients.name else method]
    made = plan.plan(model, Probe(inputs, labels), methods=methods, target="label", output="margin", batchnorm="moving")
    for group in made.compiled(plan.tensors(inputs)).values():
        group.explained(Reports(raises=True))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", choices=list(CASES), default="mobilenet")
    parser.add_argument("--probe", type=int, default=64)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--methods", nargs="+", default=list(METHODS))
    parser.add_argument("--task", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.task:
        child(given.task, given.model, given.batch if given.task in ("model", "training") else given.probe)
        return
    tables.head(["process", "examples", "peak MiB (range)", "above the model MiB", "/ training step"])
    base = step = 0.0
    for task in ("model", "training", *given.methods):
        peaks = []
        for _ in range(given.repeats):
            command = [sys.executable, "-m", "benchmarks.memory", "--task", task, "--model", given.model]
            command += ["--probe", str(given.probe), "--batch", str(given.batch)]
            done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
            peaks.append(json.loads(done.stdout.splitlines()[-1])["peak"])
        middle = statistics.median(peaks)
        base, step = (middle if task == "model" else base), (middle if task == "training" else step)
        rows = given.batch if task in ("model", "training") else given.probe
        ratio = f"{middle / step:.2f}" if step else ""
        tables.row([task, rows, tables.spread(peaks), f"{middle - base:.0f}", ratio])


if __name__ == "__main__":
    main()
