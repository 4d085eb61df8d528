"""What attribution cannot do is said in one sentence, before the first batch, in the words that a user needs."""

from __future__ import annotations

import types
from pathlib import Path
from typing import Any

import keras
import pytest
import tensorflow as tf

import tb_attribution_plugin as tba
from tests.training import fits
from tests.training.fits import Batches, callback, fit, mlp


@pytest.mark.parametrize("backend", ["jax", "torch", "numpy", "openvino"])
def test_another_backend_of_keras(tmp_path: Path, backend: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The callback says so when it is made, `explain` when it is called."""
    monkeypatch.setattr(keras.backend, "backend", lambda: backend)
    x, y = fits.table()
    words = (
        rf"^attribution needs Keras on the TensorFlow backend; this process runs '{backend}'\. "
        r"Set KERAS_BACKEND=tensorflow before importing keras$"
    )
    with pytest.raises(TypeError, match=words):
        tba.AttributionCallback(tmp_path, (x[:5], y[:5]))
    with pytest.raises(TypeError, match=words):
        tba.explain(mlp(), x[:5], "saliency")


def test_a_model_of_legacy_keras(tmp_path: Path) -> None:
    """The fit of tf_keras hands its model to the callbacks before it asks them for anything else."""
    legacy = types.new_class(
        "Sequential", exec_body=lambda body: body.update(__module__="tf_keras.src.engine.sequential")
    )
    mine = callback(tmp_path / "log")
    with pytest.raises(TypeError, match=r"legacy tf_keras .* attribution needs Keras 3: build it with `keras`"):
        mine.set_model(legacy())
    assert not (tmp_path / "log").exists()


@pytest.mark.parametrize("kind", ["TPUStrategyV2", "TPUStrategy", "ParameterServerStrategyV2"])
def test_strategies_that_keep_the_variables_elsewhere(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No such device is here; the name is what the callback goes by, and these are TensorFlow's."""
    defined = {
        "TPUStrategyV2": tf.distribute.TPUStrategy,
        "TPUStrategy": tf.distribute.experimental.TPUStrategy,
        "ParameterServerStrategyV2": tf.distribute.experimental.ParameterServerStrategy,
    }
    assert defined[kind].__mro__[0].__name__ == kind or kind in str(defined[kind].__mro__)
    strategy: Any = types.new_class(kind)()
    model, batches = mlp(), Batches()
    monkeypatch.setattr(type(model), "distribute_strategy", strategy)
    mine = callback(tmp_path / "log")
    mine.set_model(model)
    words = rf"does not run under tf\.distribute\.{kind.removesuffix('V2')}: train without the callback"
    with pytest.raises(TypeError, match=words):
        mine.on_train_begin()
    assert not (tmp_path / "log").exists()
    monkeypatch.undo()
    fit(model, batches, mine)
    assert fits.steps(tmp_path / "log", "saliency") == [0, 10]
