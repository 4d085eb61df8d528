"""Several replicas, several processes: one writer, the right weights, no deadlock."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import keras
import numpy as np

from tests.training.fits import CLASSES, FEATURES, steps
from tests.training.ways import assert_maps_are_of

ROOT = Path(__file__).parents[2]


def python(module: str, *arguments: str) -> subprocess.Popen[str]:
    threads = {"TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1"}
    return subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        cwd=ROOT,
        env=os.environ | threads,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def finished(processes: list[subprocess.Popen[str]]) -> list[str]:
    """Their outputs; fails where one hangs or ends with an error."""
    try:
        outputs = [process.communicate(timeout=300)[0] for process in processes]
    finally:
        for process in processes:
            process.kill()
    for process, output in zip(processes, outputs, strict=True):
        assert process.returncode == 0, output[-4000:]
    return outputs


@contextlib.contextmanager
def held_port() -> Iterator[int]:
    """One that nobody is given but who asks for it by number and shares it, too."""
    with socket.socket() as holder:
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        holder.bind(("0.0.0.0", 0))
        yield holder.getsockname()[1]


def test_two_processes_log_once_and_train_as_without(tmp_path: Path) -> None:
    log_dir = tmp_path / "log"
    with held_port() as one, held_port() as other:
        words = f"{one},{other}", str(log_dir), str(tmp_path)
        outputs = finished([python("tests.training.distributed_workers", str(index), *words) for index in range(2)])
    alone, accompanied = (
        [dict(np.load(tmp_path / f"{kind} {index}.npz")) for index in range(2)] for kind in ("alone", "guest")
    )
    for expected, found in zip(alone, accompanied, strict=True):
        assert int(found["iterations"]) == 10
        assert found.keys() == expected.keys()
        for name, value in expected.items():
            np.testing.assert_array_equal(found[name], value, err_msg=name)
    # The chief logs, the other worker neither writes nor says anything.
    assert "open with: tensorboard" in outputs[0]
    assert "attribution" not in outputs[1]
    assert [path.name for path in log_dir.iterdir()] == ["attribution"]
    assert len(list(log_dir.rglob("*tfevents*"))) == 1
    assert steps(log_dir, "saliency") == [0, 2, 4, 6, 8, 10]
    # Of the whole training's weights, not of one worker's share of it.
    trained = [accompanied[0][f"weight {number}"] for number in range(8)]
    assert_maps_are_of(log_dir, normalised(), {10: trained})


def normalised() -> keras.Model:
    body = [keras.layers.Dense(5), keras.layers.BatchNormalization(momentum=0.8), keras.layers.Activation("tanh")]
    return keras.Sequential([keras.Input((FEATURES,)), *body, keras.layers.Dense(CLASSES)])


def test_two_replicas_train_as_without_and_are_explained_as_one_model(tmp_path: Path) -> None:
    """With the moving statistics of BatchNormalization, which every replica updates, and with the debiased ones."""
    finished([python("tests.training.distributed_replicas", str(tmp_path))])
    results = {kind: dict(np.load(tmp_path / f"{kind}.npz")) for kind in ("alone", "moving", "debiased")}
    for kind in ("moving", "debiased"):
        assert results[kind].keys() == results["alone"].keys()
        for name, expected in results["alone"].items():
            np.testing.assert_array_equal(results[kind][name], expected, err_msg=f"{kind} {name}")
        assert steps(tmp_path / f"{kind} log", "saliency") == [0, 5, 10]
    weights = {
        step: [results["moving"][f"{when} {number}"] for number in range(8)]
        for step, when in ((5, "step 5"), (10, "after"))
    }
    assert_maps_are_of(tmp_path / "moving log", normalised(), weights)
    # The start (mean 0, variance 1) still has 0.8^t of the weight in the moving ones.
    for step, of_step in weights.items():
        left = 0.8**step
        of_step[4], of_step[5] = of_step[4] / (1 - left), (of_step[5] - left) / (1 - left)
    assert_maps_are_of(tmp_path / "debiased log", normalised(), weights)
