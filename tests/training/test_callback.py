"""What a real fit leaves in real event files."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

import tb_attribution_plugin as tba
from tb_attribution_plugin.methods import GradCAM, IntegratedGradients, Saliency
from tests.training import fits
from tests.training.fits import callback, fit, mlp, run, steps


@pytest.mark.parametrize(
    ("update_freq", "expected"),
    [("auto", [0, 1, 2, 4, 8, 10, 20, 30]), ("epoch", [0, 10, 20, 30]), (7, [0, 7, 14, 21, 28])],
)
def test_steps_are_optimizer_iterations(tmp_path: Path, update_freq: Any, expected: list[int]) -> None:
    model = mlp()
    fit(model, callback(tmp_path, update_freq=update_freq), epochs=3)
    assert int(model.optimizer.iterations) == 30
    assert steps(tmp_path, "saliency") == expected
    assert [point.value for point in run(tmp_path).scalars["epoch"]] == [max(0, (step - 1) // 10) for step in expected]


def test_the_maps_are_those_of_the_weights_at_that_step(tmp_path: Path) -> None:
    x, y = fits.table()
    kept: dict[int, np.ndarray] = {}

    class Keep(keras.callbacks.Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            step = int(self.model.optimizer.iterations)
            kept[step] = tba.explain(self.model, x[:5], "saliency", y[:5]).scores

    fit(mlp(), callback(tmp_path, store="float32"), Keep(), epochs=2)
    series = run(tmp_path).series["saliency"]
    for step in (10, 20):
        np.testing.assert_allclose(series.maps(step).scores[0], kept[step], atol=1e-6)
    assert np.abs(series.maps(0).scores[0] - kept[20]).max() > 1e-3


def test_the_stats_hold_the_margin_the_probability_and_the_prediction(tmp_path: Path) -> None:
    x, y = fits.table()
    model = mlp()
    fit(model, callback(tmp_path))
    probabilities = model.predict(x[:5], verbose=0)
    logits = np.log(probabilities)
    own = logits[np.arange(5), y[:5]]
    stats = run(tmp_path).series["saliency"].stats(10)
    np.testing.assert_allclose(stats["STAT_OUTPUT"], own - (logits.sum(1) - own) / 2, atol=1e-4)
    np.testing.assert_allclose(stats["STAT_TARGET_PROBABILITY"], probabilities[np.arange(5), y[:5]], atol=1e-5)
    np.testing.assert_array_equal(stats["STAT_TARGET"], y[:5])
    np.testing.assert_array_equal(stats["STAT_PREDICTION"], probabilities.argmax(1))


def test_fits_own_logs_are_on_our_axis(tmp_path: Path) -> None:
    x, y = fits.table()
    model = mlp(metrics=["accuracy"])
    history = fit(model, callback(tmp_path, update_freq="auto"), epochs=2, validation_data=(x, y)).history
    scalars = run(tmp_path).scalars
    assert [point.step for point in scalars["fit/loss"]] == [1, 2, 4, 8, 10, 20]
    for key in ("loss", "accuracy", "val_loss", "val_accuracy"):
        points = {point.step: point.value for point in scalars[f"fit/{key}"]}
        np.testing.assert_allclose([points[10], points[20]], history[key], rtol=1e-6)
    assert [point.step for point in scalars["fit/val_loss"]] == [10, 20]


def test_region_shares_are_those_by_hand(tmp_path: Path) -> None:
    """A linear model of two classes: the map is w1 - w0 for every row, whatever the row."""
    x, y = fits.table()
    keras.utils.set_random_seed(1)
    model = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(2, activation="softmax")])
    model.compile(keras.optimizers.SGD(0.1), "sparse_categorical_crossentropy", jit_compile=False)
    probe = tba.Probe(x[:5], y[:5] % 2, feature_names=list("abcd"), regions={"first": ["a", "b"], "last": [3]})

    def shares() -> list[float]:
        weights = model.layers[-1].get_weights()[0]
        size = np.abs(weights[:, 1] - weights[:, 0])
        return [size[:2].sum() / size.sum(), size[3] / size.sum()]

    expected = [shares()]
    model.fit(x, y % 2, batch_size=20, verbose=0, callbacks=[callback(tmp_path, probe)])
    expected.append(shares())
    scalars = run(tmp_path).scalars
    for column, region in enumerate(("first", "last")):
        points = scalars[f"region/saliency/{region}"]
        assert [point.step for point in points] == [0, 2]
        np.testing.assert_allclose([point.value for point in points], [row[column] for row in expected], rtol=1e-5)


def test_a_group_is_traced_once_in_a_whole_fit(tmp_path: Path) -> None:
    calls = []

    class Watched(keras.layers.Layer):
        def call(self, x: tf.Tensor) -> tf.Tensor:
            calls.append(1)
            return x + 0

    def traced(epochs: int, name: str) -> int:
        inputs = keras.Input((4,))
        model = keras.Model(inputs, keras.layers.Dense(3, activation="softmax")(Watched()(inputs)))
        model.compile("sgd", "sparse_categorical_crossentropy", jit_compile=False)
        fit(model)  # traces the train step
        calls.clear()
        fit(
            model,
            callback(tmp_path, methods=["saliency", IntegratedGradients(steps=2)], update_freq=1, name=name),
            epochs=epochs,
        )
        return len(calls)

    assert traced(1, "short") == traced(4, "long")


def test_the_start_up_line_says_what_it_costs_and_where_it_goes(tmp_path: Path, capsys: Any) -> None:
    methods = {"ig": IntegratedGradients(steps=4, baseline=0.0), "saliency": Saliency()}
    fit(mlp(), callback(tmp_path, methods=methods), epochs=3)
    out = capsys.readouterr().out
    (line,) = [line for line in out.splitlines() if line.startswith("attribution: saliency (1")]
    assert (
        "attribution: saliency (1 evaluation), ig (6 evaluations) of 5 tabular examples, target label (margin)" in line
    )
    assert re.search(
        r"; \d+\.\d\d s and \d+\.\d (MB|kB) per log \(step 0\), \d+\.\d s of tracing; at most 4 logs, < 1 s and ", line
    )
    assert str(tmp_path / "attribution") in line
    assert line.endswith(f"open with: tensorboard --logdir {tmp_path}")


def test_labels_that_are_missing_become_the_prediction_and_that_is_said(tmp_path: Path, capsys: Any) -> None:
    x, _ = fits.table()
    model = mlp()
    fit(model, callback(tmp_path, x[:5]))
    out = capsys.readouterr().out
    assert "target predicted (margin)" in out
    assert "attribution: the probe has no labels, so the predicted class is explained" in out
    stats = run(tmp_path).series["saliency"].stats(10)
    np.testing.assert_array_equal(stats["STAT_TARGET"], model.predict(x[:5], verbose=0).argmax(1))


def test_a_value_without_labels_is_not_called_a_class(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse", jit_compile=False)
    x, _ = fits.table()
    model.fit(x, x[:, 0], verbose=0, callbacks=[fits.callback(tmp_path, x[:5])])
    out = capsys.readouterr().out
    assert "target value (value)" in out
    assert "predicted class" not in out


def test_a_background_of_the_probes_own_rows_is_said_once(tmp_path: Path, capsys: Any) -> None:
    x, y = fits.table()
    target = {"first": 0, "second": 1}
    fit(mlp(), callback(tmp_path, methods=[IntegratedGradients(steps=1)], target=target))
    assert capsys.readouterr().out.count("mean over 5 of the probe's own rows; pass Probe(background=rows)") == 1
    probe = tba.Probe(x[:5], y[:5], background=x[5:8])
    fit(mlp(), callback(tmp_path, probe, methods=[IntegratedGradients(steps=1)], name="given"))
    assert "own rows" not in capsys.readouterr().out


def test_several_targets_make_one_series_each(tmp_path: Path) -> None:
    x, y = fits.table()
    probe = tba.Probe(x[:5], y[:5], class_names=["cat", "dog", "owl"])
    target = {"cat": "cat", "cat_or_dog": tba.targets.Contrast("cat", "dog")}
    fit(mlp(), callback(tmp_path, probe, methods=["saliency", IntegratedGradients(steps=1)], target=target))
    series = run(tmp_path).series
    assert sorted(series) == [
        "integrated_gradients/cat",
        "integrated_gradients/cat_or_dog",
        "saliency/cat",
        "saliency/cat_or_dog",
    ]
    described = series["integrated_gradients/cat_or_dog"].description
    assert (described.target, described.scalar, described.method) == ("cat - dog", "contrast", "IntegratedGradients")
    assert {one.name: one.value for one in described.parameters}["steps"] == "1"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("image", {"integrated_gradients", "grad_cam"}),
        ("tabular", {"integrated_gradients", "saliency"}),
        ("text", {"integrated_gradients", "saliency"}),
        ("time_series", {"integrated_gradients", "saliency"}),
    ],
)
def test_two_methods_that_suit_the_modality(tmp_path: Path, name: str, expected: set[str]) -> None:
    layers = keras.layers
    random = np.random.default_rng(0)
    x, body = {
        "image": (random.normal(size=(4, 8, 8, 1)), [layers.Conv2D(2, 3), layers.Flatten()]),
        "tabular": (random.normal(size=(4, 5)), []),
        "text": (random.integers(0, 9, (4, 6)), [layers.Embedding(9, 3), layers.GlobalAveragePooling1D()]),
        "time_series": (random.normal(size=(4, 6, 2)), [layers.Flatten()]),
    }[name]
    x = x if name == "text" else x.astype(np.float32)
    model = keras.Sequential([*body, layers.Dense(2, activation="softmax")])
    model.compile("sgd", "sparse_categorical_crossentropy", jit_compile=False)
    y = np.array([0, 1, 0, 1])
    model.fit(x, y, verbose=0, callbacks=[tba.AttributionCallback(tmp_path, (x, y), update_freq="epoch")])
    stored = run(tmp_path)
    assert set(stored.series) == expected
    assert all(series.steps == [0, 1] for series in stored.series.values())
    (probe,) = stored.probes.values()
    assert probe.examples == 4


def test_a_cam_is_stored_on_its_layers_grid(tmp_path: Path) -> None:
    x, y = fits.pictures()
    model = fits.cnn()
    probe = tba.Probe(x[:3], y[:3], regions={"top": np.arange(8)[:, None] < np.full((8, 8), 4)})
    model.fit(x, y, verbose=0, callbacks=[callback(tmp_path, probe, methods=[GradCAM()], store="float32")])
    stored = run(tmp_path)
    expected = tba.explain(model, x[:3], "grad_cam", y[:3]).scores
    maps = stored.series["grad_cam"].maps(1).scores[0]
    np.testing.assert_allclose(maps.reshape(3, 6, 6), expected[..., 0], atol=1e-6)
    share = np.abs(expected[:, :3]).sum((1, 2, 3)) / np.abs(expected).sum((1, 2, 3))
    np.testing.assert_allclose(stored.scalars["region/grad_cam/top"][-1].value, share.mean(), rtol=1e-5)
