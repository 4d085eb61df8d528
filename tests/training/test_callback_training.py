"""The callback is a guest: training is the same with it, and goes on when it fails."""

from __future__ import annotations

import dataclasses
import random
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import keras
import numpy as np
import pytest
import tensorflow as tf
from tensorflow.python.framework import config

from tb_attribution_plugin.attribution import Attribution
from tb_attribution_plugin.logging.reader import read_runs
from tb_attribution_plugin.methods import Saliency
from tb_attribution_plugin.methods.contract import Model, Structure
from tests.training import fits
from tests.training.fits import Batches, callback, fit, mlp, steps


@pytest.fixture
def deterministic() -> Iterator[None]:
    config.enable_op_determinism()
    yield
    config.disable_op_determinism()


def trained(callbacks: list[Any], epochs: int = 2) -> tuple[dict[str, list[float]], list[np.ndarray], list[Any]]:
    """Losses, all variables, and the next numbers of the random streams after a fit with shuffling and Dropout."""
    x, y = fits.table()
    keras.utils.clear_session(free_memory=False)  # an older Keras keeps its own stream when a seed is set
    model = mlp()
    history = fit(model, *callbacks, epochs=epochs, shuffle=True, validation_data=(x, y)).history
    variables = [variable.numpy() for variable in [*model.variables, *model.optimizer.variables]]
    streams = [
        random.getstate(),
        np.random.get_state()[1].tobytes(),  # noqa: NPY002 - the global stream is what is watched
        tf.random.uniform((4,)).numpy().tobytes(),
        keras.ops.convert_to_numpy(keras.random.uniform((4,))).tobytes(),
    ]
    return history, variables, streams


@pytest.mark.usefixtures("deterministic")
def test_training_is_bit_identical_with_and_without(tmp_path: Path) -> None:
    methods = ["saliency", "integrated_gradients"]
    guest = callback(tmp_path, methods=methods, update_freq=3, target={"one": 1, "best": "predicted"})
    history, variables, streams = trained([guest])
    assert steps(tmp_path, "saliency/best") == [0, 3, 6, 9, 12, 15, 18]
    alone_history, alone_variables, alone_streams = trained([])
    assert history == alone_history
    assert len(variables) == len(alone_variables)
    for found, expected in zip(variables, alone_variables, strict=True):
        np.testing.assert_array_equal(found, expected)
    assert streams == alone_streams


@pytest.mark.usefixtures("deterministic")
def test_batchnorm_statistics_are_bit_identical(tmp_path: Path) -> None:
    def weights(callbacks: list[Any]) -> list[np.ndarray]:
        keras.utils.set_random_seed(2)
        x, y = fits.pictures()
        model = keras.Sequential(
            [
                keras.layers.Input((8, 8, 1)),
                keras.layers.Conv2D(3, 3, activation="relu"),
                keras.layers.BatchNormalization(),
                keras.layers.Flatten(),
                keras.layers.Dense(2),
            ]
        )
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        model.compile("adam", loss, jit_compile=False)
        model.fit(x, y, batch_size=4, verbose=0, callbacks=callbacks)
        return model.get_weights()

    x, y = fits.pictures()
    guest = callback(tmp_path, (x[:3], y[:3]), methods=["grad_cam", "saliency"], update_freq=1)
    for found, expected in zip(weights([guest]), weights([]), strict=True):
        np.testing.assert_array_equal(found, expected)


def test_two_callbacks_with_two_names(tmp_path: Path) -> None:
    x, y = fits.table()
    validation = callback(tmp_path, (x[20:24], y[20:24]), name="validation", update_freq=5)
    fit(mlp(), callback(tmp_path), validation)
    assert steps(tmp_path, "saliency") == [0, 10]
    assert steps(tmp_path, "saliency", "validation") == [0, 5, 10]
    first, second = (read_runs(str(tmp_path))[name].probes for name in ("attribution", "validation"))
    assert first.keys() != second.keys()


@pytest.mark.parametrize("error", [RuntimeError("boom"), KeyboardInterrupt()], ids=["error", "Ctrl-C"])
def test_a_fit_after_an_interrupted_one_logs_on(tmp_path: Path, error: BaseException) -> None:
    model = mlp()
    left_behind = callback(tmp_path, update_freq=1)
    with pytest.raises(type(error)):
        fit(model, left_behind, Batches(stop=4, error=error))
    fit(model, callback(tmp_path, update_freq=1), epochs=1)
    assert list(read_runs(str(tmp_path))) == ["attribution"]
    assert steps(tmp_path, "saliency") == list(range(15))


