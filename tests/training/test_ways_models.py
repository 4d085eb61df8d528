"""Training is the same with the callback, and its log is right, whatever state the model and its optimizer have."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.training import fits
from tests.training.fits import callback, fit, mlp, run, steps
from tests.training.ways import Batchwise, Observer, assert_maps_are_of_the_weights, assert_the_same, iterations

deterministic = pytest.mark.usefixtures("deterministic")
LOSS = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
layers = keras.layers


def guest(log_dir: Path, probe: Any = None, **changes: Any) -> Any:
    return callback(log_dir, probe, store="float32", on_error="raise", **({"update_freq": "auto"} | changes))


class Noise(layers.Layer):
    """Adds noise in training and inference, from a seed of its own and from Keras' global one."""

    def __init__(self) -> None:
        super().__init__()
        self.generator = keras.random.SeedGenerator(7)

    def call(self, x: tf.Tensor) -> tf.Tensor:
        shape = keras.ops.shape(x)
        return x + keras.random.normal(shape, seed=self.generator) + 0.1 * keras.random.normal(shape)


def noisy(optimizer: Any) -> keras.Model:
    inputs = keras.Input((4,))
    hidden = layers.Dense(5, activation="tanh", activity_regularizer="l2")(inputs)
    model = keras.Model(inputs, layers.Dense(3)(layers.GaussianNoise(0.1, seed=3)(Noise()(hidden))))
    model.compile(optimizer, LOSS, jit_compile=False)
    return model


def normalised(optimizer: Any) -> keras.Model:
    body = [layers.Dense(5), layers.BatchNormalization(momentum=0.9), layers.Activation("tanh"), layers.Dropout(0.2)]
    model = keras.Sequential([keras.Input((4,)), *body, layers.Dense(3)])
    model.compile(optimizer, LOSS, jit_compile=False)
    return model


def half(optimizer: Any) -> keras.Model:
    with_policy = {"dtype": "mixed_float16"}
    model = keras.Sequential(
        [
            keras.Input((4,)),
            layers.Dense(5, activation="tanh", **with_policy),
            layers.BatchNormalization(**with_policy),
            layers.Dense(3, dtype="float32"),
        ],
    )
    model.compile(keras.optimizers.LossScaleOptimizer(optimizer, initial_scale=2.0**17), LOSS, jit_compile=False)
    return model


def low_rank(optimizer: Any) -> keras.Model:
    model = keras.Sequential([keras.Input((4,)), layers.Dense(6, activation="tanh"), layers.Dense(3)])
    for layer in model.layers:
        layer.enable_lora(2)
    model.compile(optimizer, LOSS, jit_compile=False)
    return model


def averaged(optimizer: Any) -> keras.Model:
    model = mlp()
    optimizer = keras.optimizers.SGD(0.2, use_ema=True, ema_momentum=0.5, ema_overwrite_frequency=4)
    model.compile(optimizer, "sparse_categorical_crossentropy", jit_compile=False)
    return model


def scheduled(optimizer: Any) -> keras.Model:
    rate = keras.optimizers.schedules.PiecewiseConstantDecay([5, 12], [0.1, 0.05, 0.01])
    model = mlp()
    model.compile(keras.optimizers.AdamW(rate), "sparse_categorical_crossentropy", jit_compile=False)
    return model


@deterministic
@pytest.mark.parametrize("build", [noisy, normalised, half, low_rank, averaged, scheduled])
def test_model(tmp_path: Path, build: Callable[[Any], keras.Model]) -> None:
    def train(callbacks: list[Any]) -> keras.Model:
        model = build(keras.optimizers.Adam(0.05))
        fit(model, *callbacks, epochs=2, shuffle=True, validation_data=fits.table())
        return model

    model, observer = assert_the_same(train, [guest(tmp_path)])
    found = steps(tmp_path, "saliency")
    # A loss scale that was too large costs batches that train nothing.
    last = iterations(model)
    assert found[-1] == last == (20 if build is not half else last)
    assert found[:3] == [0, 1, 2]
    if build is not noisy:  # there `explain` has other seeds than the fit began with
        assert_maps_are_of_the_weights(tmp_path, model, observer, (2, last))


class Unbuilt(keras.Model):
    """Its variables are made when it is first called."""

    def __init__(self) -> None:
        super().__init__()
        self.body = [layers.Dense(5, activation="tanh"), Noise(), layers.Dropout(0.2), layers.Dense(3)]

    def call(self, x: tf.Tensor, training: bool = False) -> tf.Tensor:
        for layer in self.body:
            x = layer(x, training=training) if isinstance(layer, layers.Dropout) else layer(x)
        return x


@deterministic
@pytest.mark.parametrize("build", [Unbuilt, lambda: keras.Sequential([Noise(), layers.Dense(3)])])
def test_a_model_that_is_built_by_its_first_call(tmp_path: Path, build: Callable[[], keras.Model]) -> None:
    def train(callbacks: list[Any]) -> keras.Model:
        model = build()
        model.compile("sgd", LOSS, jit_compile=False)
        fit(model, *callbacks)
        return model

    assert_the_same(train, [guest(tmp_path)], Unseen)
    assert steps(tmp_path, "saliency") == [0, 1, 2, 4, 8, 10]


