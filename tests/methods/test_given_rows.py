"""Backgrounds that are none: said before anything is computed, and in words."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

import tb_attribution_plugin as tba
from tb_attribution_plugin.methods import LRP, DeepLIFT, DeepSHAP, ExpectedGradients, IntegratedGradients, KernelSHAP
from tb_attribution_plugin.methods.baselines import Mean, Rows

X = np.array([[1.0, 2.0, 3.0], [0.5, -1.0, 2.0]], np.float32)
WITH_NAN = np.array([[0.0, 0.0, 1.0], [0.0, np.nan, 0.0], [np.inf, 0.0, 0.0]], np.float32)


def model() -> keras.Model:
    return keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])


@pytest.mark.parametrize("method", [DeepSHAP, ExpectedGradients, KernelSHAP])
def test_rows_that_are_not_finite_are_named(method: Any) -> None:
    with pytest.raises(ValueError, match="background: 2 of 3 rows are not finite, first row 1; drop them"):
        tba.explain(model(), X, method(background=WITH_NAN), 0)


@pytest.mark.parametrize("kind", [Rows, Mean])
def test_rows_of_a_baseline_are_those_of_a_background(kind: Any) -> None:
    with pytest.raises(ValueError, match=r"background must be an array .*; got ndarray of complex64"):
        tba.explain(model(), X, IntegratedGradients(baseline=kind(X + 1j)), 0)


def test_a_table_that_lacks_values_is_refused_as_background_before_training(tmp_path: Any) -> None:
    network = model()
    network.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    before = network.get_weights()
    probe = tba.Probe(X, [0, 1], background=WITH_NAN[:2], modality="tabular")
    callback = tba.AttributionCallback(tmp_path, probe, methods=[DeepSHAP()])
    with pytest.raises(ValueError, match="background: 1 of 2 rows are not finite, first row 1"):
        network.fit(X, np.array([0, 1]), verbose=0, callbacks=[callback])
    assert all(np.array_equal(*pair) for pair in zip(before, network.get_weights(), strict=True))


@pytest.mark.parametrize(
    ("background", "words"),
    [
        ((row for row in X), "got generator. Of a dataset or generator take a fixed batch"),
        (tf.data.Dataset.from_tensor_slices(X), "Dataset. Of a dataset"),
        (tf.ragged.constant([[1.0, 2.0], [3.0]]), "got RaggedTensor.*; pad ragged rows"),
        (np.array([[1, None, 2]], object), "got ndarray of object"),
        (X + 1j, "got ndarray of complex64.*; give real and imaginary parts"),
        (1.0, "got float. Of"),
    ],
)
def test_what_is_no_array_of_numbers_is_refused(background: Any, words: str) -> None:
    with pytest.raises(ValueError, match=f"background must be an array .*{words}"):
        tba.explain(model(), X, DeepSHAP(background=background), 0)


def test_a_list_of_numbers_is_an_array() -> None:
    network, rows = model(), X[::-1] * 2
    found, expected = (tba.explain(network, X, DeepSHAP(background=b), 0).scores for b in (rows.tolist(), rows))
    np.testing.assert_array_equal(found, expected)


def test_ids_may_be_whole_numbers_of_any_type() -> None:
    layers = [keras.layers.Embedding(9, 3), keras.layers.Flatten(), keras.layers.Dense(2)]
    network, rows = keras.Sequential([keras.Input((3,)), *layers]), np.array([[1, 1, 5], [2, 0, 3]])
    ids = np.array([[1.0, 2.0, 4.0]], np.float32)
    expected = tba.explain(network, ids, DeepSHAP(background=rows), 0)
    found = tba.explain(network, ids, DeepSHAP(background=rows.astype(np.float32)), 0)
    np.testing.assert_array_equal(found.scores, expected.scores)
    assert np.abs(found.residual).max() < 1e-6 < np.abs(found.scores).max()
    assert tba.explain(network, ids, DeepLIFT(baseline=rows[0].astype(np.float32)), 0).scores[0, 0] == 0  # the same id
    assert tba.explain(network, ids, LRP(), 0).scores.shape == (1, 3)
    with pytest.raises(ValueError, match="baseline of token ids must be whole numbers"):
        tba.explain(network, ids, DeepSHAP(background=rows / 2), 0)