def test_the_same_callback_serves_a_second_fit_after_an_interrupted_one(tmp_path: Path) -> None:
    model, mine = mlp(), callback(tmp_path, update_freq=1)
    with pytest.raises(RuntimeError, match="boom"):
        fit(model, mine, Batches(stop=4, error=RuntimeError("boom")))
    fit(model, mine)
    assert steps(tmp_path, "saliency") == list(range(15))


def test_a_new_model_in_the_same_place_gets_a_place_of_its_own(tmp_path: Path) -> None:
    fit(mlp(), callback(tmp_path))
    with pytest.warns(UserWarning, match=r"holds steps 0 \.\. 10 of an earlier fit.*attribution-2"):
        fit(mlp(), callback(tmp_path), epochs=2)
    assert steps(tmp_path, "saliency") == [0, 10]
    assert steps(tmp_path, "saliency", "attribution-2") == [0, 10, 20]


def test_a_training_that_stops_early_closes_its_log(tmp_path: Path) -> None:
    model = mlp()

    class Stop(keras.callbacks.Callback):
        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            if batch == 5:
                self.model.stop_training = True

    fit(model, callback(tmp_path, update_freq=2), Stop(), epochs=5)
    assert steps(tmp_path, "saliency") == [0, 2, 4, 6]


CALLS = {"broken": 0}


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Broken:
    """Zeros, until its third log. The first takes two calls: the second tells what later ones cost."""

    name: ClassVar[str] = "broken"
    error_kind: ClassVar[str] = "none"
    additive: ClassVar[bool] = False
    class_sensitive: ClassVar[bool] = True
    weight_sensitive: ClassVar[bool] = True
    signed: ClassVar[bool] = True

    def cost(self) -> int:
        return 2  # alone in its group

    def __call__(self, model: Model, inputs: Structure) -> Attribution:
        def check() -> np.bool_:
            CALLS["broken"] += 1
            return np.bool_(CALLS["broken"] < 4)

        sound = tf.numpy_function(check, [], tf.bool)
        with tf.control_dependencies([tf.debugging.Assert(sound, ["the third log fails"])]):
            return Attribution(tf.zeros_like(inputs), outputs=model.values(inputs))


def test_a_method_that_fails_is_reported_once_and_the_rest_goes_on(tmp_path: Path, capsys: Any) -> None:
    CALLS["broken"] = 0
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        history = fit(mlp(), callback(tmp_path, methods=[Broken(), Saliency()], update_freq=2), epochs=2).history
    reports = [str(one.message) for one in caught if "attribution" in str(one.message)]
    assert len(reports) == 1
    assert "broken failed: " in reports[0]
    assert "the third log fails" in reports[0]
    assert "on_error='raise' stops instead" in reports[0]
    assert len(history["loss"]) == 2
    assert steps(tmp_path, "saliency") == list(range(0, 21, 2))
    assert steps(tmp_path, "broken") == [0, 2]
    assert CALLS["broken"] == 12  # tried again at every entry
    assert "was logged at" not in capsys.readouterr().out  # no limit kept it from any


def test_on_error_raise_stops_training(tmp_path: Path) -> None:
    CALLS["broken"] = 0
    model = mlp()
    with pytest.raises(tf.errors.InvalidArgumentError, match="the third log fails"):
        fit(model, callback(tmp_path, methods=[Broken(), Saliency()], update_freq=2, on_error="raise"))
    assert int(model.optimizer.iterations) == 4
    fit(model, callback(tmp_path))  # and gives its directory back


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Untraceable(Broken):
    name: ClassVar[str] = "untraceable"

    def __call__(self, model: Model, inputs: Structure) -> Attribution:
        raise NotImplementedError("no such op")


def test_a_method_that_cannot_be_traced_stops_the_fit_before_its_first_batch(tmp_path: Path) -> None:
    batches = Batches()
    with pytest.raises(ValueError, match="attribution untraceable cannot be traced: no such op"):
        fit(mlp(), batches, callback(tmp_path, methods=[Saliency(), Untraceable()]))
    assert batches.begun == 0


def test_a_log_directory_that_vanishes_does_not_stop_training(tmp_path: Path) -> None:
    class Vandal(keras.callbacks.Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            if epoch == 0:
                for path in (tmp_path / "attribution").iterdir():
                    path.unlink()
                (tmp_path / "attribution").rmdir()

    with pytest.warns(UserWarning, match="was removed or replaced while it was being written"):
        fit(mlp(), Vandal(), callback(tmp_path), epochs=3)
    assert steps(tmp_path, "saliency") == [10, 20, 30]
