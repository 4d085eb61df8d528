"""What the benchmarks count, where a wrong count would look like a fast method. No clocks."""

from __future__ import annotations

import pytest

from benchmarks import limits, overhead, tables


def test_the_limit_is_at_the_cheapest_batch_that_is_not_above_the_number_of_evaluations() -> None:
    per_batch = {1: 1.0, 4: 3.0, 8: 5.0, 16: 12.0, 32: 8.0}
    # Of 16: one by one 16 ms, by fours 12, by eights 10, at once 12; the batch of 32 is not theirs.
    assert limits.best(16, per_batch) == (8, 10.0)
    assert limits.best(64, per_batch) == (32, 16.0)
    assert limits.best(1, per_batch) == (1, 1.0)


def test_ratios_are_taken_in_pairs() -> None:
    # The machine was ten times slower in the second pair; the ratio is not.
    assert tables.paired_ratio([2.0, 20.0, 2.0], [1.0, 10.0, 1.0]) == 2.0


@pytest.mark.parametrize(
    ("seconds", "step", "epochs", "steps"), [(60.0, 0.01, 12, 500), (4.0, 0.1, 2, 20), (4.0, 9.0, 2, 4)]
)
def test_a_fit_lasts_as_long_as_it_is_said_but_has_a_few_steps(
    seconds: float, step: float, epochs: int, steps: int
) -> None:
    assert overhead.size(seconds, step, epochs) == (steps, epochs)


def test_every_round_calls_everything_once_in_turn() -> None:
    order: list[str] = []
    found = tables.milliseconds({"a": lambda: order.append("a"), "b": lambda: order.append("b")}, 3, least=0.0)
    assert order == ["a", "b"] * 4  # the first round is not timed
    assert {name: len(times) for name, times in found.items()} == {"a": 3, "b": 3}
