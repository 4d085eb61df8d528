"""Standard errors in the log are those of what is logged: sums over channels and blocks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

import tb_attribution_plugin as tba
from tb_attribution_plugin.methods import HSIC, RISE, Occlusion, Sobol, contract
from tests.training import fits

X = np.random.default_rng(0).random((1, 8, 8, 3)).astype(np.float32)
SEEDS = 24


@pytest.mark.parametrize("resolution", [8, 4])  # pixels, and blocks of two by two
def test_errors_of_logged_rise_maps_are_their_spread_over_seeds(tmp_path: Path, resolution: int) -> None:
    weights = tf.constant(np.random.default_rng(1).normal(size=(192, 8)) / 4, tf.float32)
    model = contract.from_function(lambda x: tf.reduce_sum(tf.tanh(tf.reshape(x, (-1, 192)) @ weights), 1))
    found = {f"{seed}": RISE(masks=80, grid=3, seed=seed, baseline=0.0)(model, tf.constant(X)) for seed in range(SEEDS)}
    with tba.AttributionWriter(tmp_path, tba.Probe(X), resolution=resolution, store="float32") as writer:
        for tag in found:
            writer.series(
                tag,
                method="RISE",
                signed=True,
                target="label",
                scalar="value",
                error_kind=RISE.error_kind,
                correlated_errors=RISE.correlated_errors,
            )
        writer.write(0, found)
    maps = [one.maps(0) for one in fits.run(tmp_path).series.values()]
    scores, errors = (
        np.stack([one[0][0] for one in of_all]) for of_all in zip(*[one[:2] for one in maps], strict=True)
    )
    assert scores.shape == (SEEDS, resolution, resolution)
    assert 0.8 < np.sqrt(scores.var(0, ddof=1).mean() / (errors**2).mean()) < 1.25


@pytest.mark.parametrize("channels", [False, True])
@pytest.mark.parametrize("resolution", [8, 4])
@pytest.mark.parametrize(
    "method",
    [
        RISE(masks=20, grid=2, baseline=0.0),
        Occlusion(window=3, baseline=0.0),
        Sobol(grid=2, designs=8, baseline=0.0),
        HSIC(grid=2, designs=20, baseline=0.0),
    ],
    ids=lambda method: method.name,
)
def test_a_score_of_a_place_is_logged_as_it_is(tmp_path: Path, method: Any, resolution: int, channels: bool) -> None:
    """Not once for each of the three channels, nor for each pixel of a block."""
    model = keras.Sequential([keras.Input((8, 8, 3)), keras.layers.Flatten(), keras.layers.Dense(1)])
    chosen = {"update_freq": "epoch", "store": "float32", "resolution": resolution, "channels": channels}
    callback = fits.callback(tmp_path, X, methods=[method], **chosen)
    model.compile("sgd", "mse")
    model.fit(X, np.zeros(1), verbose=0, callbacks=[callback])
    series = fits.run(tmp_path).series[method.name]
    maps, stats = series.maps(series.steps[-1]), series.stats(series.steps[-1])
    expected = tba.explain(model, X, method)

    def blocks(whole: np.ndarray) -> np.ndarray:
        side = 8 // resolution
        return whole[..., 0].reshape(1, resolution, side, resolution, side).mean((2, 4))

    np.testing.assert_allclose(maps.scores[0], blocks(expected.scores), rtol=1e-4, atol=1e-7)
    np.testing.assert_allclose(stats["STAT_SUM"], maps.scores[0].sum((1, 2)), rtol=1e-4)
    assert series.description.per_place
    assert not series.description.channels_summed
    if expected.errors is not None:
        np.testing.assert_allclose(maps.errors[0], blocks(expected.errors), rtol=1e-4)
        np.testing.assert_allclose(stats["STAT_RESIDUAL"], expected.errors[..., 0].sum((1, 2)), rtol=1e-4)


def test_a_sobol_index_of_all_channels_of_a_series_is_logged_once(tmp_path: Path) -> None:
    x = np.random.default_rng(0).normal(size=(1, 6, 4)).astype(np.float32)
    model = keras.Sequential([keras.Input((6, 4)), keras.layers.Flatten(), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    method = Sobol(grid=6, designs=64, baseline=0.0)
    model.fit(x, np.zeros(1), verbose=0, callbacks=[fits.callback(tmp_path, x, methods=[method], store="float32")])
    (scores,) = fits.run(tmp_path).series["sobol"].maps(0).scores
    assert scores.shape == (1, 6)
    # A linear model is additive in the cells, and their indices add up to 1.
    np.testing.assert_allclose(scores.sum(), 1, atol=0.25)
