"""What cannot be explained is refused with its reason and the fix, and what is close to it works."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

import tb_attribution_plugin as tba
from tests.zoo.images import ClassToken
from tests.zoo.specimen import LABELS, Specimen, images, rows, token_ids

L = keras.layers
PICTURES = images()


class ChannelsFirst(L.Layer):
    """A convolution of 1 x 1. Those of Keras run with their channels first on some kinds of CPU alone."""

    data_format = "channels_first"

    def build(self, shape: Any) -> None:
        self.kernel = self.add_weight(shape=(shape[1], 4))

    def call(self, x: Any) -> Any:
        return tf.einsum("bchw,cd->bdhw", x, self.kernel)


def channels_first() -> keras.Model:
    conv = ChannelsFirst(name="conv")
    return keras.Sequential([keras.Input((3, 8, 8)), conv, L.ReLU(name="relu"), L.Flatten(), L.Dense(3)])


@pytest.mark.parametrize("layer", [None, "relu", "conv"])
def test_a_map_of_channels_first(layer: str | None) -> None:
    model = channels_first()
    with pytest.raises(ValueError, match=r"layer '(relu|conv)' has its channels first; .*data_format='channels_last'"):
        tba.explain(model, PICTURES.transpose(0, 3, 1, 2), tba.methods.GradCAM(layer=layer), 0)
    assert tba.explain(model, PICTURES.transpose(0, 3, 1, 2), "saliency", 0).scores.shape == (5, 3, 8, 8)


def test_a_class_token_that_no_attention_mixes() -> None:
    inputs = keras.Input((8, 8, 3))
    tokens = ClassToken(name="class_token")(L.Reshape((16, 6))(L.Conv2D(6, 2, 2)(inputs)))
    x = L.Permute((2, 1))(L.Dense(17, name="across")(L.Permute((2, 1))(tokens)))
    model = keras.Model(inputs, L.Dense(3, name="head")(L.LayerNormalization(name="last")(x)[:, 0]))
    with pytest.raises(
        ValueError, match=r"only some of the tokens that layer 'last' gives, .* name the layer to draw: "
    ):
        tba.explain(model, PICTURES, "grad_cam", 0)
    named = tba.methods.GradCAM(layer="class_token")
    assert np.abs(tba.explain(model, PICTURES, named, 0).scores).max() > 0


def test_a_bag_of_categories_has_no_place_for_scores() -> None:
    ids = keras.Input((7,), dtype="int32")
    bag = L.CategoryEncoding(20, output_mode="multi_hot", name="bag")(ids)
    model = keras.Model(ids, L.Dense(3, activation="softmax", name="head")(bag))
    with pytest.raises(
        ValueError, match=r"layer 'bag' makes one vector \(20,\) of all categories .* explain the model behind"
    ):
        tba.explain(model, token_ids(), "saliency", LABELS)
    behind = keras.Model(bag, model.output)
    found = tba.explain(behind, model.get_layer("bag")(token_ids()), "saliency", LABELS)
    kernel = model.get_layer("head").get_weights()[0]
    expected = [kernel[:, c] - np.delete(kernel, c, 1).mean(1) for c in LABELS]
    np.testing.assert_allclose(found.scores, expected, atol=1e-6)


class OwnScale(keras.Model):
    """Reads bytes in a way of its own."""

    def __init__(self, scale: Any) -> None:
        super().__init__()
        self.scale, self.dense = scale, L.Dense(3)

    def call(self, x: Any) -> Any:
        return self.dense(tf.reduce_mean(self.scale(x), (1, 2)))


@pytest.mark.parametrize(
    "scale", [lambda x: tf.image.convert_image_dtype(x, tf.float32), lambda x: tf.cast(x + x, tf.float32)]
)
def test_bytes_that_mean_something_else_as_floats(scale: Any) -> None:
    model, x = OwnScale(scale), (255 * PICTURES).astype(np.uint8)
    with pytest.raises(ValueError, match=r"other outputs for uint8 inputs than for floats .* keras.layers.Rescaling"):
        tba.explain(model, x, "saliency", 0)
    cast = OwnScale(lambda x: tf.cast(x, tf.float32) / 255)
    found = tba.explain(cast, x, "saliency", 0, output="logits")
    expected = cast.dense.get_weights()[0][:, 0] / 255 / 64  # the mean is over 64 pixels
    np.testing.assert_allclose(found.scores, np.broadcast_to(expected, x.shape), rtol=1e-5)


def test_a_saved_model_is_explained_at_its_inputs(tmp_path: Path) -> None:
    inside = keras.Sequential([keras.Input((8, 8, 3)), L.Conv2D(4, 3, activation="tanh"), L.GlobalAveragePooling2D()])
    inside.add(L.Dense(3, activation="softmax"))
    inside.export(str(tmp_path))
    inputs = keras.Input((8, 8, 3))
    outputs = L.TFSMLayer(str(tmp_path), call_endpoint="serve", name="saved")(inputs)
    model = keras.Model(inputs, outputs)
    for method in ("saliency", "integrated_gradients"):
        found, expected = (tba.explain(one, PICTURES, method, LABELS).scores for one in (model, inside))
        # Its softmax is inside, so that logits come from probabilities.
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-4 * np.abs(expected).max())
    with pytest.raises(
        ValueError, match=r"no layer .* inside the SavedModel of 'saved' cannot be seen\); use a method"
    ):
        tba.explain(model, PICTURES, "grad_cam", LABELS)


def test_a_layer_without_a_part_in_the_outputs() -> None:
    inputs = keras.Input((8, 8, 3))
    used = L.Conv2D(2, 3, name="used")(inputs)
    unused = L.Conv2D(2, 3, name="unused")(used)
    whole = keras.Model(inputs, [L.Dense(3)(L.Flatten()(used)), unused])

    class First(keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.whole = whole

        def call(self, x: Any) -> Any:
            return self.whole(x)[0]

    with pytest.raises(ValueError, match=r"layer '.*/unused' has no part in the logits, .* spatial output: .*used"):
        tba.explain(First(), PICTURES, tba.methods.GradCAM(layer="unused"), 0)


class Own(L.Layer):
    """A layer of the user's."""

    def __init__(self, function: Any, **options: Any) -> None:
        super().__init__(**options)
        self.function = function

    def call(self, x: Any) -> Any:
        return tf.ensure_shape(self.function(x), x.shape)


