from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

import tb_attribution_plugin as tba
from tb_attribution_plugin.methods import Saliency, contract
from tests.methods import models


def test_the_gradient_by_hand() -> None:
    # f = x0^2 - 3 x0 x1: gradient (2 x0 - 3 x1, -3 x0).
    model = contract.from_function(lambda x: x[:, 0] ** 2 - 3 * x[:, 0] * x[:, 1])
    found = Saliency()(model, tf.constant([[1.0, 2.0], [-2.0, 0.0]]))
    np.testing.assert_allclose(found.scores, [[-4, -3], [-4, 6]])
    np.testing.assert_allclose(found.outputs, [-5, 4])
    assert np.isnan(found.residual).all()
    assert np.isnan(found.baseline_outputs).all()


def test_absolute_is_the_size_of_the_same_gradient() -> None:
    case = models.case("functional_cnn")
    signed = tba.explain(case.model, case.inputs, Saliency(), case.labels)
    absolute = tba.explain(case.model, case.inputs, Saliency(absolute=True), case.labels)
    np.testing.assert_array_equal(absolute.scores, np.abs(signed.scores))
    assert signed.scores.min() < 0
    assert (Saliency().signed, Saliency(absolute=True).signed) == (True, False)


def test_absolute_is_true_or_false() -> None:
    with pytest.raises(ValueError, match="absolute must be True or False; got 'yes'"):
        Saliency(absolute="yes")  # type: ignore[arg-type]


def test_equals_a_tape_on_what_the_model_returns() -> None:
    case = models.case("batchnorm_depthwise")
    x = tf.constant(case.inputs)
    with tf.GradientTape() as tape:
        tape.watch(x)
        probability = tf.gather(case.model(x, training=False), case.labels, batch_dims=1)
    found = tba.explain(case.model, case.inputs, "saliency", case.labels, output="as_is")
    np.testing.assert_allclose(found.scores, tape.gradient(probability, x), atol=1e-6)
    np.testing.assert_allclose(found.outputs, probability, atol=1e-6)


def test_a_token_gets_the_sum_over_its_embedding() -> None:
    # Mean of embeddings, then one linear unit: every unmasked token of T' has sum(w) / T'.
    case = models.case("tokens")
    embedding, _, hidden, head = case.model.layers
    found = tba.explain(case.model, case.inputs, Saliency(), 1, output="logits")
    mask = case.inputs != 0
    (w1, b1), (w2, _) = hidden.get_weights(), head.get_weights()
    mean = (embedding(case.inputs).numpy() * mask[..., None]).sum(1) / mask.sum(1, keepdims=True)
    slope = ((1 - np.tanh(mean @ w1 + b1) ** 2) * w2[:, 1]) @ w1.T  # [B, width]
    expected = np.where(mask, slope.sum(1, keepdims=True) / mask.sum(1, keepdims=True), 0)
    np.testing.assert_allclose(found.scores, expected, atol=1e-6)
