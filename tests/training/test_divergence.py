"""What is said of maps that are not finite."""

from __future__ import annotations

import keras
import numpy as np
import pytest

import tb_attribution_plugin as tba
from tb_attribution_plugin.attribution import Attribution
from tb_attribution_plugin.training.divergence import explained, not_finite


def variables(*values: float) -> list[keras.Variable]:
    ids = keras.Variable(np.array([1, 2]), dtype="int32", trainable=False)
    return [ids, *(keras.Variable(np.array([1.0, value]), name=f"w{i}") for i, value in enumerate(values))]


def test_examples_are_found_over_all_inputs() -> None:
    left, right = np.zeros((3, 2)), np.zeros((3, 2, 2))
    left[0, 1], right[0, 1, 1], right[2, 0, 0] = np.nan, np.inf, -np.inf
    found = not_finite({"a": Attribution({"l": left, "r": right}), "b": Attribution(np.zeros((3, 4)))})
    assert found == {"a": [0, 2]}


def test_weights_are_the_cause_where_they_are_not_finite() -> None:
    message = explained({"ig": [0, 2]}, 7, 3, variables(1.0, np.nan, np.inf))
    assert message.startswith("maps hold NaN or infinity at step 7: ig (2 of 3 examples: 0, 2); 2 of the model's 3 ")
    assert "the first is w1: training has diverged. Lower the learning rate" in message


def test_sound_weights_leave_the_gradients() -> None:
    message = explained({"ig": [1], "cam": [0, 1, 2]}, 0, 3, variables(1.0))
    assert "ig (1 of 3 examples: 1), cam (3 of 3 examples); the model's weights are finite, so its outputs" in message
    assert "add a small constant there. They are logged as they are" in message


def test_a_map_that_is_not_logged_is_told_of_too(capsys: pytest.CaptureFixture[str]) -> None:
    inputs = keras.Input((4,))
    model = keras.Model(inputs, keras.layers.Dense(3)(keras.ops.sqrt(keras.ops.abs(inputs))))
    x = np.array([[1, 2, 3, 4], [0, 1, 2, 3]], np.float32)
    found = tba.explain(model, x, "saliency", 0)
    assert np.isfinite(found.scores).all(1).tolist() == [True, False]
    said = capsys.readouterr().out
    assert "attribution: maps hold NaN or infinity: saliency (1 of 2 examples: 1); the model's weights are" in said
    assert "logged" not in said


def test_a_few_of_many_examples_are_named() -> None:
    message = explained({"ig": list(range(2, 40))}, 0, 64, variables(1.0))
    assert "ig (38 of 64 examples: 2, 3, 4, 5, 6, ...); " in message
