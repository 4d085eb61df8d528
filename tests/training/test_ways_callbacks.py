"""Training is the same with the callback, and its log is right, beside whatever other callbacks."""

from __future__ import annotations

import copy
import pickle
import re
import shutil
import threading
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

import tb_attribution_plugin as tba
from tb_attribution_plugin.logging.reader import read_runs
from tests.logging import loaders
from tests.training import fits
from tests.training.fits import Batches, callback, fit, mlp, run, steps
from tests.training.ways import Observer, assert_maps_are_of, assert_maps_are_of_the_weights, assert_the_same

deterministic = pytest.mark.usefixtures("deterministic")


def guest(log_dir: Path, **changes: Any) -> Any:
    return callback(log_dir, store="float32", on_error="raise", **changes)


@deterministic
@pytest.mark.parametrize("backup_first", [True, False], ids=["backup first", "backup last"])
def test_a_backup_that_is_restored(tmp_path: Path, backup_first: bool) -> None:
    """Interrupted at step 14; the backup is of step 10, and the second fit takes it up from there."""
    backups = tmp_path / "backups"

    def train(callbacks: list[Any]) -> keras.Model:
        shutil.rmtree(backups, ignore_errors=True)
        backup = keras.callbacks.BackupAndRestore(str(backups))
        both = [backup, *callbacks] if backup_first else [*callbacks, backup]
        interruption = Batches(stop=14, error=RuntimeError("power cut"))
        with pytest.raises(RuntimeError, match="power cut"):
            fit(mlp(), *both, interruption, epochs=3)
        model = mlp()  # as a new process would
        fit(model, *both, epochs=3)
        return model

    log = tmp_path / "log"
    model, observer = assert_the_same(train, [guest(log, update_freq=2)])
    assert list(read_runs(str(log))) == ["attribution"]
    assert steps(log, "saliency") == list(range(0, 31, 2))
    # Where the second fit began, the second epoch begins.
    assert [point.value for point in run(log).scalars["epoch"]] == [0] * 5 + [1] * 6 + [2] * 5
    # The observer, too, overwrote steps 11 .. 14 with those of the second fit.
    assert_maps_are_of_the_weights(log, model, observer, (0, 8, 12, 14, 30))


@deterministic
def test_early_stopping_that_restores_the_best_weights(tmp_path: Path) -> None:
    class Worse(keras.callbacks.Callback):
        """The first epoch is the best one."""

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            logs["val_quality"] = float(epoch)

    def train(callbacks: list[Any]) -> keras.Model:
        model = mlp()
        early = keras.callbacks.EarlyStopping("val_quality", patience=2, mode="min", restore_best_weights=True)
        fit(model, Worse(), early, *callbacks, epochs=9)
        return model

    model, observer = assert_the_same(train, [guest(tmp_path)])
    assert steps(tmp_path, "saliency") == [0, 10, 20, 30]
    assert [point.value for point in run(tmp_path).scalars["fit/val_quality"]] == [0, 1, 2]
    # The model now has the weights of step 10; the log says what it had at every step.
    assert_maps_are_of(tmp_path, model, {10: model.get_weights()})
    assert_maps_are_of_the_weights(tmp_path, model, observer, (10, 30))


