"""Ids that embeddings are given in parts, and ids that are read beside their embedding."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

import tb_attribution_plugin as tba
from tb_attribution_plugin.methods import DeepLIFT, ExactShapley, IntegratedGradients

L, ops = keras.layers, keras.ops
IDS = np.array([[1, 4, 2, 7], [3, 3, 8, 5], [6, 1, 1, 2]], np.int32)
BASELINE = np.array([[2, 5, 7, 1]], np.int32)


def over(part: Callable[[Any], Any], width: int = 4) -> keras.Model:
    keras.utils.set_random_seed(5)
    ids = keras.Input((width,), dtype="int32")
    hidden = L.Dense(6, activation="tanh")(part(ids))
    return keras.Model(ids, L.Dense(2)(hidden))


def columns(ids: Any) -> Any:
    """One has two embeddings, and another's is wider; one table serves two columns."""
    shared = L.Embedding(9, 2)
    parts = [shared(ids[:, 0]), L.Embedding(9, 5)(ids[:, 1]), shared(ids[:, 2:3])[:, 0], L.Embedding(9, 3)(ids[:, 0])]
    return L.Concatenate()([*parts, L.Embedding(9, 1)(ids[:, 3])])


@pytest.mark.parametrize(
    "method", [DeepLIFT(baseline=BASELINE[0]), IntegratedGradients(baseline=BASELINE[0], steps=256)]
)
def test_columns_that_are_embedded_one_by_one_have_scores_that_add_up(method: Any) -> None:
    model = over(columns)
    found = tba.explain(model, IDS, method, 1, output="as_is")
    assert found.scores.shape == IDS.shape
    difference = (model(IDS) - model(BASELINE)).numpy()[:, 1]
    np.testing.assert_allclose(found.scores.sum(1), difference, atol=1e-5)
    assert np.all(found.scores != 0)


def test_a_column_that_is_as_in_the_baseline_has_the_score_0() -> None:
    found = tba.explain(over(columns), IDS, DeepLIFT(baseline=[2, 4, 8, 2]), 1, output="as_is")
    np.testing.assert_array_equal(found.scores == 0, IDS == [2, 4, 8, 2])


def test_switched_columns_have_the_shapley_values_of_the_function() -> None:
    model = over(columns)
    rows = np.array([[2, 5, 7, 1], [8, 1, 3, 4]], np.int32)
    probe = tba.Probe(IDS, modality="tabular", background=rows)
    found, expected = (
        tba.explain(one, probe.arrays[0], ExactShapley(background=rows), 1, output="as_is").scores
        for one in (model, lambda ids: model(ids).numpy())
    )
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_ids_that_nothing_reads_have_the_score_0() -> None:
    model = over(lambda ids: L.Flatten()(L.Embedding(9, 3)(ids[:, 1:3])))
    found = tba.explain(model, IDS, DeepLIFT(baseline=BASELINE[0]), 0, output="as_is")
    np.testing.assert_array_equal(found.scores[:, [0, 3]], 0)
    np.testing.assert_allclose(found.scores.sum(1), (model(IDS) - model(BASELINE)).numpy()[:, 0], atol=1e-6)


def embedded(ids: Any) -> Any:
    return L.GlobalAveragePooling1D()(L.Embedding(9, 4)(ids))


@tf.function
def doubled(ids: Any) -> Any:
    return 2 * tf.cast(ids, tf.float32)


BESIDE: dict[str, Callable[[Any], Any]] = {
    "numbers": lambda ids: ops.cast(ids, "float32"),
    "one_hot": lambda ids: ops.sum(ops.one_hot(ids, 9), 1),
    "multi_hot": lambda ids: L.CategoryEncoding(9, "multi_hot")(ids),
    "half": lambda ids: ops.cast(ids[:, 2:], "float32"),
    "function": lambda ids: L.Lambda(doubled, output_shape=(4,))(ids),
}


@pytest.mark.parametrize("kind", BESIDE)
def test_ids_that_are_read_as_numbers_beside_their_embedding_are_refused(kind: str) -> None:
    model = over(lambda ids: L.Concatenate()([embedded(ids), BESIDE[kind](ids)]))
    with pytest.raises(
        ValueError, match=r"reads the ids of an input as numbers, beside the embedding .*model\.predict"
    ):
        tba.explain(model, IDS, DeepLIFT(baseline=BASELINE[0]), 0)


COMPARED: dict[str, Callable[[Any], Any]] = {
    "mask": lambda ids: ops.cast(ops.not_equal(ids, 0), "float32"),
    "length": lambda ids: ops.cast(ops.expand_dims(ops.count_nonzero(ids, 1), 1), "float32"),
    "positions": lambda ids: L.Flatten()(L.Embedding(4, 3)(ops.arange(4))[None] + 0 * L.Embedding(9, 3)(ids)),
}


@pytest.mark.parametrize("kind", COMPARED)
def test_masks_and_positions_are_no_part_of_what_is_explained(kind: str) -> None:
    model = over(lambda ids: L.Concatenate()([embedded(ids), COMPARED[kind](ids)]))
    found = tba.explain(model, IDS, DeepLIFT(baseline=BASELINE[0]), 0, output="as_is")
    np.testing.assert_allclose(found.scores.sum(1), (model(IDS) - model(BASELINE)).numpy()[:, 0], atol=1e-6)


def test_an_embedding_of_computed_ids_at_other_places_is_refused() -> None:
    model = over(lambda ids: L.Flatten()(L.Embedding(40, 3)(ids[:, 1:] * 2 + ids[:, :-1])))
    with pytest.raises(ValueError, match="embeds ids that the model computes of its input"):
        tba.explain(model, IDS, "saliency", 0)


def test_ids_of_several_inputs_that_are_joined_before_the_embedding_are_refused() -> None:
    inputs = [keras.Input((1,), dtype="int32") for _ in range(4)]
    model = keras.Model(inputs, over(columns)(L.Concatenate()(inputs)))
    with pytest.raises(ValueError, match="embeds ids that the model joins of several inputs"):
        tba.explain(model, [IDS[:, [column]] for column in range(4)], "saliency", 1)
