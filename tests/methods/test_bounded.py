"""Masks before a softmax: what opens or closes them has a score, and scores add up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

import tb_attribution_plugin as tba
from tb_attribution_plugin.methods import DeepLIFT, DeepSHAP
from tb_attribution_plugin.methods.contract import from_function

L = keras.layers
MASKS, OTHERS = np.array([[1, 1, 1, 1, 0, 0], [1, 1, 1, 0, 0, 0]]), np.array([[1, 1, 0, 0, 0, 0], [1] * 6])
LEAST = float(np.finfo(np.float32).min)
HOW: dict[str, Callable[..., tf.Tensor]] = {
    "where": lambda logits, mask, value: tf.where(mask > 0, logits, value),
    "add": lambda logits, mask, value: logits + (1 - mask) * value,
    "function": lambda logits, mask, value: tf.function(lambda x: tf.where(mask > 0, x, value))(logits),
}


def add_up(found: Any) -> None:
    scores = [np.abs(one) for one in tf.nest.flatten(found.scores)]
    assert all(np.isfinite(one).all() for one in scores)
    assert np.abs(found.residual).max() <= 1e-5 * sum(one.sum() for one in scores)


@pytest.mark.parametrize("value", [LEAST, -3e38, -1e9])
@pytest.mark.parametrize("how", HOW)
def test_a_mask_gets_the_whole_difference_that_it_makes(how: str, value: float) -> None:
    """One place of two equal ones is closed: its probability falls from 1/2 to 0."""
    model = from_function(lambda x: tf.nn.softmax(HOW[how](tf.zeros_like(x), x, value))[:, 0])
    found = DeepLIFT(baseline=np.ones(2, np.float32))(model, tf.constant([[0.0, 1.0]]))
    np.testing.assert_allclose(found.scores, [[-0.5, 0.0]], atol=1e-6)
    np.testing.assert_allclose([found.outputs, found.baseline_outputs], [[0.0], [0.5]])


def test_a_mask_of_minus_infinity_too() -> None:
    model = from_function(lambda x: tf.nn.softmax(tf.where(x > 0, 0.0, -np.inf))[:, 0])
    found = DeepLIFT(baseline=np.ones(2, np.float32))(model, tf.constant([[0.0, 1.0]]))
    np.testing.assert_allclose(found.scores, [[-0.5, 0.0]], atol=1e-6)


@pytest.mark.parametrize("policy", ["float32", "mixed_float16"])
@pytest.mark.parametrize("of_ids", [False, True])
def test_attention_adds_up_beside_a_background_of_another_mask(policy: str, of_ids: bool) -> None:
    random = np.random.default_rng(0)
    first = keras.Input((6,), dtype="int32") if of_ids else keras.Input((6, 4))
    mask = keras.Input((6,), dtype="int32")
    tokens = L.Embedding(9, 4, dtype=policy)(first) if of_ids else first
    allowed = keras.ops.cast(mask, "bool")[:, None, :]
    mixed = L.MultiHeadAttention(1, 4, dtype=policy)(tokens, tokens, attention_mask=allowed)
    model = keras.Model([first, mask], L.Dense(2)(L.Flatten()(mixed)))
    x, x0 = (
        random.integers(0, 9, (2, 6)) if of_ids else random.normal(size=(2, 6, 4)).astype(np.float32) for _ in "ab"
    )
    found = tba.explain(model, [x, MASKS], DeepSHAP(background=[x0, OTHERS]), 1, output="as_is")
    add_up(found)
    assert np.all((found.scores[1] != 0) == [[False, False, True, True, True, True]] * 2)  # where any mask differs
