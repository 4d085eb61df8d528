"""Debiased statistics in every kind of model and way of training, against statistics that are corrected by hand."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

import tb_attribution_plugin as tba
from tb_attribution_plugin.training.warmth import Warmth
from tests.training import fits
from tests.training.fits import callback, fit, run

layers = keras.layers
X, Y = fits.table()
X = 3 + 2 * X  # far from mean 0 and variance 1
LOSS = keras.losses.SparseCategoricalCrossentropy(from_logits=True)


def compiled(model: keras.Model, **changes: Any) -> keras.Model:
    model.compile(**({"optimizer": keras.optimizers.SGD(0.05), "loss": LOSS, "jit_compile": False} | changes))
    return model


def trained(model: keras.Model, guest: Any, epochs: int = 1, initial_epoch: int = 0) -> None:
    """10 batches of 4 rows an epoch."""
    model.fit(X, Y, batch_size=4, epochs=epochs, initial_epoch=initial_epoch, verbose=0, callbacks=[guest])


def guest(log_dir: Path, **changes: Any) -> Any:
    arguments = {"batchnorm": "debiased", "store": "float32", "on_error": "raise"}
    return callback(log_dir, (X[:5], Y[:5]), **(arguments | changes))


def assert_debiased(log_dir: Path, model: keras.Model, step: int, updates: Mapping[str, int]) -> None:
    """The maps at the last step are those of statistics that were updated so often, the start (0, 1) taken out."""
    before = model.get_weights()
    changed = False
    for layer in model._flatten_layers():
        if isinstance(layer, layers.BatchNormalization):
            left = layer.momentum ** updates[layer.name] if updates[layer.name] else 0.0
            mean, variance = (np.asarray(one.numpy(), np.float64) for one in (layer.moving_mean, layer.moving_variance))
            layer.moving_mean.assign(mean / (1 - left))
            layer.moving_variance.assign((variance - left) / (1 - left))
            changed = changed or left > 0
    expected = tba.explain(model, X[:5], "saliency", Y[:5]).scores
    model.set_weights(before)
    lagging = tba.explain(model, X[:5], "saliency", Y[:5]).scores
    found = run(log_dir).series["saliency"].maps(step).scores[0].reshape(expected.shape)
    np.testing.assert_allclose(found, expected, atol=1e-4 * np.abs(expected).max())
    assert changed == (np.abs(expected - lagging).max() > 1e-2 * np.abs(expected).max())


class Subclassed(keras.Model):
    """Layers in a list and in a dict, and a model inside."""

    def __init__(self) -> None:
        super().__init__()
        self.norms = [layers.BatchNormalization(momentum=0.9, name="listed")]
        self.inside = {"model": keras.Sequential([layers.Dense(5), layers.BatchNormalization(name="nested")])}
        self.head = layers.Dense(3)

    def call(self, x: tf.Tensor, training: bool = False) -> tf.Tensor:
        x = self.norms[0](x, training=training)
        return self.head(keras.ops.tanh(self.inside["model"](x, training=training)))


def nested() -> keras.Model:
    inner = keras.Sequential(
        [keras.Input((4,)), layers.Dense(5), layers.BatchNormalization(momentum=0.9, synchronized=True, name="listed")]
    )
    body = [inner, layers.Activation("tanh"), layers.BatchNormalization(name="nested")]
    return keras.Sequential([keras.Input((4,)), keras.Sequential(body), layers.Dense(3)])


@pytest.mark.parametrize("build", [Subclassed, nested])
def test_subclassed_and_nested_models_with_a_momentum_for_each_layer(tmp_path: Path, build: Any) -> None:
    keras.utils.set_random_seed(4)
    model = compiled(build())
    trained(model, guest(tmp_path))
    assert_debiased(tmp_path, model, 10, {"listed": 10, "nested": 10})
    parameters = {one.name: one.value for one in run(tmp_path).series["saliency"].description.parameters}
    assert parameters["batchnorm"] == "'debiased'"


def test_a_layer_that_is_called_twice_is_updated_twice(tmp_path: Path) -> None:
    keras.utils.set_random_seed(4)
    inputs = keras.Input((4,))
    norm = layers.BatchNormalization(momentum=0.9, name="shared")
    dense = layers.Dense(4, activation="tanh")
    model = compiled(keras.Model(inputs, layers.Dense(3)(norm(dense(norm(inputs))))))
    trained(model, guest(tmp_path))
    assert_debiased(tmp_path, model, 10, {"shared": 20})


def test_batches_count_not_iterations(tmp_path: Path) -> None:
    keras.utils.set_random_seed(4)
    model = compiled(nested(), optimizer=keras.optimizers.SGD(0.05, gradient_accumulation_steps=4))
    trained(model, guest(tmp_path))
    assert int(model.optimizer.iterations) == 2
    assert_debiased(tmp_path, model, 2, {"listed": 10, "nested": 10})


def test_a_frozen_backbone_keeps_what_it_learned(tmp_path: Path) -> None:
    """A head that is new is debiased; a backbone that was trained before is no bias, frozen or not."""
    keras.utils.set_random_seed(4)
    for trainable in (False, True):
        backbone = keras.Sequential([keras.Input((4,)), layers.BatchNormalization(momentum=0.9, name="learned")])
        backbone.layers[0].moving_mean.assign([1.0, 2.0, 3.0, 2.0])
        backbone.layers[0].moving_variance.assign([3.0, 4.0, 5.0, 4.0])
        backbone.trainable = trainable
        head = [layers.Dense(5), layers.BatchNormalization(momentum=0.9, name="new"), layers.Dense(3)]
        model = compiled(keras.Sequential([keras.Input((4,)), backbone, *head]))
        trained(model, guest(tmp_path / str(trainable)))
        assert_debiased(tmp_path / str(trainable), model, 10, {"learned": 0, "new": 10})


def test_a_new_layer_that_is_frozen_has_nothing_to_take_out(tmp_path: Path) -> None:
    keras.utils.set_random_seed(4)
    frozen = layers.BatchNormalization(momentum=0.9, name="frozen", trainable=False)
    model = compiled(keras.Sequential([keras.Input((4,)), frozen, layers.Dense(3)]))
    trained(model, guest(tmp_path))
    assert_debiased(tmp_path, model, 10, {"frozen": 0})


def test_a_further_fit_goes_on_from_the_same_start(tmp_path: Path) -> None:
    """Fits of one epoch in a loop: the start's weight falls from fit to fit. What came from elsewhere was learned."""
    keras.utils.set_random_seed(4)
    model = compiled(nested())
    for epoch in range(3):
        trained(model, guest(tmp_path / "loop"), epochs=epoch + 1, initial_epoch=epoch)
    assert_debiased(tmp_path / "loop", model, 30, {"listed": 30, "nested": 30})
    trained(model, guest(tmp_path / "loop"), epochs=0)  # a fit of no epoch changes nothing
    model.fit(X, Y, batch_size=4, verbose=0)  # nobody saw these
    trained(model, guest(tmp_path / "unseen"))
    assert_debiased(tmp_path / "unseen", model, 50, {"listed": 0, "nested": 0})
    other = compiled(nested())
    other.set_weights(model.get_weights())
    trained(other, guest(tmp_path / "restored"))
    assert_debiased(tmp_path / "restored", other, 10, {"listed": 0, "nested": 0})