@pytest.mark.parametrize(
    ("function", "op"),
    [
        (lambda x: tf.numpy_function(np.tanh, [x], tf.float32), "PyFunc"),
        (tf.stop_gradient, "StopGradient"),
        (lambda x: tf.tanh(tf.round(x)), "Round"),
        (lambda x: tf.one_hot(tf.argmax(x, 1), 8), "ArgMax"),
    ],
)
def test_a_layer_without_a_gradient_is_named(function: Any, op: str) -> None:
    own = Own(function, name="own_layer")
    model = keras.Sequential([keras.Input((6,)), L.Dense(8, activation="relu"), own, L.Dense(3)])
    with pytest.raises(ValueError, match=rf"it ends at {op} \([^,]*own_layer[^,]*/{op}\)\. .*tf.custom_gradient"):
        tba.explain(model, rows(), "saliency", 0)


@tf.custom_gradient
def failing(x: tf.Tensor) -> Any:
    def gradient(upstream: tf.Tensor) -> tf.Tensor:
        raise NotImplementedError("no gradient yet")

    return tf.identity(x), gradient


def test_a_gradient_that_fails_does_not_hide_that_none_arrives() -> None:
    own = Own(lambda x: tf.round(failing(x)))
    model = keras.Sequential([keras.Input((6,)), own, L.Dense(3)])
    with pytest.raises(ValueError, match="does not depend on the inputs, or only through bins"):
        tba.explain(model, rows(), "saliency", 0)


def test_an_output_that_no_input_reaches_is_said() -> None:
    model = keras.Sequential([keras.Input((6,)), Own(tf.ones_like), L.Dense(3)])
    with pytest.raises(ValueError, match="does not depend on the inputs: the explained output is the same for all"):
        tba.explain(model, rows(), "saliency", 0)


