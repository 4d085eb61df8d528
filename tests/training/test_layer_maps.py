"""Maps at a layer as a fit logs them: units of a dense layer one by one, maps of a convolution as pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

import tb_attribution_plugin as tba
from tb_attribution_plugin.methods import (
    BlurIG,
    IntegratedGradients,
    LayerConductance,
    LayerGradientXActivation,
    LayerIntegratedGradients,
)
from tb_attribution_plugin.wire import attribution_pb2 as pb
from tests.training import fits

L = keras.layers
UNITS = 200  # more than the sides that maps are made coarser to


def pictures() -> tuple[keras.Model, np.ndarray]:
    layers = [L.Conv2D(3, 3, name="conv"), L.Flatten(), L.Dense(UNITS, activation="tanh", name="hidden"), L.Dense(2)]
    return keras.Sequential([keras.Input((8, 8, 1)), *layers]), fits.pictures()[0]


def numbers() -> tuple[keras.Model, np.ndarray]:
    layers = [L.Dense(fits.FEATURES, name="hidden"), L.Dense(2)]  # as many units as there are columns
    return keras.Sequential([keras.Input((fits.FEATURES,)), *layers]), fits.table(16)[0]


def tokens() -> tuple[keras.Model, np.ndarray]:
    layers = [L.Embedding(20, 4, name="embedding"), L.Conv1D(5, 3, padding="same", name="conv"), L.Flatten()]
    model = keras.Sequential([keras.Input((7,), dtype="int32"), *layers, L.Dense(7, name="hidden"), L.Dense(2)])
    return model, np.random.default_rng(0).integers(0, 20, (16, 7))


def series(channels: int = 5) -> tuple[keras.Model, np.ndarray]:
    layers = [L.Conv1D(channels, 3, name="conv"), L.Flatten(), L.Dense(9, name="hidden"), L.Dense(2)]
    return keras.Sequential([keras.Input((9, 2)), *layers]), np.random.default_rng(0).normal(size=(16, 9, 2))


def logged(
    log_dir: Path, made: tuple[keras.Model, np.ndarray], layer: str, **storage: Any
) -> tuple[pb.MapSeries, np.ndarray, Any]:
    """What a fit says of a series, its last maps, and those of `explain`."""
    model, x = made
    y = np.arange(len(x)) % 2
    model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True), jit_compile=False)
    method = LayerGradientXActivation(layer=layer)
    callback = tba.AttributionCallback(
        log_dir, tba.Probe(x[:3], y[:3]), methods=method, store="float32", update_freq=1, on_error="raise", **storage
    )
    model.fit(x, y, batch_size=16, verbose=0, callbacks=[callback])
    series = fits.run(log_dir).series[method.name]
    return series.description, series.maps(1).scores[0], tba.explain(model, x[:3], method, y[:3]).scores


@pytest.mark.parametrize("make", [pictures, numbers, tokens, series])
def test_units_of_a_dense_layer_are_stored_one_by_one_and_called_so(make: Any, tmp_path: Path) -> None:
    description, maps, expected = logged(tmp_path, make(), "hidden")
    assert description.units
    assert not description.cam
    np.testing.assert_allclose(maps, expected, atol=1e-6)


@pytest.mark.parametrize(("make", "grid"), [(pictures, (6, 6)), (tokens, (7,)), (series, (7,))])
def test_maps_of_a_convolution_have_the_places_of_the_input(make: Any, grid: Any, tmp_path: Path) -> None:
    description, maps, expected = logged(tmp_path, make(), "conv")
    assert not description.units
    assert description.channels_summed
    assert maps.shape == (3, *grid)
    np.testing.assert_allclose(maps, expected.sum(-1), atol=1e-5)


@pytest.mark.parametrize("channels", [2, 5])
def test_channels_of_a_series_at_a_layer_are_never_those_of_the_input(channels: int, tmp_path: Path) -> None:
    """Not where there are as many of them, nor where the user keeps channels."""
    description, maps, expected = logged(tmp_path, series(channels), "conv", channels=True)
    assert description.channels_summed
    np.testing.assert_allclose(maps, expected.sum(-1), atol=1e-5)


def test_vectors_of_tokens_are_tokens(tmp_path: Path) -> None:
    description, maps, expected = logged(tmp_path, tokens(), "embedding")
    assert not description.units
    np.testing.assert_allclose(maps, expected, atol=1e-6)


def test_a_fit_goes_on_where_a_layer_method_and_maps_are_logged_together(tmp_path: Path) -> None:
    x, y = fits.pictures()
    chosen = ["saliency", "score_cam", LayerConductance(layer="conv", steps=2)]
    callback = tba.AttributionCallback(tmp_path, (x[:3], y[:3]), methods=chosen, update_freq=1, on_error="raise")
    fits.cnn().fit(x, y, batch_size=8, verbose=0, callbacks=[callback])
    for tag in ("saliency", "score_cam", "layer_conductance"):
        assert fits.steps(tmp_path, tag) == [0, 1, 2]


@pytest.mark.parametrize(("make", "regions"), [(numbers, [0]), (tokens, [0, 1]), (series, [0])])
def test_units_have_no_share_in_a_region(make: Any, regions: list[int], tmp_path: Path) -> None:
    model, x = make()
    mask = np.zeros((3, x.shape[1]), bool)
    mask[:, regions] = True
    model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True), jit_compile=False)
    probe = tba.Probe(x[:3], np.zeros(3, int), regions={"first": mask})
    methods = ["saliency", LayerGradientXActivation(layer="hidden")]
    callback = tba.AttributionCallback(tmp_path, probe, methods=methods, update_freq=1, on_error="raise")
    model.fit(x, np.arange(len(x)) % 2, batch_size=16, verbose=0, callbacks=[callback])
    assert {tag for tag in fits.run(tmp_path).scalars if tag.startswith("region/")} == {"region/saliency/first"}


def test_the_outputs_of_the_baseline_are_those_of_a_method_that_starts_there(tmp_path: Path) -> None:
    x, y = fits.pictures()
    x = x + np.float32(3)  # BlurIG starts from a blurred picture, far from 0
    model = fits.cnn()
    others = [BlurIG(steps=2), LayerIntegratedGradients(layer="conv", steps=2, baseline=0.0)]
    for name, chosen in (("others", others), ("all", [*others, IntegratedGradients(steps=2, baseline=0.0)])):
        callback = tba.AttributionCallback(
            tmp_path, (x[:3], y[:3]), methods=chosen, name=name, update_freq=1, on_error="raise"
        )
        start = tba.explain(model, x[:3], IntegratedGradients(steps=2, baseline=0.0), y[:3]).baseline_outputs
        model.fit(x, y, batch_size=16, verbose=0, callbacks=[callback])
        (probe,) = fits.run(tmp_path, name).probes.values()
        np.testing.assert_allclose(probe.baseline_outputs, start if name == "all" else [], atol=1e-5)
