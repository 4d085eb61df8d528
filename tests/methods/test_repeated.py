"""Rules of the steps of a loop, all at once: the same scores from a smaller graph."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

import tb_attribution_plugin as tba
from tb_attribution_plugin.methods import DeepSHAP
from tb_attribution_plugin.methods.backward import repeated
from tb_attribution_plugin.methods.backward.carried import _back
from tb_attribution_plugin.methods.backward.differences import DIFFERENCES
from tb_attribution_plugin.methods.backward.recorded import recorded

STEPS = 20


@pytest.mark.parametrize("layer", [keras.layers.LSTM, keras.layers.GRU, keras.layers.SimpleRNN])
def test_scores_of_a_recurrent_layer_are_those_of_its_single_steps(layer: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((STEPS, 3)), layer(4), keras.layers.Dense(2)])
    x, rows = (np.random.default_rng(seed).normal(size=(2, STEPS, 3)).astype(np.float32) for seed in (0, 1))
    found = tba.explain(model, x, DeepSHAP(background=rows), 0)
    monkeypatch.setattr(repeated, "_FEWEST", 10**6)
    single = tba.explain(model, x, DeepSHAP(background=rows), 0)
    np.testing.assert_allclose(found.scores, single.scores, rtol=1e-4, atol=1e-7)
    assert np.abs(found.residual).max() < 1e-5 * np.abs(found.scores).sum()


@pytest.mark.parametrize("steps", [STEPS, 2 * STEPS])
def test_an_operation_that_repeats_adds_a_product_for_each_time(steps: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """One product goes back through each tanh; the quotients are computed once, however many there are."""

    def operations(fewest: int) -> list[str]:
        monkeypatch.setattr(repeated, "_FEWEST", fewest)
        with tf.Graph().as_default() as graph:
            starts = [tf.ones((2, 3)), tf.zeros((2, 3))]
            x = start = tf.identity(starts[0])
            for _ in range(steps):
                x = tf.tanh(x)
            recording = recorded(tf.reduce_sum(x, 1), [start], [starts[1]])
            _back(recording, [start], DIFFERENCES, DIFFERENCES.special(recording.nodes))
        return [op.type for op in graph.get_operations()]

    assert operations(steps).count("TanhGrad") == 1
    assert operations(steps + 1).count("TanhGrad") == steps
    assert operations(steps).count("MulNoNan") == steps + 1
