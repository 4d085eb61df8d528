"""Input x gradient on functions whose slopes can be read off."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from tb_attribution_plugin.methods import InputXGradient, contract


def test_a_linear_function_is_taken_apart_but_for_its_constant() -> None:
    weights = tf.constant([1.5, -2.0, 0.25])
    function = contract.from_function(lambda x: tf.linalg.matvec(x, weights) + 0.7)
    found = InputXGradient()(function, tf.constant([[2.0, 1.0, -4.0]]))
    np.testing.assert_allclose(found.scores, [[3.0, -2.0, -1.0]])
    np.testing.assert_allclose(found.outputs, [0.7])


def test_a_square_counts_twice() -> None:
    found = InputXGradient()(contract.from_function(lambda x: tf.reduce_sum(x**2, 1)), tf.constant([[3.0, 0.0]]))
    np.testing.assert_allclose(found.scores, [[18.0, 0.0]])


def test_values_taken_into_a_users_graph_are_refused_as_others_are() -> None:
    """They have no op that could be named."""
    x = tf.ones((2, 3))
    model = contract.from_function(lambda x: tf.reduce_sum(tf.round(x), 1))
    with pytest.raises(ValueError, match="does not depend on the inputs, or only through"):
        tf.function(lambda: InputXGradient()(model, x).scores, autograph=False)()
