"""What is said at the start is what a fit writes, and limits are kept. Bytes, not clocks."""

from __future__ import annotations

import re
import time
from collections import Counter
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

import tb_attribution_plugin as tba
from tb_attribution_plugin.logging.reports import AttributionWarning
from tb_attribution_plugin.methods import IntegratedGradients
from tb_attribution_plugin.training.compiled import Compiled
from tb_attribution_plugin.training.iterations import Iterations
from tests.training.fits import run

pytestmark = pytest.mark.once

ROWS, BATCH = 48, 8  # six batches an epoch
LABELS = np.arange(ROWS) % 3
LAYERS = keras.layers


def image() -> tuple[keras.Model, np.ndarray]:
    """Large enough that maps have elements of their own beside the thumbnails; blocks, so that a PNG of it is small."""
    x = np.random.default_rng(0).random((ROWS, 9, 9, 3), np.float32).repeat(8, axis=1).repeat(8, axis=2)
    body = [LAYERS.Conv2D(4, 3, strides=2, activation="relu"), LAYERS.BatchNormalization(), LAYERS.GlobalMaxPooling2D()]
    return keras.Sequential([keras.Input((72, 72, 3)), *body, LAYERS.Dense(3)]), x


def tabular() -> tuple[keras.Model, np.ndarray]:
    x = np.random.default_rng(0).normal(size=(ROWS, 12)).astype(np.float32)
    return keras.Sequential([keras.Input((12,)), LAYERS.Dense(8, activation="relu"), LAYERS.Dense(3)]), x


def text() -> tuple[keras.Model, np.ndarray]:
    x = np.random.default_rng(0).integers(1, 50, (ROWS, 20))
    body = [LAYERS.Embedding(50, 8), LAYERS.GlobalAveragePooling1D()]
    return keras.Sequential([keras.Input((20,), dtype="int32"), *body, LAYERS.Dense(3)]), x


def series() -> tuple[keras.Model, np.ndarray]:
    x = np.random.default_rng(0).normal(size=(ROWS, 40, 2)).astype(np.float32)
    body = [LAYERS.Conv1D(4, 3, activation="relu"), LAYERS.GlobalAveragePooling1D()]
    return keras.Sequential([keras.Input((40, 2)), *body, LAYERS.Dense(3)]), x


def trained(made: tuple[keras.Model, np.ndarray], *callbacks: Any, epochs: int = 4, data: Any = None) -> keras.Model:
    """With an accuracy and a validation, as most fits have."""
    model, x = made
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("adam", loss, metrics=["accuracy"], jit_compile=False)
    arrays = {"x": x, "y": LABELS, "batch_size": BATCH} if data is None else {"x": data}
    model.fit(**arrays, epochs=epochs, verbose=0, validation_data=(x[:8], LABELS[:8]), callbacks=list(callbacks))
    return model


def quick(log_dir: Path, x: np.ndarray, **changes: Any) -> tba.AttributionCallback:
    """Default settings but for fewer points on the path."""
    second = "grad_cam" if x.ndim == 4 else "saliency"
    return tba.AttributionCallback(
        log_dir, (x[:8], LABELS[:8]), **{"methods": [IntegratedGradients(steps=2), second]} | changes
    )


def size(log_dir: Path) -> int:
    return sum(file.stat().st_size for file in (log_dir / "attribution").iterdir())


def said(out: str) -> list[tuple[int, float]]:
    """Logs and bytes of every start line."""
    found = re.findall(r"; at most (\d+) logs, (?:\d+|< 1) s(?: \(.*?\))? and ([\d.]+) (kB|MB)", out)
    return [(int(logs), float(number) * {"kB": 1e3, "MB": 1e6}[unit]) for logs, number, unit in found]


@pytest.mark.parametrize("make", [image, tabular, text, series])
def test_the_estimate_is_within_a_quarter_of_what_a_fit_writes(make: Any, tmp_path: Path, capsys: Any) -> None:
    made = make()
    guests = {tmp_path / update_freq: update_freq for update_freq in ("auto", "epoch")}
    trained(made, *(quick(log_dir, made[1], update_freq=update_freq) for log_dir, update_freq in guests.items()))
    for log_dir, (logs, bytes_said) in zip(guests, said(capsys.readouterr().out), strict=True):
        assert logs == len(run(log_dir).series["integrated_gradients"].steps)
        assert 0.75 * size(log_dir) <= bytes_said <= 1.25 * size(log_dir)


