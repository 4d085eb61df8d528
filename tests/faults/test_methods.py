"""Methods that fail, maps that are not finite, batches that do not fit: training goes on, and each is said once."""

from __future__ import annotations

import dataclasses
import warnings
from pathlib import Path
from typing import Any, ClassVar

import keras
import numpy as np
import pytest
import tensorflow as tf

from tb_attribution_plugin.attribution import Attribution
from tb_attribution_plugin.methods import IntegratedGradients, Saliency
from tb_attribution_plugin.methods.contract import Model, Structure
from tests.faults import guests
from tests.faults.conftest import ReadBack
from tests.training import fits

STATE = {"broken": False}


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class SometimesBroken:
    """The model's output as a map of ones, unless it is broken; of cost 1 it shares its evaluation with Saliency."""

    evaluations: int

    name: ClassVar[str] = "sometimes_broken"
    error_kind: ClassVar[str] = "none"
    additive: ClassVar[bool] = False
    class_sensitive: ClassVar[bool] = True
    weight_sensitive: ClassVar[bool] = True
    signed: ClassVar[bool] = True

    def cost(self) -> int:
        return self.evaluations

    def __call__(self, model: Model, inputs: Structure) -> Attribution:
        sound = tf.numpy_function(lambda: np.bool_(not STATE["broken"]), [], tf.bool)
        with tf.control_dependencies([tf.debugging.Assert(sound, ["the fifth log fails"])]):
            return Attribution(tf.ones_like(inputs), outputs=model.values(inputs))


@pytest.mark.parametrize("evaluations", [1, 2], ids=["in a group", "alone"])
def test_a_method_that_fails_at_the_fifth_log_costs_itself_that_step(
    log_dir: Path, read_back: ReadBack, warned: Any, evaluations: int
) -> None:
    breaks = guests.At(batch_4=lambda: STATE.update(broken=True), batch_5=lambda: STATE.update(broken=False))
    guest = guests.callback(log_dir, methods=[SometimesBroken(evaluations=evaluations), Saliency()])
    try:
        assert len(fits.fit(fits.mlp(), breaks, guest).history["loss"]) == 1
    finally:
        STATE["broken"] = False
    assert list(read_back(log_dir, "saliency")) == list(range(11))
    assert list(read_back(log_dir, "sometimes_broken")) == [0, 1, 2, 3, 5, 6, 7, 8, 9, 10]
    (text,) = warned()
    assert text.startswith("attribution: sometimes_broken failed: InvalidArgumentError: ")
    assert "the fifth log fails" in text
    assert text.endswith("Training goes on and it is tried again at the next entry; on_error='raise' stops instead")


@pytest.mark.parametrize("strict", [False, True], ids=["", "warnings are errors"])
def test_weights_that_are_not_finite_are_said_once_and_logged(
    log_dir: Path, read_back: ReadBack, warned: Any, capsys: Any, strict: bool
) -> None:
    model = fits.mlp()
    kernel = model.layers[-1].kernel
    diverges = guests.At(batch_5=lambda: kernel.assign(np.full(kernel.shape, np.nan)))
    guest = guests.callback(log_dir, methods=[Saliency(), IntegratedGradients(steps=2, baseline=0.0)])
    with warnings.catch_warnings():
        if strict:
            warnings.filterwarnings("error", category=UserWarning)
        assert np.isnan(fits.fit(model, diverges, guest).history["loss"]).all()
    for tag in ("saliency", "integrated_gradients"):
        assert list(read_back(log_dir, tag)) == list(range(11))
        series = fits.run(log_dir).series[tag]
        for step in range(11):
            diverged = step >= 5
            assert np.isnan(series.maps(step).scores[0]).all() == diverged
            np.testing.assert_array_equal(series.stats(step)["STAT_NONFINITE"], fits.FEATURES if diverged else 0)
    said = [line for line in capsys.readouterr().out.splitlines() if "not finite" in line] if strict else warned()
    (text,) = said
    assert text.startswith(
        "attribution: maps hold NaN or infinity at step 5: saliency (5 of 5 examples), "
        "integrated_gradients (5 of 5 examples); 1 of the model's 4 variables are not finite either, the first is "
        f"{kernel.path}: training has diverged. Lower the learning rate, clip gradients"
    )


class Crowded(keras.layers.Layer):
    """The identity on a device that holds at most two rows at a time, unless it trains."""

    refused: ClassVar[list[int]] = []
    limit: ClassVar[int] = 2

    def call(self, x: tf.Tensor, training: bool = False) -> tf.Tensor:
        if training:
            return x

        def check(array: np.ndarray) -> np.int32:
            if len(array) > self.limit:
                self.refused.append(len(array))
                raise MemoryError(f"{len(array)} rows do not fit")  # TensorFlow makes it a ResourceExhaustedError
            return np.int32(0)

        with tf.control_dependencies([tf.numpy_function(check, [tf.stop_gradient(x)], tf.int32)]):
            return tf.identity(x)


def test_a_batch_that_does_not_fit_is_halved_once_in_a_fit(
    log_dir: Path, read_back: ReadBack, warned: Any, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fit(name: str) -> None:
        Crowded.refused.clear()
        at_first_batch.clear()
        keras.utils.set_random_seed(4)
        model = keras.Sequential([keras.layers.Input((4,)), Crowded(), keras.layers.Dense(3, activation="softmax")])
        model.compile("sgd", "sparse_categorical_crossentropy", jit_compile=False)
        methods = [Saliency(), IntegratedGradients(steps=2, baseline=0.0)]
        seen = guests.At(batch_1=lambda: at_first_batch.extend(Crowded.refused))
        fits.fit(model, seen, guests.callback(log_dir, methods=methods, name=name, store="float32"))

    at_first_batch: list[int] = []
    fit("limited")
    refused, said = list(Crowded.refused), capsys.readouterr().out
    assert refused == at_first_batch  # the ten later logs remember what fitted
    assert 3 in refused
    words = "more rows do not fit into memory at once, so from now on 2 at a time are evaluated"
    notices = [line for line in said.splitlines() if "at once" in line]
    assert notices == [f"attribution: saliency: {words}", f"attribution: integrated_gradients: {words}"]
    monkeypatch.setattr(Crowded, "limit", 1000)
    fit("roomy")
    assert Crowded.refused == []
    assert warned() == []
    for tag in ("saliency", "integrated_gradients"):
        assert list(read_back(log_dir, tag, "limited")) == list(range(11))
        limited, roomy = (fits.run(log_dir, name).series[tag] for name in ("limited", "roomy"))
        for step in range(11):
            np.testing.assert_allclose(limited.maps(step).scores[0], roomy.maps(step).scores[0], atol=1e-6)