@deterministic
def test_what_a_later_callback_does_is_seen_at_the_next_step(tmp_path: Path) -> None:
    """A rate that is lowered, weights that are replaced, a model that is asked in between."""
    x, y = fits.table()
    seen: dict[int, list[np.ndarray]] = {}

    class Halve(keras.callbacks.Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            seen[int(self.model.optimizer.iterations)] = self.model.get_weights()
            self.model.evaluate(x, y, verbose=0)
            self.model.predict(x, verbose=0)
            self.model.set_weights([weight / 2 for weight in self.model.get_weights()])

    def train(callbacks: list[Any]) -> keras.Model:
        model = mlp()
        plateau = keras.callbacks.ReduceLROnPlateau("loss", factor=0.5, patience=0, min_delta=10.0)
        fit(model, *callbacks, Halve(), plateau, epochs=3)
        return model

    model, _ = assert_the_same(train, [guest(tmp_path)])
    assert steps(tmp_path, "saliency") == [0, 10, 20, 30]
    assert_maps_are_of(tmp_path, model, {step: seen[step] for step in (10, 20, 30)})


class Spoken(keras.layers.Layer):
    """Summarises what it is called with, whoever calls."""

    def call(self, x: tf.Tensor) -> tf.Tensor:
        tf.summary.scalar("mean", tf.reduce_mean(x))
        return x


@pytest.mark.parametrize("ours_first", [True, False], ids=["ours first", "ours last"])
def test_the_tensorboard_callback_of_keras_in_the_same_place(tmp_path: Path, ours_first: bool) -> None:
    """Each callback alone in one place, both in another: each logs there what it logs alone, and trains the same."""

    def train(callbacks: list[Any]) -> keras.Model:
        model = keras.Sequential([Spoken(), *mlp().layers])
        model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"], jit_compile=False)
        fit(model, *callbacks, epochs=2, validation_data=fits.table())
        return model

    def train_with_keras(callbacks: list[Any]) -> keras.Model:
        log_dir = tmp_path / ("both" if len(callbacks) > 1 else "keras")  # the last one is who looks
        theirs = keras.callbacks.TensorBoard(str(log_dir), histogram_freq=1, update_freq=5)
        return train([*callbacks, theirs] if ours_first else [theirs, *callbacks])

    assert_the_same(train_with_keras, [guest(tmp_path / "both", update_freq=5)])
    keras.utils.clear_session()
    train([guest(tmp_path / "ours", update_freq=5)])
    both = loaders.load("python", tmp_path / "both", runs=3)
    for name, plugins in (("ours", ("attribution", "scalars")), ("keras", ("scalars", "histograms"))):
        alone = loaders.load("python", tmp_path / name)
        compared = 0
        for plugin in plugins:
            for kind in ("scalars", "tensors", "blob_sequences"):
                for one, tags in alone.tags(kind, plugin).items():
                    found = both.tags(kind, plugin)[one]
                    assert found.keys() == tags.keys()
                    compared += len(tags)
                    if kind == "scalars":
                        for tag in tags:
                            # How long things took, and what the clock counts, is never the same.
                            if not tag.startswith("seconds") and "per_second" not in tag:
                                expected = alone.scalars(one, tag, plugin)
                                assert both.scalars(one, tag, plugin) == expected, (one, tag)
        assert compared >= 4
    assert sorted(both.tags("scalars", "scalars")) == ["attribution", "train", "validation"]
    assert steps(tmp_path / "both", "saliency") == [0, 5, 10, 15, 20]


@deterministic
@pytest.mark.parametrize("hooks", ["all", "no batches", "only ends"])
def test_a_loop_written_by_hand(tmp_path: Path, hooks: str) -> None:
    x, y = fits.table()

    def train(callbacks: list[Any]) -> keras.Model:
        model = mlp()
        listed = keras.callbacks.CallbackList(callbacks, model=model)
        listed.on_train_begin()
        for epoch in range(2):
            if hooks == "all":
                listed.on_epoch_begin(epoch)
            for batch in range(10):
                if hooks == "all":
                    listed.on_train_batch_begin(batch)
                rows = slice(4 * batch, 4 * batch + 4)
                loss = model.train_on_batch(x[rows], y[rows])
                if hooks != "no batches":
                    listed.on_train_batch_end(batch, {"loss": float(loss)})
            listed.on_epoch_end(epoch, {"loss": float(loss)})
        listed.on_train_end()
        return model

    model, observer = assert_the_same(train, [guest(tmp_path, update_freq="auto")])
    expected = {
        "all": [0, 1, 2, 4, 8, 10, 20],
        "no batches": [10, 20],
        "only ends": [1, 2, 4, 8, 10, 20],
    }[hooks]
    assert steps(tmp_path, "saliency") == expected
    assert [point.value for point in run(tmp_path).scalars["epoch"]] == [int(step > 10) for step in expected]
    assert_maps_are_of_the_weights(tmp_path, model, observer, (expected[0], 20))


def test_an_interrupted_loop_by_hand_gives_its_directory_back(tmp_path: Path) -> None:
    """Without Keras' own parameters two callbacks of one loop and of two look alike."""
    model, first, second = mlp(), callback(tmp_path), callback(tmp_path)
    keras.callbacks.CallbackList([first], model=model).on_train_begin()
    with pytest.raises(ValueError, match=r"another name.*if the other's training is over, call its on_train_end\(\)"):
        keras.callbacks.CallbackList([second], model=model).on_train_begin()
    first.on_train_end()
    fit(model, second)
    assert steps(tmp_path, "saliency") == [0, 10]


def test_a_loop_without_a_model_is_told_where_to_give_it(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"the callback has no model; .*CallbackList\(callbacks, model=model\)"):
        keras.callbacks.CallbackList([callback(tmp_path)]).on_train_begin()


def test_one_callback_for_two_models(tmp_path: Path) -> None:
    mine = callback(tmp_path)
    fit(mlp(), mine)
    with pytest.warns(UserWarning, match="of an earlier fit"):
        fit(mlp(), mine, epochs=2)
    assert steps(tmp_path, "saliency") == [0, 10]
    assert steps(tmp_path, "saliency", "attribution-2") == [0, 10, 20]


@pytest.mark.parametrize("used", [False, True])
def test_copies_are_callbacks_of_their_own(tmp_path: Path, used: bool) -> None:
    """Tuners copy the callbacks that they are given, before a fit or after one, and some send them elsewhere."""
    x, y = fits.table()
    mask = np.eye(fits.FEATURES, dtype=bool)[:1].repeat(5, 0)
    probe = tba.Probe(x[:5], y[:5], background=x[5:9], regions={"first": mask}, class_names=["a", "b", "c"])
    original = callback(tmp_path / "original", probe, methods=["saliency", tba.methods.IntegratedGradients(steps=2)])
    if used:
        fit(mlp(), original)
    pickled = pickle.loads(pickle.dumps(original))
    copies = {"copy": copy.copy(original), "deepcopy": copy.deepcopy(original), "pickle": pickled}
    for name, copied in copies.items():
        assert copied.model is None
        assert sum(copied.seconds) == 0
        copied._log_dir = str(tmp_path / name)
    fit(mlp(), *copies.values())
    fit(mlp(), original if not used else callback(tmp_path / "fresh", probe))
    expected = run(tmp_path / ("fresh" if used else "original")).series["saliency"].maps(10).scores[0]
    for name in copies:
        stored = run(tmp_path / name)
        assert sorted(stored.series) == ["integrated_gradients", "saliency"]
        assert list(stored.probes) == [probe.hash]
        np.testing.assert_array_equal(stored.series["saliency"].maps(10).scores[0], expected)


def test_a_pickled_probe_is_the_same_and_as_read_only() -> None:
    x, y = fits.table()
    probe = tba.Probe(x[:5], y[:5], background=x[5:9], regions={"first": [0]})
    found = pickle.loads(pickle.dumps(probe))
    assert found.hash == probe.hash
    assert repr(found) == repr(probe)
    for array in (found.inputs, found.labels, found.background, *found.arrays, *found.regions.values()):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0
    with pytest.raises(TypeError):
        found.regions["second"] = found.regions["first"]


def test_fits_in_threads(tmp_path: Path) -> None:
    """Two models at once, each with its callback."""
    observers = {name: Observer() for name in ("one", "two")}
    models = {name: mlp(learning_rate=0.05 if name == "one" else 0.2) for name in observers}
    errors: list[BaseException] = []

    def train(name: str) -> None:
        try:
            fit(models[name], guest(tmp_path / name, update_freq=4), observers[name], epochs=2)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=train, args=(name,)) for name in models]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    for name, model in models.items():
        assert steps(tmp_path / name, "saliency") == [0, 4, 8, 12, 16, 20]
        assert_maps_are_of_the_weights(tmp_path / name, model, observers[name], (4, 20))


