"""Maps at a layer as a fit logs them: units of a dense layer one by one, maps of a convolution as pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

import tb_attribution_plugin as tba
from tb_attribution_plugin.methods import LayerConductance, LayerGradientXActivation
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


def logged(log_dir: Path, made: tuple[keras.Model, np.ndarray], layer: str) -> tuple[pb.MapSeries, np.ndarray, Any]:
    """What a fit says of a series, its last maps, and those of `explain`."""
    model, x = made
    y = np.arange(len(x)) % 2
    model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True), jit_compile=False)
    method = LayerGradientXActivation(layer=layer)
    callback = tba.AttributionCallback(
        log_dir, tba.Probe(x[:3], y[:3]), methods=method, store="float32", update_freq=1, on_error="raise"
    )
    model.fit(x, y, batch_size=16, verbose=0, callbacks=[callback])
    series = fits.run(log_dir).series[method.name]
    return series.description, series.maps(1).scores[0], tba.explain(model, x[:3], method, y[:3]).scores


@pytest.mark.parametrize("make", [pictures, numbers, tokens])
def test_units_of_a_dense_layer_are_stored_one_by_one_and_called_so(make: Any, tmp_path: Path) -> None:
    description, maps, expected = logged(tmp_path, make(), "hidden")
    assert description.units
    assert not description.cam
    np.testing.assert_allclose(maps, expected, atol=1e-6)


@pytest.mark.parametrize(("make", "grid"), [(pictures, (6, 6)), (tokens, (7,))])
def test_maps_of_a_convolution_have_the_places_of_the_input(make: Any, grid: Any, tmp_path: Path) -> None:
    description, maps, expected = logged(tmp_path, make(), "conv")
    assert not description.units
    assert description.channels_summed
    assert maps.shape == (3, *grid)
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