@pytest.mark.parametrize("how", ["interrupted", "restored"])
def test_statistics_that_were_put_in_after_the_last_epoch_are_no_bias(tmp_path: Path, how: str) -> None:
    """Loaded after an interrupted fit, or restored from the best epoch: nobody counted what they have learned."""
    keras.utils.set_random_seed(4)
    model = compiled(nested(), optimizer=keras.optimizers.SGD(0.0))
    first = guest(tmp_path / "first")
    if how == "interrupted":
        with pytest.raises(RuntimeError, match="power cut"):
            fit(model, first, fits.Batches(stop=3, error=RuntimeError("power cut")))
        for layer in model._flatten_layers():
            if isinstance(layer, layers.BatchNormalization):
                layer.moving_mean.assign(layer.moving_mean + 1.0)
                layer.moving_variance.assign(layer.moving_variance * 4.0)
    else:
        early = keras.callbacks.EarlyStopping("loss", mode="max", patience=9, restore_best_weights=True)
        rising = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: logs.update(loss=-float(epoch)))
        model.fit(X, Y, batch_size=4, epochs=3, verbose=0, callbacks=[rising, early, first])
    log = tmp_path / "second"
    first._log_dir = str(log)
    expected = tba.explain(model, X[:5], "saliency", Y[:5]).scores
    trained(model, first)
    start = run(log).series["saliency"].steps[0]
    found = run(log).series["saliency"].maps(start).scores[0].reshape(expected.shape)
    np.testing.assert_allclose(found, expected, atol=1e-5 * np.abs(expected).max())


