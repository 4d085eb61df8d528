"""Statistics of BatchNormalization without the weight of their start."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

import tb_attribution_plugin as tba
from tb_attribution_plugin.logging.reader import read_runs
from tb_attribution_plugin.training.batchnorm import DebiasedStatistics

MOMENTUM = 0.9


def network() -> keras.Model:
    keras.utils.set_random_seed(1)
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((6,)),
            layers.BatchNormalization(momentum=MOMENTUM, name="norm"),
            layers.Dense(16, activation="relu"),
            layers.Dense(2, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy")
    return model


def data(rows: int) -> tuple[np.ndarray, np.ndarray]:
    """Features far from mean 0 and variance 1, and a label that one of them decides."""
    x = 40 + 8 * np.random.default_rng(0).standard_normal((rows, 6)).astype(np.float32)
    return x, (x[:, 2] > 40).astype(np.int64)


def read(statistics: DebiasedStatistics, model: keras.Model) -> np.ndarray:
    with statistics.in_use():
        return np.asarray(model.get_layer("norm").moving_mean)


def test_debiased_mean_is_the_weighted_mean_of_the_batches() -> None:
    model, (x, y) = network(), data(96)
    statistics = DebiasedStatistics(Counter(model.layers))
    statistics.start()
    model.fit(x, y, batch_size=32, shuffle=False, verbose=0)
    statistics.updated(3)
    # Batch k of 3 has the weight (1 - m) m^(2 - k), and the weights are made to sum to 1.
    weights = MOMENTUM ** np.array([2.0, 1.0, 0.0])
    means = x.reshape(3, 32, 6).mean(1)
    np.testing.assert_allclose(read(statistics, model), weights @ means / weights.sum(), rtol=1e-4)
    # What it replaces lags: 1 - m^3 of the way.
    np.testing.assert_allclose(model.get_layer("norm").moving_mean, weights @ means * (1 - MOMENTUM), rtol=1e-4)


def test_before_the_first_update_they_are_the_start() -> None:
    model = network()
    model.get_layer("norm").moving_mean.assign(np.arange(6.0))
    statistics = DebiasedStatistics(Counter(model.layers))
    statistics.start()
    np.testing.assert_array_equal(read(statistics, model), np.arange(6.0))


def test_frozen_statistics_stay_what_they_are() -> None:
    model, (x, y) = network(), data(96)
    model.get_layer("norm").trainable = False
    model.get_layer("norm").moving_mean.assign(np.arange(6.0))
    model.compile("adam", "sparse_categorical_crossentropy")
    statistics = DebiasedStatistics(Counter(model.layers))
    statistics.start()
    model.fit(x, y, batch_size=32, verbose=0)
    statistics.updated(3)
    np.testing.assert_allclose(read(statistics, model), np.arange(6.0), rtol=1e-6)


def test_the_model_keeps_its_variables() -> None:
    model = network()
    statistics = DebiasedStatistics(Counter(model.layers))
    before = dict(model.get_layer("norm").__dict__)
    read(statistics, model)
    after = model.get_layer("norm").__dict__
    assert all(after[name] is value for name, value in before.items())
    assert len(model.get_layer("norm").weights) == 4


@pytest.mark.parametrize("batchnorm", ["moving", "debiased"])
def test_callback_explains_with_the_chosen_statistics_and_logs_both_accuracies(tmp_path: Path, batchnorm: str) -> None:
    model, (x, y) = network(), data(256)
    probe = tba.Probe(x[:64], y[:64], background=x[64:72])
    callback = tba.AttributionCallback(
        tmp_path, probe, methods=["saliency"], update_freq=8, batchnorm=batchnorm, on_error="raise"
    )
    model.fit(x, y, batch_size=32, epochs=4, verbose=0, callbacks=[callback])
    (run,) = read_runs(str(tmp_path)).values()
    moving, debiased = (run.scalars[f"batchnorm/accuracy_{kind}"] for kind in ("moving", "debiased"))
    # At the start there is one kind; the last moving one is what inference gives.
    assert values(moving)[0] == values(debiased)[0]
    predicted = model.predict(x[:64], verbose=0)
    assert values(moving)[-1] == pytest.approx(np.mean(predicted.argmax(1) == y[:64]))
    stats = run.series["saliency"].stats(32)
    chosen = {"moving": moving, "debiased": debiased}[batchnorm]
    right = np.mean(stats["STAT_PREDICTION"] == y[:64])
    assert values(chosen)[-1] == pytest.approx(right)
    if batchnorm == "debiased":
        # With m = 0.9 and 32 updates 3% of the weight still lies on the start: the maps differ.
        assert not np.allclose(stats["STAT_TARGET_PROBABILITY"], predicted[np.arange(64), y[:64]], atol=1e-4)
    else:
        np.testing.assert_allclose(stats["STAT_TARGET_PROBABILITY"], predicted[np.arange(64), y[:64]], atol=1e-5)


def values(series: Any) -> list[float]:
    return [point.value for point in series]
