"""Standard errors in the log are those of what is logged: sums over channels and blocks."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

import tb_attribution_plugin as tba
from tb_attribution_plugin.methods import RISE, contract
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


def test_a_fit_adds_errors_up_over_channels_that_share_masks(tmp_path: Path) -> None:
    layers = [keras.layers.Flatten(), keras.layers.Dense(1)]
    model = keras.Sequential([keras.Input((8, 8, 3)), *layers])
    method = RISE(masks=20, grid=2, baseline=0.0)
    callback = fits.callback(tmp_path, X, methods=[method], update_freq="epoch", store="float32")
    model.compile("sgd", "mse")
    model.fit(X, np.zeros(1), verbose=0, callbacks=[callback])
    series = fits.run(tmp_path).series["rise"]
    errors = series.maps(series.steps[-1]).errors[0]
    expected = tba.explain(model, X, method).errors.sum(-1)
    np.testing.assert_allclose(errors, expected, rtol=1e-4)