def test_a_way_around_a_layer_without_a_gradient_is_explained() -> None:
    inputs = keras.Input((6,))
    outputs = L.Dense(3, use_bias=False)(L.Add()([inputs, Own(tf.stop_gradient)(inputs)]))
    model = keras.Model(inputs, outputs)
    found = tba.explain(model, rows(), "saliency", 0, output="logits")
    np.testing.assert_allclose(found.scores, np.broadcast_to(model.get_weights()[0][:, 0], found.scores.shape))


def test_an_input_behind_bins_has_no_gradient() -> None:
    bins = L.Discretization(bin_boundaries=[-0.5, 0.0, 0.5], output_mode="int")
    bins_as_numbers = L.Lambda(lambda x: tf.cast(x, tf.float32), output_shape=(6,))
    model = keras.Sequential([keras.Input((6,)), bins, bins_as_numbers, L.Dense(3)])
    with pytest.raises(ValueError, match=r"only through bins .* Explain the part of the model behind"):
        tba.explain(model, rows(), "saliency", 0)


def test_a_quantised_model_is_explained_as_it_is() -> None:
    def build() -> keras.Model:
        return keras.Sequential([keras.Input((6,)), L.Dense(8, activation="relu"), L.Dense(3, activation="softmax")])

    model = Specimen(build, rows).made()
    model.quantize("int8")
    x = tf.constant(rows())
    with tf.GradientTape() as tape:
        tape.watch(x)
        logits = tf.math.log(model(x, training=False))
        own = tf.gather(logits, LABELS, batch_dims=1)
        margin = own - (tf.reduce_sum(logits, 1) - own) / 2
    found = tba.explain(model, rows(), "saliency", LABELS)
    np.testing.assert_allclose(found.outputs, margin, atol=1e-5)
    np.testing.assert_allclose(found.scores, tape.gradient(margin, x), atol=1e-5)


@pytest.mark.parametrize("method", [tba.methods.GradCAM, tba.methods.LayerConductance])
@pytest.mark.parametrize("batch_size", [5, 2])
def test_the_layer_that_stops_gradients_behind_the_explained_one_is_named(method: Any, batch_size: int) -> None:
    whole = L.Lambda(lambda x: tf.round(x * 8), name="whole")
    layers = [L.Conv2D(4, 3, name="before"), whole, L.Conv2D(4, 3, name="behind"), L.GlobalMaxPooling2D(), L.Dense(3)]
    model = keras.Sequential([keras.Input((8, 8, 3)), *layers])
    with pytest.raises(ValueError, match=r"what layer 'before' gives, .* it ends at Round \(\S*whole\S*\); name"):
        tba.explain(model, PICTURES, method(layer="before"), 0, batch_size=batch_size)
    assert np.abs(tba.explain(model, PICTURES, method(layer="behind"), 0).scores).max() > 0


UNKNOWN = np.full(7, 25, np.int32)


@pytest.mark.parametrize(
    "method",
    [
        tba.methods.IntegratedGradients(baseline=25),
        tba.methods.ExpectedGradients(background=UNKNOWN[None]),
        tba.methods.KernelSHAP(background=UNKNOWN[None]),
        tba.methods.DeepSHAP(background=UNKNOWN[None]),
    ],
    ids=lambda method: method.name,
)
def test_an_id_outside_of_the_vocabulary(method: Any) -> None:
    model = keras.Sequential([keras.Input((7,), dtype="int32"), L.Embedding(20, 4), L.GlobalMaxPooling1D(), L.Dense(3)])
    ids = np.random.default_rng(0).integers(1, 20, (5, 7)).astype(np.int32)
    found = r"looks up id {} in a table of 20 rows at \S*embedding\S*: the inputs, the baseline and .* rows 0 to 19"
    with tf.device("CPU:0"):  # a GPU reads zeros there and says nothing
        with pytest.raises(ValueError, match=found.format(25)):
            tba.explain(model, ids, method, 0)
        with pytest.raises(ValueError, match=found.format(33)):
            tba.explain(model, np.full_like(ids, 33), "saliency", 0)
