"""Training is the same with the callback, and its log is right, however fit is called and the model compiled."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from tb_attribution_plugin.logging.reader import read_runs
from tests.training import fits
from tests.training.fits import callback, fit, mlp, run, steps
from tests.training.ways import assert_maps_are_of_the_weights, assert_the_same

deterministic = pytest.mark.usefixtures("deterministic")


def guest(log_dir: Path, **changes: Any) -> Any:
    return callback(log_dir, store="float32", on_error="raise", **changes)


def guests(folder: Path, frequencies: Iterable[Any]) -> list[Any]:
    """One for each `update_freq`, with a directory of its name."""
    return [guest(folder / str(update_freq), update_freq=update_freq) for update_freq in frequencies]


@deterministic
@pytest.mark.parametrize(
    ("compiled", "expected"),
    [
        ({}, {4: [0, 4, 8, 12, 16, 20]}),
        ({"run_eagerly": True}, {7: [0, 7, 14]}),
        ({"steps_per_execution": 5}, {"auto": [0, 5, 10, 20], 7: [0, 10, 15]}),
        ({"optimizer": "accumulating"}, {"auto": [0, 1, 2, 3, 6]}),
        ({"optimizer": "accumulating", "steps_per_execution": 2}, {1: [0, 1, 2, 3, 4, 5, 6]}),
    ],
    ids=str,
)
def test_compiled_so(tmp_path: Path, compiled: dict[str, Any], expected: dict[Any, list[int]]) -> None:
    def train(callbacks: list[Any]) -> keras.Model:
        model = mlp()
        optimizer = keras.optimizers.Adam(0.05)
        if compiled.get("optimizer") == "accumulating":  # the weights change at every third batch
            optimizer = keras.optimizers.Adam(0.05, gradient_accumulation_steps=3)
        loss = "sparse_categorical_crossentropy"
        model.compile(**({"loss": loss, "jit_compile": False} | compiled | {"optimizer": optimizer}))
        fit(model, *callbacks, epochs=2, shuffle=True)
        return model

    model, observer = assert_the_same(train, guests(tmp_path, expected))
    for update_freq, logged in expected.items():
        log_dir = tmp_path / str(update_freq)
        assert steps(log_dir, "saliency") == logged
        assert_maps_are_of_the_weights(log_dir, model, observer, (logged[1], logged[-1]))


@deterministic
def test_initial_epoch(tmp_path: Path) -> None:
    def train(callbacks: list[Any]) -> keras.Model:
        model = mlp()
        fit(model, *callbacks, initial_epoch=3, epochs=5)
        return model

    # Only the first epoch of a training has steps between its ends.
    expected = {"auto": [0, 10, 20], "epoch": [0, 10, 20], 4: [0, 4, 8, 12, 16, 20]}
    model, observer = assert_the_same(train, guests(tmp_path, expected))
    for update_freq, logged in expected.items():
        log_dir = tmp_path / str(update_freq)
        assert steps(log_dir, "saliency") == logged
        assert [point.value for point in run(log_dir).scalars["epoch"]] == [3 if step <= 10 else 4 for step in logged]
        assert_maps_are_of_the_weights(log_dir, model, observer, (0, 20))


@deterministic
def test_a_second_fit_without_compiling_continues_the_log(tmp_path: Path) -> None:
    def train(callbacks: list[Any]) -> keras.Model:
        model = mlp()
        fit(model, *callbacks)
        fit(model, *callbacks, epochs=2, batch_size=8)
        return model

    model, observer = assert_the_same(train, [guest(tmp_path, update_freq="auto")])
    # "auto" is dense in the first epoch of each fit, at powers of two of the iterations.
    assert steps(tmp_path, "saliency") == [0, 1, 2, 4, 8, 10, 15, 20]
    assert list(read_runs(str(tmp_path))) == ["attribution"]
    assert_maps_are_of_the_weights(tmp_path, model, observer, (10, 20))


@deterministic
def test_a_second_fit_after_compiling_is_another_run_whose_epochs_go_on(tmp_path: Path) -> None:
    """A step is the optimizer's count, whatever the initial epoch."""

    def train(callbacks: list[Any]) -> keras.Model:
        model = mlp()
        fit(model, *callbacks)
        model.compile("adam", "sparse_categorical_crossentropy", jit_compile=False)
        if callbacks[1:]:
            with pytest.warns(UserWarning, match=r"holds steps 0 \.\. 10 of an earlier fit.*attribution-2"):
                fit(model, *callbacks, initial_epoch=1, epochs=2)
        else:
            fit(model, *callbacks, initial_epoch=1, epochs=2)
        return model

    assert_the_same(train, [guest(tmp_path)])
    assert steps(tmp_path, "saliency") == steps(tmp_path, "saliency", "attribution-2") == [0, 10]
    assert [point.value for point in run(tmp_path, "attribution-2").scalars["epoch"]] == [1, 1]
    # The second run starts with the weights that the first one ended with.
    first, second = (run(tmp_path, name).series["saliency"] for name in ("attribution", "attribution-2"))
    np.testing.assert_array_equal(first.maps(10).scores[0], second.maps(0).scores[0])


