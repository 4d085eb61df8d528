"""What cannot be followed back: the sentence names the method, the operation, its layer, why, and what to do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

import tb_attribution_plugin as tba
from tb_attribution_plugin.methods import LRP, DeepSHAP

L = keras.layers
X = np.random.default_rng(0).normal(size=(2, 6)).astype(np.float32)
EITHER = r"explain a part of the model behind it, or use a method of .*\(kernel_shap\)"
LOOP = r"is of a loop \(.*\), which is not followed back step by step; unroll the loop: a Python for .*" + EITHER


class Own(L.Layer):
    def __init__(self, function: Callable[[tf.Tensor], tf.Tensor]) -> None:
        super().__init__(name="mine")
        self.function = function

    def call(self, x: Any) -> Any:
        return self.function(x)

    def compute_output_shape(self, shape: Any) -> Any:
        return shape


def by_array(x: tf.Tensor) -> tf.Tensor:
    array = tf.TensorArray(tf.float32, 6, element_shape=(None,))
    for place in range(6):
        array = array.write(place, tf.tanh(x[:, place]))
    return tf.transpose(array.stack())


LOOPS: dict[str, Callable[[tf.Tensor], tf.Tensor]] = {
    "while": lambda x: tf.while_loop(lambda i, _: i < 3, lambda i, y: (i + 1, tf.tanh(y)), (0, x))[1],
    "map": lambda x: tf.map_fn(tf.tanh, x),
    "scan": lambda x: tf.transpose(tf.scan(lambda a, b: a + tf.tanh(b), tf.transpose(x))),
    "array": by_array,
}
INDICES: dict[str, Callable[[tf.Tensor], tf.Tensor]] = {
    "GatherV2": lambda x: x * tf.gather(tf.range(7.0), tf.cast(tf.sigmoid(x) * 6, tf.int32)),
    "ScatterNd": lambda x: x * tf.scatter_nd(tf.cast(tf.sigmoid(x[:1, :, None]) * 6, tf.int32), tf.ones((1, 6)), [6]),
    "OneHot": lambda x: x * tf.one_hot(tf.cast(tf.sigmoid(x[:, 0]) * 6, tf.int32), 6),
}


def explained(function: Callable[[tf.Tensor], tf.Tensor], method: Any) -> None:
    model = keras.Sequential([keras.Input((6,)), Own(function), L.Dense(2)])
    tba.explain(model, X, method, 1, output="as_is", batch_size=1)


@pytest.mark.parametrize("method", [DeepSHAP(background=X + 1), LRP()])
@pytest.mark.parametrize("name", LOOPS)
def test_a_loop_is_called_one(name: str, method: Any) -> None:
    with pytest.raises(ValueError, match=rf"(DeepSHAP|LRP): operation \w+ \(.*mine.*\) {LOOP}"):
        explained(LOOPS[name], method)


@pytest.mark.parametrize("name", INDICES)
def test_an_index_that_depends_on_the_inputs_has_no_share(name: str) -> None:
    words = rf"DeepSHAP: operation {name} \(.*mine.*\) takes or puts values at an index that depends on the inputs"
    with pytest.raises(ValueError, match=rf"{words} .*; {EITHER}"):
        explained(INDICES[name], DeepSHAP(background=X + 1))


def test_counting_is_no_operation_of_the_list() -> None:
    words = r"operation Cumsum \(.*mine.*\) has no rule for whole numbers, .*; cast them to floats before it, "
    with pytest.raises(ValueError, match=words + EITHER):
        explained(lambda x: tf.cast(tf.cumsum(tf.cast(x, tf.int32), 1), tf.float32), DeepSHAP(background=X + 1))


def test_categories_of_bins_are_an_index() -> None:
    layers = [L.Discretization(bin_boundaries=[0.0, 1.0]), L.Embedding(4, 3), L.Flatten(), L.Dense(2)]
    model = keras.Sequential([keras.Input((6,)), *layers])
    with pytest.raises(
        ValueError, match=r"operation GatherV2 \(.*embedding.*\) .* an index that depends on .*Discretiz"
    ):
        tba.explain(model, X, DeepSHAP(background=X + 1), 1)
    for method in ("lrp", "saliency"):  # neither says 0 of all
        with pytest.raises(ValueError, match=r"only through bins \(Discretization\).*ends at (Bucketize|Cast) \("):
            tba.explain(model, X, method, 1)


@pytest.mark.parametrize("method", [DeepSHAP(background=X + 1), LRP()])
def test_a_power_of_two_that_depend_on_the_inputs_is_written_otherwise(method: Any) -> None:
    words = rf"(DeepSHAP|LRP): operation Pow \(.*mine.*\) of two tensors .* has no rule; write it .*exp.*, {EITHER}"
    with pytest.raises(ValueError, match=words):
        explained(lambda x: tf.pow(tf.abs(x) + 1, tf.sigmoid(x)), method)
    explained(lambda x: tf.exp(tf.sigmoid(x) * tf.math.log(tf.abs(x) + 1)), method)