def test_an_accuracy_that_fails_costs_nothing_but_itself(tmp_path: Path, monkeypatch: Any, capsys: Any) -> None:
    def broken(self: Warmth) -> dict[str, float]:
        raise MemoryError("no room")

    monkeypatch.setattr(Warmth, "numbers", broken)
    with pytest.warns(UserWarning, match="BatchNorm's accuracy failed: MemoryError: no room") as caught:
        trained(compiled(nested()), callback(tmp_path, (X[:5], Y[:5]), update_freq=5))
    assert len([one for one in caught if "attribution" in str(one.message)]) == 1
    assert run(tmp_path).series["saliency"].steps == [0, 5, 10]
    assert "0.0 kB per log" not in capsys.readouterr().out


class Twice(keras.Model):
    """Its train_step calls it twice a batch: the statistics are younger than anyone outside can know."""

    def train_step(self, data: Any) -> dict[str, Any]:
        for _ in range(2):
            self(data[0], training=True)
        return super().train_step(data)


def test_a_count_that_cannot_be_right_leaves_the_moving_statistics(tmp_path: Path) -> None:
    """30 updates, of which 10 are known: what would be left of a small variance is below 0."""
    keras.utils.set_random_seed(4)
    inputs = keras.Input((4,))
    norm = layers.BatchNormalization(name="norm")
    model = compiled(Twice(inputs, layers.Dense(3)(norm(layers.Rescaling(0.01)(inputs)))))
    trained(model, guest(tmp_path))
    assert_debiased(tmp_path, model, 10, {"norm": 0})


@pytest.mark.parametrize(
    ("labels", "units", "expected"),
    [
        (Y, 3, {"accuracy_moving", "accuracy_debiased"}),
        (keras.utils.to_categorical(Y, 3), 3, {"accuracy_moving", "accuracy_debiased"}),
        ((Y > 0).astype(np.float32), 1, {"accuracy_moving", "accuracy_debiased"}),
        (None, 3, {"agreement"}),
        (X[:, 0], 0, set()),
    ],
    ids=["classes", "one-hot", "floats of a sigmoid", "no labels", "values"],
)
def test_what_is_logged_of_the_warmth(tmp_path: Path, labels: Any, units: int, expected: set[str]) -> None:
    """Accuracies where there are labels; how far the predictions agree where there are none."""
    keras.utils.set_random_seed(4)
    norm = layers.BatchNormalization(momentum=0.95, name="norm")
    activation = {3: "softmax", 1: "sigmoid", 0: None}[units]
    model = keras.Sequential([keras.Input((4,)), norm, layers.Dense(max(units, 1), activation=activation)])
    loss = {3: "sparse_categorical_crossentropy", 1: "binary_crossentropy", 0: "mse"}[units]
    y = {3: Y, 1: (Y > 0).astype(np.float32), 0: X[:, 0]}[units]
    model.compile(keras.optimizers.SGD(0.02), loss, jit_compile=False)
    probe = X if labels is None else (X, labels)
    mine = callback(tmp_path, probe, batchnorm="moving", on_error="raise", update_freq=2)
    model.fit(X, y, batch_size=4, verbose=0, callbacks=[mine])
    scalars = run(tmp_path).scalars
    assert {tag.removeprefix("batchnorm/") for tag in scalars if tag.startswith("batchnorm/")} == expected
    if not expected:
        return

    def predicted() -> np.ndarray:
        found = model.predict(X, verbose=0)
        return found.argmax(1) if units == 3 else found[:, 0] > 0.5

    moving = predicted()
    left = 0.95**10
    norm.moving_mean.assign(norm.moving_mean / (1 - left))
    norm.moving_variance.assign((norm.moving_variance - left) / (1 - left))
    debiased = predicted()
    classes = Y if units == 3 else Y > 0
    by_hand = {
        "accuracy_moving": np.mean(moving == classes),
        "accuracy_debiased": np.mean(debiased == classes),
        "agreement": np.mean(moving == debiased),
    }
    assert by_hand["agreement"] < 1
    for name in expected:
        points = scalars[f"batchnorm/{name}"]
        assert [point.step for point in points] == [0, 2, 4, 6, 8, 10]
        assert points[-1].value == pytest.approx(by_hand[name])
    if labels is None:
        assert points[0].value == 1  # before training there is one kind of statistics


def test_a_model_without_batchnorm_logs_nothing_of_it(tmp_path: Path) -> None:
    fit(fits.mlp(), callback(tmp_path, batchnorm="debiased"))
    stored = run(tmp_path)
    assert not [tag for tag in stored.scalars if tag.startswith("batchnorm")]
    assert "batchnorm" not in {one.name for one in stored.series["saliency"].description.parameters}
