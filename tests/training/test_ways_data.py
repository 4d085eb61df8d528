"""Training is the same with the callback, and its log is right, whatever the data come from."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.training import fits
from tests.training.fits import callback, mlp, run, steps
from tests.training.ways import assert_maps_are_of_the_weights, assert_the_same

pytestmark = pytest.mark.usefixtures("deterministic")

X, Y = fits.table()
WEIGHTS = np.linspace(0.1, 2.0, len(X)).astype(np.float32)


def dataset(shuffled: bool = True) -> tf.data.Dataset:
    data = tf.data.Dataset.from_tensor_slices((X, Y, WEIGHTS))
    return (data.shuffle(40, seed=3) if shuffled else data).batch(4)


def generator() -> Iterator[tuple[np.ndarray, np.ndarray]]:
    while True:
        rows = np.random.permutation(len(X))[:4]  # noqa: NPY002 - the global stream is what is watched
        yield X[rows], Y[rows]


class Sequence(keras.utils.PyDataset):
    def __len__(self) -> int:
        return 10

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        return X[4 * index : 4 * index + 4], Y[4 * index : 4 * index + 4]


@pytest.mark.parametrize(
    ("given", "how", "epoch"),
    [
        (lambda: (X, Y), {"batch_size": 4, "shuffle": True}, 10),
        (lambda: (X, Y), {"batch_size": 16, "sample_weight": WEIGHTS}, 3),
        (lambda: (X, Y), {"batch_size": 16, "class_weight": {0: 1.0, 1: 2.0, 2: 0.5}}, 3),
        (lambda: (dataset(),), {"validation_data": dataset(shuffled=False), "validation_freq": 2}, 10),
        (
            lambda: (dataset().repeat(),),
            {"steps_per_epoch": np.int64(6), "validation_data": (X, Y), "validation_steps": 2},
            6,
        ),
        (lambda: (generator(),), {"steps_per_epoch": 5}, 5),
        (lambda: (Sequence(workers=2, use_multiprocessing=False),), {"shuffle": True}, 10),
        (lambda: (tf.constant(X), tf.constant(Y)), {"validation_split": 0.2, "batch_size": 8}, 4),
    ],
    ids=[
        "arrays",
        "sample weights",
        "class weights",
        "tf.data",
        "endless tf.data, steps of NumPy",
        "generator",
        "PyDataset",
        "tensors",
    ],
)
def test_fed_by(tmp_path: Path, given: Any, how: dict[str, Any], epoch: int) -> None:
    def train(callbacks: list[Any]) -> keras.Model:
        model = mlp(metrics=["accuracy"], weighted_metrics=["accuracy"] if "sample_weight" in how else None)
        model.fit(*given(), epochs=2, verbose=0, callbacks=callbacks, **how)
        return model

    guest = callback(tmp_path, store="float32", on_error="raise", update_freq="auto")
    model, observer = assert_the_same(train, [guest])
    powers = [step for step in (1, 2, 4, 8) if step < epoch]
    assert steps(tmp_path, "saliency") == [0, *powers, *([4] if epoch == 4 else [epoch]), 2 * epoch]
    assert_maps_are_of_the_weights(tmp_path, model, observer, (1, 2 * epoch))
    logged = {point.step: point.value for point in run(tmp_path).scalars["fit/loss"]}
    ends = [logs for what, _, logs in observer.logs if what == "epoch"]
    np.testing.assert_allclose([logged[epoch], logged[2 * epoch]], [logs["loss"] for logs in ends], rtol=1e-6)
    validated = [step for step, logs in zip((epoch, 2 * epoch), ends, strict=True) if "val_loss" in logs]
    assert [point.step for point in run(tmp_path).scalars.get("fit/val_loss", [])] == validated


def test_a_dataset_that_runs_dry(tmp_path: Path) -> None:
    """Keras ends such an epoch with a warning of its own (older versions count the batch that was missing)."""

    def train(callbacks: list[Any]) -> keras.Model:
        model = mlp()
        with pytest.warns(UserWarning, match="ran out of data"):
            model.fit(dataset(), steps_per_epoch=8, epochs=2, verbose=0, callbacks=callbacks)
        return model

    model, observer = assert_the_same(train, [callback(tmp_path, store="float32", on_error="raise")])
    last = int(model.optimizer.iterations)
    assert steps(tmp_path, "saliency") == [0, 8, last]
    assert_maps_are_of_the_weights(tmp_path, model, observer, (8, last))


def test_an_empty_dataset(tmp_path: Path) -> None:
    """Keras warns (and counts a step that it did not take); the callback leaves no lock behind."""
    model = mlp()
    with pytest.warns(UserWarning, match="ran out of data"):
        model.fit(dataset().take(0), epochs=1, verbose=0, callbacks=[callback(tmp_path, on_error="raise")])
    start = int(model.optimizer.iterations)
    model.fit(dataset(), epochs=1, verbose=0, callbacks=[callback(tmp_path, on_error="raise")])
    assert steps(tmp_path, "saliency")[-1] == start + 10