@deterministic
def test_an_optimizer_that_is_given_its_count_back_goes_on(tmp_path: Path) -> None:
    def train(callbacks: list[Any]) -> keras.Model:
        model = mlp()
        fit(model, *callbacks)
        model.compile("adam", "sparse_categorical_crossentropy", jit_compile=False)
        model.optimizer.iterations.assign(10)
        fit(model, *callbacks, initial_epoch=1, epochs=2)
        return model

    model, observer = assert_the_same(train, [guest(tmp_path)])
    assert list(read_runs(str(tmp_path))) == ["attribution"]
    assert steps(tmp_path, "saliency") == [0, 10, 20]
    # Where the second fit began, its epoch begins.
    assert [point.value for point in run(tmp_path).scalars["epoch"]] == [0, 1, 1]
    assert_maps_are_of_the_weights(tmp_path, model, observer, (10, 20))


def test_compiled_by_xla(tmp_path: Path) -> None:
    """Without op determinism, under which Keras compiles nothing."""

    def train(callbacks: list[Any]) -> keras.Model:
        model = mlp(jit_compile=True)
        assert model.jit_compile
        fit(model, *callbacks)
        return model

    model, observer = assert_the_same(train, [guest(tmp_path, update_freq="auto")])
    assert steps(tmp_path, "saliency") == [0, 1, 2, 4, 8, 10]
    assert_maps_are_of_the_weights(tmp_path, model, observer, (1, 10))


def test_no_epoch_at_all(tmp_path: Path) -> None:
    for initial, epochs in ((0, 0), (2, 2)):
        model = mlp()
        before = model.get_weights()
        fit(model, guest(tmp_path), initial_epoch=initial, epochs=epochs)
        for found, expected in zip(model.get_weights(), before, strict=True):
            np.testing.assert_array_equal(found, expected)
    # Nothing was trained, so nothing is logged, and the directory is free and gone.
    assert list(tmp_path.iterdir()) == []


@deterministic
def test_on_a_device_of_the_users_choice(tmp_path: Path) -> None:
    def train(callbacks: list[Any]) -> keras.Model:
        with tf.device("/CPU:0"):
            model = mlp()
            fit(model, *callbacks)
        return model

    model, observer = assert_the_same(train, [guest(tmp_path)])
    assert_maps_are_of_the_weights(tmp_path, model, observer, (0, 10))


def test_the_progress_bar_stays_whole(tmp_path: Path, capsys: Any) -> None:
    x, y = fits.table()
    mlp().fit(x, y, batch_size=4, epochs=2, verbose=1)
    alone = capsys.readouterr().out
    mlp().fit(x, y, batch_size=4, epochs=2, verbose=1, callbacks=[guest(tmp_path)])
    lines = capsys.readouterr().out.split("\n")
    ours = [line for line in lines if line.startswith("attribution: ")]
    assert len(ours) == 1
    # Below the first epoch's title and above its bar; nothing of the bar's own lines is touched.
    assert lines[:3] == ["Epoch 1/2", "", ours[0]]
    assert [line for line in lines if line.startswith("Epoch")] == ["Epoch 1/2", "Epoch 2/2"]
    bars = [line for line in lines if "loss:" in line]
    assert len(bars) == len([line for line in alone.split("\n") if "loss:" in line]) == 2
    assert all("10/10" in bar for bar in bars)