class Unseen(Observer):
    """There are no weights yet when training begins."""

    def _keep(self) -> None:
        pass


@deterministic
def test_a_stateful_recurrent_model(tmp_path: Path) -> None:
    x = np.random.default_rng(0).normal(size=(16, 5, 3)).astype(np.float32)
    y = (x[:, 0, 0] > 0).astype(np.int64)

    def train(callbacks: list[Any]) -> keras.Model:
        inputs = keras.Input(batch_shape=(4, 5, 3))
        model = keras.Model(inputs, layers.Dense(2)(layers.LSTM(4, stateful=True)(inputs)))
        model.compile("adam", LOSS, jit_compile=False)
        model.fit(x, y, batch_size=4, epochs=2, verbose=0, shuffle=False, callbacks=callbacks)
        return model

    model, observer = assert_the_same(train, [guest(tmp_path, (x[:4], y[:4]))])
    assert steps(tmp_path, "saliency") == [0, 1, 2, 4, 8]
    assert_maps_are_of_the_weights(tmp_path, model, observer, (1, 8), (x[:4], y[:4]))


class TwoOptimizers(keras.Model):
    """Trains its body and its head apart."""

    def __init__(self) -> None:
        super().__init__()
        self.body = layers.Dense(5, activation="tanh")
        self.head = layers.Dense(3)

    def compile(self, **others: Any) -> None:
        super().compile(**others)
        self.optimizer_of_body = keras.optimizers.Adam(0.05)
        self.optimizer_of_head = keras.optimizers.SGD(0.5)

    def call(self, x: tf.Tensor) -> tf.Tensor:
        return self.head(self.body(x))

    def train_step(self, data: Any) -> dict[str, Any]:
        x, y = data
        with tf.GradientTape(persistent=True) as tape:
            loss = LOSS(y, self(x, training=True))
        for optimizer, part in ((self.optimizer_of_body, self.body), (self.optimizer_of_head, self.head)):
            variables = part.trainable_variables
            optimizer.apply(tape.gradient(loss, variables), variables)
        return {"loss": loss}


@deterministic
@pytest.mark.parametrize(
    "compiled", [{"optimizer": None, "loss": None}, {}, {"steps_per_execution": 5}], ids=["none", "unused", "several"]
)
def test_two_optimizers_are_counted_in_batches(tmp_path: Path, compiled: dict[str, Any]) -> None:
    """`super().compile()` gives a model an optimizer that its train_step never uses: nothing is counted there."""

    def train(callbacks: list[Any]) -> keras.Model:
        model = TwoOptimizers()
        model.build((None, 4))
        model.compile(**({"jit_compile": False} | compiled))
        fit(model, *callbacks, epochs=2)
        return model

    model, observer = assert_the_same(train, [guest(tmp_path, update_freq=4)], Batchwise)
    if "steps_per_execution" in compiled:
        assert steps(tmp_path, "saliency") == [0, 5, 10, 15, 20]
        return
    assert steps(tmp_path, "saliency") == [0, 4, 8, 12, 16, 20]
    assert [point.step for point in run(tmp_path).scalars["fit/loss"]] == [4, 8, 10, 12, 16, 20]
    assert_maps_are_of_the_weights(tmp_path, model, observer, (4, 20))


def test_batches_are_counted_in_an_epoch_whose_length_is_numpys(tmp_path: Path) -> None:
    model = TwoOptimizers()
    model(fits.table()[0][:1])
    model.compile(jit_compile=False)
    endless = tf.data.Dataset.from_tensor_slices(fits.table()).batch(4).repeat()
    model.fit(endless, steps_per_epoch=np.int64(6), epochs=2, verbose=0, callbacks=[guest(tmp_path)])
    assert steps(tmp_path, "saliency") == [0, 1, 2, 4, 6, 12]


class TwoUpdates(keras.Model):
    """Its train_step moves the weights twice a batch."""

    def train_step(self, data: Any) -> dict[str, Any]:
        super().train_step(data)
        return super().train_step(data)


def test_iterations_that_rise_by_two_a_batch(tmp_path: Path) -> None:
    inputs = keras.Input((4,))
    model = TwoUpdates(inputs, layers.Dense(3)(inputs))
    model.compile("sgd", LOSS, jit_compile=False)
    fit(model, guest(tmp_path, update_freq=8), epochs=2)
    assert int(model.optimizer.iterations) == 40
    assert steps(tmp_path, "saliency") == [0, 8, 16, 24, 32, 40]


def test_iterations_that_rise_every_third_batch(tmp_path: Path) -> None:
    model = mlp()
    model.compile(
        keras.optimizers.SGD(0.1, gradient_accumulation_steps=3), "sparse_categorical_crossentropy", jit_compile=False
    )
    fit(model, guest(tmp_path, update_freq=2), epochs=3)
    assert steps(tmp_path, "saliency") == [0, 2, 4, 6, 8, 10]
