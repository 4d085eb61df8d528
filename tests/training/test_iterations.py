"""Which step a training is at, and where it can be without asking."""

from __future__ import annotations

from types import SimpleNamespace

import keras

from tb_attribution_plugin.training.iterations import Iterations


def begun(optimizer: keras.optimizers.Optimizer) -> Iterations:
    found = Iterations(SimpleNamespace(optimizer=optimizer, steps_per_execution=1))
    found.fit_begins()
    assert found.training_begins() == 0
    return found


def test_batches_are_counted_once_where_the_optimizer_is_not_trained_with() -> None:
    iterations = begun(keras.optimizers.SGD(gradient_accumulation_steps=4))
    for _ in range(3):
        iterations.batch_ended(None)
    assert iterations.read() == 3
    assert iterations.batches == 3


def test_what_the_step_can_be_follows_the_fastest_rise() -> None:
    optimizer = keras.optimizers.SGD()
    iterations = begun(optimizer)
    for batch in range(1, 5):
        optimizer.iterations.assign(3 * batch)
        iterations.batch_ended(None)
        assert iterations.at_most == 3 * batch
    assert iterations.read() == 12
    assert iterations.at_most == 12