@pytest.mark.parametrize("running", [True, False], ids=["running", "interrupted"])
def test_a_fit_in_a_thread_keeps_its_directory_while_it_runs(tmp_path: Path, running: bool) -> None:
    """A second fit with the same log_dir is refused, whenever it begins; one that was interrupted gives way."""
    refused: list[str] = []
    model = mlp()

    class Second(keras.callbacks.Callback):
        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            if batch == 5 and running:
                within(lambda: fit(mlp(), callback(tmp_path)))
            elif batch == 5:
                raise RuntimeError("interrupted")

    def within(action: Any) -> None:
        def guarded() -> None:
            try:
                action()
            except (ValueError, RuntimeError) as error:
                refused.append(str(error))

        thread = threading.Thread(target=guarded)
        thread.start()
        thread.join()

    first = callback(tmp_path, update_freq=2)
    within(lambda: fit(model, first, Second()))
    (message,) = refused
    if running:
        assert re.search(r"two fits .*attribution; give one of them another name, e\.g\. name='attribution_", message)
        assert steps(tmp_path, "saliency") == [0, 2, 4, 6, 8, 10]
    else:
        assert message == "interrupted"
        fit(model, callback(tmp_path, update_freq=2))
        assert steps(tmp_path, "saliency") == [0, 2, 4, 6, 8, 10, 12, 14, 16]
