from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from tb_attribution_plugin.training import taps

L = keras.layers


def test_layers_are_named_by_their_path_and_once() -> None:
    shared = L.Dense(3, name="shared")
    inner = keras.Sequential([L.Input((3,)), shared, L.ReLU(name="relu")], name="inner")
    inputs = keras.Input((3,))
    model = keras.Model(inputs, shared(inner(inputs)))
    found = taps.named_layers(model)
    assert {"inner", "inner/relu"} <= set(found)
    assert [name for name, layer in found.items() if layer is shared] in (["shared"], ["inner/shared"])


def test_layers_of_one_name_in_a_subclassed_model_are_numbered() -> None:
    class Twice(keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.a, self.b = L.Dense(2, name="same"), L.Dense(2, name="same")

        def call(self, x: tf.Tensor) -> tf.Tensor:
            return self.b(self.a(x))

    assert list(taps.named_layers(Twice())) == ["same", "same#2"]


def test_a_tap_sees_every_call_and_may_replace_what_goes_in_and_comes_out() -> None:
    layer = L.Dense(2, kernel_initializer="ones", use_bias=False)
    layer(tf.ones((1, 2)))
    seen = []

    def around(tapped: Any, number: int, args: tuple[Any, ...], call: Any) -> Any:
        seen.append((tapped is layer, number, args[0].numpy().tolist()))
        return call(args[0] + 1) * 10

    with taps.tapped([layer], around):
        second = layer(layer(tf.ones((1, 2))))
    # (1 + 1) summed over two columns is 4, times 10; (40 + 1) over two is 82, times 10.
    assert seen == [(True, 0, [[1, 1]]), (True, 1, [[40, 40]])]
    np.testing.assert_array_equal(second, [[820, 820]])
    np.testing.assert_array_equal(layer(tf.ones((1, 2))), [[2, 2]])


def test_a_failing_call_leaves_no_tap_behind() -> None:
    layer = L.Dense(2)
    layer(tf.ones((1, 2)))

    def around(*_: Any) -> Any:
        raise RuntimeError("inside")

    with pytest.raises(RuntimeError, match="inside"), taps.tapped([layer], around):
        layer(tf.ones((1, 2)))
    assert "call" not in layer.__dict__
    assert layer(tf.ones((1, 2))).shape == (1, 2)


def test_a_users_own_call_is_put_back() -> None:
    layer = L.Dense(2)
    layer(tf.ones((1, 2)))
    mine = layer.call
    layer.__dict__["call"] = mine
    with taps.tapped([layer], lambda tapped, number, args, call: call(*args)):
        layer(tf.ones((1, 2)))
    assert layer.__dict__["call"] is mine
