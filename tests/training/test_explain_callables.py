"""The exported methods on plain callables: equal to what they define, and to a Keras model's own, or refused."""

from __future__ import annotations

import dataclasses
import functools
import itertools
import math
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import tb_attribution_plugin as tba
from tb_attribution_plugin import methods
from tests.methods.test_contract import construct

COLUMNS = 6
TABLE, LABELS = load_breast_cancer(return_X_y=True)
TABLE = TABLE[:, :COLUMNS]
X, BACKGROUND = TABLE[:3], TABLE[100:107]


def forest() -> Any:
    return RandomForestClassifier(9, random_state=0)


def pipeline() -> Any:
    return make_pipeline(StandardScaler(), LogisticRegression())


@functools.cache
def fitted(make: Callable[[], Any]) -> Any:
    return make().fit(TABLE, LABELS)


def shapley(function: Callable[[np.ndarray], np.ndarray], x: np.ndarray) -> np.ndarray:
    """By definition, over all coalitions, in float64: the others come from each row of the background."""
    sets = [frozenset(s) for size in range(COLUMNS + 1) for s in itertools.combinations(range(COLUMNS), size)]
    value = {s: function(np.where(np.isin(np.arange(COLUMNS), list(s)), x, BACKGROUND)).mean() for s in sets}
    weight = [
        math.factorial(size) * math.factorial(COLUMNS - size - 1) / math.factorial(COLUMNS) for size in range(COLUMNS)
    ]
    return np.array(
        [sum(weight[len(s)] * (value[s | {i}] - value[s]) for s in sets if i not in s) for i in range(COLUMNS)]
    )


@pytest.mark.parametrize("make", [forest, pipeline])
@pytest.mark.parametrize("method", [methods.ExactShapley, methods.KernelSHAP])
def test_shapley_values_of_scikit_learn_are_those_over_all_coalitions(make: Callable[[], Any], method: Any) -> None:
    model = fitted(make)
    found = tba.explain(model.predict_proba, X, method(background=BACKGROUND), 1)
    expected = np.stack([shapley(lambda rows: model.predict_proba(rows)[:, 1], x) for x in X])
    assert np.abs(expected).max() > 0.1
    np.testing.assert_allclose(found.scores, expected, atol=2e-6)
    np.testing.assert_allclose(found.outputs, model.predict_proba(X)[:, 1], atol=1e-6)


SEGMENTS = np.add.outer(np.arange(8) // 4 * 2, np.arange(8) // 4)  # four squares


@functools.cache
def network() -> Any:
    keras.utils.set_random_seed(0)
    layers = [keras.layers.Conv2D(3, 3, activation="tanh"), keras.layers.Flatten()]
    return keras.Sequential([keras.Input((8, 8, 3)), *layers, keras.layers.Dense(3, activation="softmax")])


@pytest.mark.parametrize("name", methods.__all__)
def test_a_callable_gives_what_the_keras_model_in_it_does_or_is_refused(name: str) -> None:
    images = np.random.default_rng(0).normal(size=(2, 8, 8, 3)).astype(np.float32)
    method = construct(name)
    if hasattr(method, "segments"):
        method = dataclasses.replace(method, segments=SEGMENTS)
    calls = []

    def model(batch: np.ndarray) -> np.ndarray:
        calls.append(len(batch))
        return network().predict_on_batch(batch)

    refused = ""
    try:
        found = tba.explain(model, images, method, 1)
    except ValueError as error:
        refused = str(error)
    if refused:
        assert "has no gradients: use a method that needs none" in refused or "has no layers to tap" in refused
        assert name not in FORWARD_ONLY
        assert calls == [1]
        return
    expected = tba.explain(network(), images, method, 1, output="as_is")
    np.testing.assert_allclose(found.scores, expected.scores, atol=1e-6)
    np.testing.assert_allclose(found.outputs, expected.outputs, atol=1e-6)


FORWARD_ONLY = {"ExactShapley", "FeatureAblation", "KernelSHAP", "Occlusion", "PermutationShapley"}


def test_a_large_image_is_given_in_batches_of_16_mebibytes() -> None:
    sizes = []

    def brightness(batch: np.ndarray) -> np.ndarray:
        sizes.append(batch.nbytes)
        return batch.mean((1, 2, 3))

    images = np.random.default_rng(0).normal(size=(1, 128, 128, 3))
    found = tba.explain(brightness, images, methods.Occlusion(window=16, baseline=0.0))
    assert 2**23 < max(sizes) <= 2**24
    assert len(sizes) > 2
    np.testing.assert_allclose(found.outputs, images.mean((1, 2, 3)), atol=1e-6)


def test_what_a_callable_raises_late_is_the_cause() -> None:
    calls = []

    def model(batch: np.ndarray) -> np.ndarray:
        calls.append(len(batch))
        if len(calls) > 3:
            raise OSError("service down")
        return batch.sum(1)

    with pytest.raises(RuntimeError, match=r"model 'model' fails on rows .*service down") as caught:
        tba.explain(model, np.ones((2, 4)), methods.Occlusion(window=1, baseline=0.0), batch_size=1)
    assert isinstance(caught.value.__cause__, OSError)
