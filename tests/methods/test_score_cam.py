"""Score-CAM by hand, and what it lays its grid over."""

from __future__ import annotations

import keras
import numpy as np
import pytest

import tb_attribution_plugin as tba
from tb_attribution_plugin.methods import ScoreCAM
from tests.methods import models

L = keras.layers
PICTURE = np.array([[1.0, 2.0], [3.0, 5.0]], np.float32)


def two_channels() -> keras.Model:
    """A 2 x 2 picture, and its negative, as channels; f is the sum of the picture plus a bias."""
    conv = L.Conv2D(2, 1, use_bias=False, name="conv")
    inputs = keras.Input((2, 2, 1))
    head = L.Dense(1, name="head", kernel_initializer=keras.initializers.Constant([[1.0], [0.0]]))
    model = keras.Model(inputs, head(keras.ops.sum(conv(inputs), axis=(1, 2))))
    conv.set_weights([np.array([1.0, -1.0], np.float32).reshape(1, 1, 1, 2)])
    return model


def test_a_map_by_hand() -> None:
    """Masks of the two channels are (A - 1) / 4 and (5 - A) / 4; f of the masked picture is the sum of A times them."""
    found = tba.explain(two_channels(), PICTURE[None, ..., None], ScoreCAM())
    scores = [(PICTURE * (PICTURE - 1) / 4).sum(), (PICTURE * (5 - PICTURE) / 4).sum()]
    weights = np.exp(scores) / np.exp(scores).sum()
    np.testing.assert_allclose(found.scores[0, ..., 0], (weights[0] - weights[1]) * PICTURE, rtol=1e-5)
    np.testing.assert_array_equal(found.evaluations, [3])


def test_a_dead_channel_is_scored_as_an_input_of_zeros() -> None:
    model = two_channels()
    model.get_layer("conv").set_weights([np.array([1.0, 0.0], np.float32).reshape(1, 1, 1, 2)])
    found = tba.explain(model, PICTURE[None, ..., None], ScoreCAM())
    first = (PICTURE * (PICTURE - 1) / 4).sum()  # the other one scores 0
    np.testing.assert_allclose(found.scores[0, ..., 0], np.exp(first) / (1 + np.exp(first)) * PICTURE, rtol=1e-5)


def test_only_the_channels_that_vary_most_of_each_example() -> None:
    """Of 1 x 1 filters the one of the largest weight varies most; alone it has all the weight."""
    model, x = models.case("functional_cnn").model, models.images()
    some = tba.explain(model, x, ScoreCAM(layer="conv2", channels=1), 0)
    at_layer = keras.Model(model.inputs, model.get_layer("conv2").output)(x).numpy()
    most = at_layer.std((1, 2)).argmax(1)
    expected = [one[..., channel] for one, channel in zip(at_layer, most, strict=True)]
    np.testing.assert_allclose(some.scores[..., 0], expected, atol=1e-6)
    np.testing.assert_array_equal(some.evaluations, np.full(models.EXAMPLES, 2))
    every, more = (
        tba.explain(model, x, ScoreCAM(layer="conv2", channels=channels), 0).scores for channels in (None, 99)
    )
    np.testing.assert_array_equal(every, more)


def test_a_picture_without_a_channel_axis_is_covered_too() -> None:
    inner = two_channels()
    inputs = keras.Input((2, 2))
    model = keras.Model(inputs, inner(L.Reshape((2, 2, 1))(inputs)))
    expected = tba.explain(inner, PICTURE[None, ..., None], ScoreCAM(layer="conv"))
    found = tba.explain(model, PICTURE[None], ScoreCAM(layer="conv"))
    np.testing.assert_allclose(found.scores, expected.scores, rtol=1e-5)


def test_a_grid_that_cannot_be_laid_over_the_inputs_is_refused() -> None:
    layers = [keras.Input((8, 8, 3)), L.Reshape((16, 12)), L.Conv1D(4, 2, name="conv"), L.Flatten(), L.Dense(1)]
    with pytest.raises(ValueError, match=r"layer 'conv' has the grid \(15,\), which cannot be laid over .*use GradCAM"):
        tba.explain(keras.Sequential(layers), models.images(), ScoreCAM())


@pytest.mark.parametrize("channels", [0, -1, 2.0, True])
def test_channels_are_a_whole_number(channels: object) -> None:
    with pytest.raises(ValueError, match=r"channels must be a whole number, at least 1, or None for all; got"):
        ScoreCAM(channels=channels)  # type: ignore[arg-type]
