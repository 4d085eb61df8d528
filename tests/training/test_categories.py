"""Columns of categories that a network reads by an embedding: code 0 is one as the others are."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

import tb_attribution_plugin as tba
from tb_attribution_plugin.methods import ExactShapley, FeatureAblation, KernelSHAP, baselines
from tb_attribution_plugin.training import plan
from tests.training import fits

RANDOM = np.random.default_rng(1)
NUMBERS = RANDOM.normal(size=(8, 2)).astype(np.float32)
CODES = np.array([[0, 3], [2, 3], [5, 1], [1, 0], [0, 0], [4, 2], [3, 5], [1, 1]], np.int32)


def network(shape: tuple[int, ...] = (2,), cat: str = "cat", mask: bool = False) -> keras.Model:
    """Of two numbers and categories, or of categories alone where `mask` says that 0 is padding."""
    keras.utils.set_random_seed(5)
    numbers, codes = keras.Input((2,), name="num"), keras.Input(shape, name=cat, dtype="int32")
    found = keras.layers.Embedding(6, 3, embeddings_initializer="normal", mask_zero=mask)(codes)
    vectors = keras.layers.Flatten()(found) if not mask else keras.layers.GlobalAveragePooling1D()(found)
    hidden = keras.layers.Dense(8, activation="tanh")(keras.layers.Concatenate()([numbers, vectors]))
    model = keras.Model({"num": numbers, cat: codes}, keras.layers.Dense(1)(hidden))
    for weight in model.weights:
        weight.assign(weight * 4)
    return model


def shapley(value: Callable[[np.ndarray], float], players: int) -> list[float]:
    """By the sum over all orders."""
    found = np.zeros(players)
    for order in itertools.permutations(range(players)):
        there = np.zeros(players, bool)
        for player in order:
            before = value(there)
            there[player] = True
            found[player] += value(there) - before
    return list(found / math.factorial(players))


@pytest.mark.parametrize("method", [ExactShapley, KernelSHAP])
def test_a_code_0_has_its_shapley_value(method: Any) -> None:
    model, inputs, rows = network(), {"num": NUMBERS[:2], "cat": CODES[:2]}, {"num": NUMBERS[2:], "cat": CODES[2:]}
    found = tba.explain(model, inputs, method(background=rows))

    def value(there: np.ndarray) -> float:
        mixed = {
            "num": np.where(there[:2], NUMBERS[0], NUMBERS[2:]),
            "cat": np.where(there[2:], CODES[0], CODES[2:]),
        }
        return float(model(mixed).numpy().mean())

    expected = shapley(value, 4)
    assert abs(expected[2]) > 0.1
    np.testing.assert_allclose(np.append(found.scores["num"][0], found.scores["cat"][0]), expected, atol=1e-5)
    whole = found.scores["num"].sum(1) + found.scores["cat"].sum(1)
    np.testing.assert_allclose(whole, found.outputs - found.baseline_outputs, atol=1e-5)


@pytest.mark.parametrize("shape", [(), (1,)])
def test_one_category_is_one_feature_and_not_one_for_each_value_of_its_vector(shape: tuple[int, ...]) -> None:
    model, codes = network(shape), CODES[:, 0].reshape(8, *shape)
    inputs, rows = {"num": NUMBERS[:2], "cat": codes[:2]}, {"num": NUMBERS[2:], "cat": codes[2:]}
    found, plain = (
        tba.explain(one, inputs, ExactShapley(background=rows), 0, output="as_is")
        for one in (model, lambda batch: model(batch).numpy())
    )
    assert found.segment_scores.shape == (2, 3)
    for name in inputs:
        np.testing.assert_allclose(found.scores[name], plain.scores[name], atol=1e-5)


def test_padding_of_a_text_is_no_feature() -> None:
    inputs = {"num": NUMBERS[:2], "cat": np.array([[2, 0], [3, 1]], np.int32)}
    rows = {"num": NUMBERS[2:], "cat": CODES[2:]}
    masked = tba.explain(network(mask=True), inputs, ExactShapley(background=rows))
    by_zero = tba.explain(network(), inputs, ExactShapley(background=0))
    for found in (masked, by_zero):
        np.testing.assert_array_equal(found.evaluations, found.evaluations[0])
        assert np.isnan(found.segment_scores).sum(1).tolist() == [1, 0]
    assert masked.scores["cat"][0, 1] == 0


def resolved(probe: tba.Probe, *methods: Any, **about: Any) -> plan.Plan:
    return plan.plan(network(**about), probe, methods=list(methods), target=0, output="as_is", batchnorm="moving")


@pytest.mark.parametrize("cat", ["cat", "zcat"])
@pytest.mark.parametrize("said", [{"modality": "tabular"}, {"background": None}, {}])
def test_a_probe_with_rows_or_with_the_word_for_it_is_a_table(cat: str, said: dict[str, Any]) -> None:
    """What is explained does not depend on which input comes first."""
    rows = {"num": NUMBERS[2:], cat: CODES[2:]}
    said = {"background": rows} if "background" in said else said
    method = KernelSHAP() if said else KernelSHAP(background=rows)
    found = resolved(tba.Probe({"num": NUMBERS[:2], cat: CODES[:2]}, **said), method, FeatureAblation(), cat=cat)
    assert found.jobs["kernel_shap"].method.segments.counts == (4,)
    if said:
        assert found.jobs["feature_ablation"].method.segments.counts == (4,)
        points = found.jobs["feature_ablation"].method.baseline
        assert points.count == (6 if "background" in said else 2)
        assert "token" not in points.title
        assert points.arrays[cat].dtype.is_integer


def test_words_stay_words() -> None:
    rows = {"cat": CODES[2:], "num": NUMBERS[2:]}
    inputs = {"cat": np.array([[2, 0], [3, 1]], np.int32), "num": NUMBERS[:2]}
    strings = [["good", ""], ["bad", "film"]]
    for said in ({}, {"modality": "text", "background": rows}, {"tokens": strings, "background": rows}):
        method = resolved(tba.Probe(inputs, **said), FeatureAblation()).jobs["feature_ablation"].method
        assert method.segments.counts == (3, 4)
        assert "token id 0" in method.baseline.title
    method = resolved(tba.Probe(inputs, background=rows), FeatureAblation(), mask=True).jobs["feature_ablation"].method
    assert method.segments.counts == (3, 4)


def test_ids_beside_a_table_that_nobody_named_are_spoken_of() -> None:
    inputs = {"num": NUMBERS[:2], "cat": CODES[:2]}
    (note,) = [one for one in resolved(tba.Probe(inputs), FeatureAblation()).notes if "token ids" in one]
    assert note.startswith("input 'cat' is read as token ids")
    assert "Probe(..., modality='tabular')" in note
    for said in ({"modality": "tabular"}, {"modality": "text"}):
        assert not [note for note in resolved(tba.Probe(inputs, **said), FeatureAblation()).notes if "ids" in note]


def test_rows_as_a_baseline_are_rows_too() -> None:
    rows = {"num": baselines.Rows(NUMBERS[2:]), "cat": baselines.Rows(CODES[2:])}
    inputs = {"num": NUMBERS[:2], "cat": CODES[:2]}
    found = tba.explain(network(), inputs, FeatureAblation(baseline=rows))
    model = network()
    without = model({"num": np.repeat(NUMBERS[:1], 6, 0), "cat": np.stack([CODES[2:, 0], np.full(6, 3)], 1)})
    lost = float(model({name: one[:1] for name, one in inputs.items()})[0, 0]) - float(without.numpy().mean())
    np.testing.assert_allclose(found.scores["cat"][0, 0], lost, atol=1e-5)


def test_the_log_of_a_table_has_a_score_for_every_column(tmp_path: Path) -> None:
    x, y = {"num": NUMBERS, "cat": CODES}, np.arange(8) % 2
    model = network()
    model.compile("sgd", keras.losses.BinaryCrossentropy(from_logits=True), jit_compile=False)
    probe = tba.Probe({name: one[:2] for name, one in x.items()}, y[:2], background=x)
    callback = tba.AttributionCallback(tmp_path, probe, methods=[ExactShapley()], store="float32")
    model.fit(x, y, verbose=0, callbacks=[callback])
    scores = fits.run(tmp_path).series["exact_shapley"].maps(0).scores
    assert (np.abs(np.concatenate(scores, 1)) > 1e-6).all()
