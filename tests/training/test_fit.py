"""One fit that is logged: nothing that goes wrong in it reaches training."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from tb_attribution_plugin.logging.writer import AttributionWriter
from tb_attribution_plugin.schedule import Schedule
from tb_attribution_plugin.training import divergence
from tb_attribution_plugin.training.iterations import Iterations
from tests.training.fits import callback, fit, mlp, steps

HOOKS = [
    (Iterations, "training_begins"),
    (Schedule, "start"),
    (Schedule, "planned"),
    (Iterations, "batch_ended"),
    (Schedule, "batch"),
    (Schedule, "epoch_end"),
]


@pytest.mark.parametrize(("owner", "name"), HOOKS, ids=lambda value: value if isinstance(value, str) else "")
def test_nothing_that_a_hook_does_stops_training(tmp_path: Path, monkeypatch: Any, owner: type, name: str) -> None:
    def broken(self: Any, *arguments: Any) -> None:
        raise AttributeError(f"{name} is broken")

    monkeypatch.setattr(owner, name, broken)
    model = mlp()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        fit(model, callback(tmp_path, update_freq="auto"), epochs=2)
    assert int(model.optimizer.iterations) == 20
    reports = [str(one.message) for one in caught if "attribution" in str(one.message)]
    assert len(reports) == 1
    assert f"the callback failed: AttributeError: {name} is broken" in reports[0]
    with pytest.raises(AttributeError, match=f"{name} is broken"):
        fit(mlp(), callback(tmp_path / "strict", update_freq="auto", on_error="raise"))


def test_a_log_that_cannot_be_closed_is_the_fault_of_one_fit(tmp_path: Path, monkeypatch: Any) -> None:
    mine = callback(tmp_path, on_error="raise")
    close = AttributionWriter.close

    def broken(self: AttributionWriter) -> None:
        close(self)
        raise OSError(5, "no more")

    with monkeypatch.context() as patched:
        patched.setattr(AttributionWriter, "close", broken)
        with pytest.raises(OSError, match="no more"):
            fit(mlp(), mine)
    spent = mine.seconds
    assert spent.training > 0
    assert mine.seconds == spent  # a closed book
    with pytest.warns(UserWarning, match="of an earlier fit"):
        fit(mlp(), mine)
    assert steps(tmp_path, "saliency", "attribution-2") == [0, 10]


def test_maps_that_are_not_finite_are_looked_into_once(tmp_path: Path, monkeypatch: Any) -> None:
    """First the gradients are not, then the weights, as it goes: one cause, one warning, one look at all weights."""
    looks = []
    explained = divergence.explained
    monkeypatch.setattr(divergence, "explained", lambda *given: looks.append(1) or explained(*given))
    inputs = keras.Input((4,))
    model = keras.Model(inputs, keras.layers.Dense(3)(keras.ops.sqrt(keras.ops.relu(inputs) * 0)))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("sgd", loss, jit_compile=False)

    class Diverge(keras.callbacks.Callback):
        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            if batch == 5:
                self.model.layers[-1].kernel.assign(np.full((4, 3), np.nan))

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        fit(model, Diverge(), callback(tmp_path, update_freq=1))
    assert len([one for one in caught if "maps hold NaN or infinity at step 0" in str(one.message)]) == 1
    assert len([one for one in caught if "maps hold NaN" in str(one.message)]) == 1
    assert len(looks) == 1
    assert steps(tmp_path, "saliency") == list(range(11))