def test_the_estimate_of_a_resumed_fit_is_of_the_whole_directory(tmp_path: Path, capsys: Any) -> None:
    made = tabular()
    model = trained(made, quick(tmp_path, made[1]), epochs=3)
    capsys.readouterr()
    x = made[1]
    model.fit(x, LABELS, batch_size=BATCH, initial_epoch=3, epochs=8, verbose=0, callbacks=[quick(tmp_path, x)])
    assert 0.75 * size(tmp_path) <= said(capsys.readouterr().out)[0][1] <= 1.25 * size(tmp_path)


def unknown_length(x: np.ndarray) -> tf.data.Dataset:
    """Batches, of which nobody knows how many they are."""
    batches = tf.data.Dataset.from_tensor_slices((x, LABELS)).batch(BATCH)
    return batches.filter(lambda rows, labels: True)


def test_epochs_are_foreseen_without_their_length(tmp_path: Path, capsys: Any) -> None:
    made = tabular()
    trained(made, quick(tmp_path, made[1], update_freq="epoch"), data=unknown_length(made[1]))
    ((logs, bytes_said),) = said(capsys.readouterr().out)
    assert logs == len(run(tmp_path).series["saliency"].steps) == 5
    assert 0.75 * size(tmp_path) <= bytes_said <= 1.25 * size(tmp_path)


@pytest.mark.parametrize(
    ("make", "update_freq", "known"),
    [(image, "auto", True), (tabular, 1, True), (tabular, 1, False), (text, "epoch", True)],
)
def test_max_bytes_bounds_the_directory(make: Any, update_freq: Any, known: bool, tmp_path: Path, capsys: Any) -> None:
    made = make()
    data = None if known else unknown_length(made[1])

    def fitted(log_dir: Path, **changes: Any) -> list[int]:
        trained(made, quick(log_dir, made[1], update_freq=update_freq, **changes), data=data)
        return run(log_dir).series["integrated_gradients"].steps

    every = fitted(tmp_path / "all")
    limit = int(0.7 * size(tmp_path / "all"))
    some = fitted(tmp_path / "some", max_bytes=limit)
    assert 0.3 * limit < size(tmp_path / "some") <= limit
    assert set(some) < set(every)
    assert some[0] == 0
    thinned = f"integrated_gradients was logged at {len(some)} of {len(every)} entries of the schedule, to stay within"
    assert f"{thinned} max_bytes\n" in capsys.readouterr().out


def test_a_fit_that_resumes_stays_below_max_bytes_with_what_was_there(tmp_path: Path) -> None:
    made = tabular()
    model = trained(made, quick(tmp_path, made[1]))
    limit = size(tmp_path) + 20_000
    x = made[1]
    resumed = quick(tmp_path, x, max_bytes=limit)
    model.fit(x, LABELS, batch_size=BATCH, initial_epoch=4, epochs=40, verbose=0, callbacks=[resumed])
    assert limit - 20_000 < size(tmp_path) <= limit


def test_max_bytes_that_hold_no_log_stop_the_fit_before_its_first_batch(tmp_path: Path) -> None:
    made = tabular()
    weights = [variable.numpy() for variable in made[0].weights]
    words = r"max_bytes is too small: the probe and one log take ([\d,]+) bytes; raise it, or pass fewer examples"
    with pytest.raises(ValueError, match=words) as caught:
        trained(made, quick(tmp_path, made[1], max_bytes=6_000))
    for variable, before in zip(made[0].weights, weights, strict=True):
        np.testing.assert_array_equal(variable, before)
    needed = int(re.search(words, str(caught.value))[1].replace(",", ""))  # type: ignore[index]
    assert 6_000 < needed < 12_000
    assert list(tmp_path.iterdir()) == []
    # Seconds and times are numbers of other lengths the next time.
    trained(made, quick(tmp_path, made[1], max_bytes=needed + 100))
    assert run(tmp_path).series["saliency"].steps == [0]
    assert size(tmp_path) <= needed + 100


