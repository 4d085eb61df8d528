"""Class activation maps of a network small enough to be worked out on paper, and what they share."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest

import tb_attribution_plugin as tba
from tb_attribution_plugin import methods

# A 2 x 2 picture is its layer's one channel; the head weighs its cells by these, so they are the gradient.
PICTURE = np.array([[1.0, 2.0], [3.0, -4.0]], np.float32)
GRADIENT = np.array([[0.5, -1.0], [2.0, 0.0]], np.float32)


def flat_head() -> Any:
    model = keras.Sequential(
        [
            keras.layers.Input((2, 2, 1)),
            keras.layers.Conv2D(1, 1, kernel_initializer="ones", name="conv"),
            keras.layers.Flatten(),
            keras.layers.Dense(1, name="head"),
        ]
    )
    model.get_layer("head").set_weights([GRADIENT.reshape(4, 1), np.array([0.25], np.float32)])
    return model


def scores(method: Any) -> np.ndarray:
    return np.asarray(tba.explain(flat_head(), PICTURE[None, ..., None], method).scores)[0, ..., 0]


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        # The mean gradient is 1.5 / 4.
        (methods.GradCAM(), 0.375 * PICTURE),
        (methods.HiResCAM(), GRADIENT * PICTURE),
        (methods.LayerCAM(), np.maximum(GRADIENT, 0) * PICTURE),
        # Sum of g A over sum of A: (0.5 - 2 + 6) / 2.
        (methods.XGradCAM(), 2.25 * PICTURE),
        # Sum of max(g, 0) / (2 + 2 g): 0.5 / 3 + 2 / 6.
        (methods.GradCAMPlusPlus(), 0.5 * PICTURE),
        # One channel is its own principal direction; the sum, 2, is not negative as it is.
        (methods.EigenCAM(), PICTURE),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_a_map_by_hand(method: Any, expected: np.ndarray) -> None:
    np.testing.assert_allclose(scores(method), expected, rtol=1e-5, atol=1e-6)


def test_cells_of_hires_cam_add_up_to_the_logit_but_for_the_bias() -> None:
    found = tba.explain(flat_head(), PICTURE[None, ..., None], methods.HiResCAM())
    np.testing.assert_allclose(found.scores.sum(), found.outputs[0] - 0.25, rtol=1e-6)


def test_the_sum_of_an_eigen_cam_is_not_negative() -> None:
    model = flat_head()
    model.get_layer("conv").set_weights([np.full((1, 1, 1, 1), -1, np.float32), np.zeros(1, np.float32)])
    found = tba.explain(model, PICTURE[None, ..., None], methods.EigenCAM())
    np.testing.assert_allclose(found.scores[0, ..., 0], PICTURE, rtol=1e-5)  # of A = -PICTURE


def test_more_cells_than_channels_and_fewer_give_one_eigen_cam() -> None:
    """Both Gram matrices have the same principal direction: 9 cells of 2 channels, and of 2 with 20 zeros."""
    pictures = np.random.default_rng(0).uniform(0, 1, (3, 3, 3, 2)).astype(np.float32)

    def found(channels: int) -> np.ndarray:
        kernel = np.zeros((1, 1, 2, channels), np.float32)
        kernel[0, 0, :, :2] = np.eye(2)
        conv = keras.layers.Conv2D(channels, 1, name="conv")
        pool = keras.layers.GlobalAveragePooling2D()
        model = keras.Sequential([keras.layers.Input((3, 3, 2)), conv, pool, keras.layers.Dense(1)])
        conv.set_weights([kernel, np.zeros(channels, np.float32)])
        return np.asarray(tba.explain(model, pictures, methods.EigenCAM()).scores)

    np.testing.assert_allclose(found(22), found(2), rtol=1e-4, atol=1e-5)


CAMS = [name for name in methods.__all__ if hasattr(getattr(methods, name), "layer")]


@pytest.mark.parametrize("name", CAMS)
def test_a_layer_without_a_grid_is_refused(name: str) -> None:
    method = getattr(methods, name)(layer="head")
    with pytest.raises(ValueError, match=r"'head' has no spatial grid to draw on: its output is \(1, 1\)"):
        tba.explain(flat_head(), PICTURE[None, ..., None], method)


@pytest.mark.parametrize("epsilon", [-1, float("nan"), float("inf"), True, "a"])
def test_an_epsilon_that_is_no_number_from_0_up_is_refused(epsilon: Any) -> None:
    with pytest.raises(ValueError, match="epsilon must be a number, at least 0; got"):
        methods.GradCAMPlusPlus(epsilon=epsilon)