@pytest.mark.parametrize("room", [100, 1_000])
def test_a_fit_that_resumes_without_room_says_it_once_and_neither_stops_nor_tries_again(
    room: int, tmp_path: Path, capsys: Any, monkeypatch: Any
) -> None:
    made = tabular()
    model = trained(made, quick(tmp_path, made[1]))
    before, explained, x = size(tmp_path), [], made[1]
    call = Compiled.__call__
    monkeypatch.setattr(Compiled, "__call__", lambda self: explained.append(self) or call(self))
    capsys.readouterr()
    resumed = quick(tmp_path, x, max_bytes=before + room)
    with pytest.warns(AttributionWarning) as said_once:
        model.fit(x, LABELS, batch_size=BATCH, initial_epoch=4, epochs=8, verbose=0, callbacks=[resumed])
    (warning,) = said_once
    assert "are above max_bytes=" in str(warning.message)
    assert str(warning.message).endswith("Training goes on, and nothing more is logged")
    assert int(model.optimizer.iterations) == 8 * ROWS // BATCH
    assert len(explained) == 4  # both methods at the start, twice, because the first run tells no time
    assert before <= size(tmp_path) <= before + room
    out = capsys.readouterr().out
    assert "saliency was logged at 0 of 5 entries of the schedule, to stay within max_bytes" in out
    assert "per log" not in out


def test_the_account_covers_the_fit(tmp_path: Path) -> None:
    """Parts of the callback's own time are counted once each: they add up to no more than the fit took."""
    made = tabular()
    mine = quick(tmp_path, made[1])
    assert mine.seconds == (0.0, 0.0, 0.0, 0.0)
    began = time.perf_counter()
    trained(made, mine)
    took = time.perf_counter() - began
    found = mine.seconds
    assert min(found) > 0
    assert sum(found) < took
    assert mine.seconds == found  # a closed book


def test_hooks_between_entries_read_nothing_from_the_device(tmp_path: Path, monkeypatch: Any) -> None:
    """Reading the iterations waits for the device. Ten epochs of six batches; so many batches are entries."""
    entries = {"auto": 3, "epoch": 0, 10: 6, 7: 8, 1: 60}
    made, reads = tabular(), []
    arguments: dict[str, Any] = {"methods": ["saliency"], "max_overhead": None}
    guests = [quick(tmp_path / str(freq), made[1], update_freq=freq, **arguments) for freq in entries]
    read = Iterations.read
    monkeypatch.setattr(Iterations, "read", lambda self: reads.append(self) or read(self))
    trained(made, *guests, epochs=10)
    # When the callback begins, when training begins, after the first batch; at entries; at the ends of the epochs.
    assert list(Counter(map(id, reads)).values()) == [3 + number + 10 for number in entries.values()]


class More(keras.callbacks.Callback):
    """Adds values to what fit logs, as metrics do; twenty metrics would be traced for longer than all else."""

    def __init__(self, names: list[str]) -> None:
        super().__init__()
        self._names = names

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        logs |= dict.fromkeys(self._names, 0.5)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        logs |= dict.fromkeys(self._names, 0.5)
        if "val_loss" in logs:
            logs |= {f"val_{name}": 0.5 for name in self._names}


@pytest.mark.parametrize("metrics", [0, 5, 20])
@pytest.mark.parametrize("validation", [True, False])
def test_the_estimate_is_corrected_where_fit_logs_more_or_less_than_most_do(
    metrics: int, validation: bool, tmp_path: Path, capsys: Any
) -> None:
    model, x = tabular()
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True), jit_compile=False)
    held_out = (x[:8], LABELS[:8]) if validation else None
    callbacks = [More([f"some_metric_{i}" for i in range(metrics)]), quick(tmp_path, x, methods=["saliency"])]
    model.fit(x, LABELS, batch_size=BATCH, epochs=20, verbose=0, validation_data=held_out, callbacks=callbacks)
    out = capsys.readouterr().out
    corrected = re.findall(r"fit logs (\d+) values of its own, so the log takes ([\d.]+) kB", out)
    found = float(corrected[0][1]) * 1e3 if corrected else said(out)[0][1]
    assert 0.75 * size(tmp_path) <= found <= 1.25 * size(tmp_path)
    assert len(corrected) <= 1
    if metrics == 20:
        assert corrected[0][0] == str(21 * (2 if validation else 1))
