"""What the benchmarks count, where a wrong count would look like a fast method. No clocks."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import pytest

from benchmarks import comparison, limits, models, ours, overhead, tables
from benchmarks.evaluations import FORWARD, Evaluations


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


def test_the_limit_is_measured_again_at_the_batches_that_seemed_the_cheapest() -> None:
    called: list[int] = []
    calls: limits.Evaluations = {batch: functools.partial(called.append, batch) for batch in (1, 4, 8, 16, 32, 64)}
    search = limits.Search(calls, {1: 1.0, 4: 3.0, 8: 4.0, 16: 8.0, 32: 17.0, 64: 6.4})
    assert search.closest(63) == [8, 16, 32, 4]
    assert search.fastest == 64
    limit = comparison.Limit(Evaluations(40, FORWARD), "TensorFlow", {"TensorFlow forward": search})
    # As many calls in a row as fit into the evaluations.
    limit.calls["TensorFlow forward 16"]()
    assert called == [16, 16]
    # This time it is the batch of 16: 40 evaluations are 2.5 of them.
    times = {f"TensorFlow forward {batch}": [40.0, 40.0, 2.0] for batch in (4, 8, 16, 32)}
    times["TensorFlow forward 16"] = [12.0, 16.0, 14.0]
    assert limit.best(times) == (16, 17.5)
    assert limit.each(times) == [15.0, 20.0, 17.5]


def evaluations(case: models.Case, asked: list[Any]) -> dict[str, tuple[int, int]]:
    """By method: the number in the table, and what the attributions say that they took."""
    calls, found = ours.calls(case, asked)
    taken = {name: call().attributions["it"].evaluations for name, call in calls.items()}
    return {name: (found[name].number, int(np.sum(taken[name]))) for name in found}


@pytest.mark.parametrize("name", ["mlp", "cnn"])
def test_the_evaluations_of_perturbation_methods_are_those_that_were_made(name: str) -> None:
    case = models.CASES[name](1)
    found = evaluations(case, ours.by_perturbation(case))
    assert all(number == taken for number, taken in found.values())
    # What is asked of each, and f(x) once.
    masks = {"occlusion": 22 * 22, "feature_ablation": 22 * 22 + 1, "lime": 499, "kernel_shap": 499, "rise": 500}
    masks |= {"permutation_shapley": 8 * 63 + 1, "sobol": 8 * (64 + 2), "hsic": 500}
    rows = {"occlusion": 3000, "feature_ablation": 3100, "lime": 511, "kernel_shap": 51100, "exact_shapley": 51100}
    rows |= {"permutation_shapley": (18 * 29 + 1) * 100}
    expected = {method: count + 1 for method, count in (masks if name == "cnn" else rows).items()}
    assert {method: number for method, (number, _) in found.items() if method in expected} == expected
    most = 500 if name == "cnn" else 512 * 100
    assert 0.9 * most < found["partition_shap"][0] <= most


def test_a_tool_that_fails_and_one_that_is_too_slow_have_their_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comparison, "LONG", 0.0)
    monkeypatch.setattr(comparison, "LEAST", 0.0)
    made: list[str] = []

    def broken() -> None:
        raise ValueError("no such | layer")

    entries = [
        comparison.Entry("TensorFlow", "ours", lambda: made.append("ours")),
        comparison.Entry("TensorFlow", "slow", lambda: made.append("slow")),
        comparison.Entry("TensorFlow", "broken", broken),
    ]
    searches = {"TensorFlow forward": limits.Search({1: lambda: made.append("limit")}, {1: 1.0})}
    found = list(comparison.rows(entries, Evaluations(3, FORWARD), None, searches, runs=2))
    assert made == ["ours", "slow", *["limit", "limit", "limit", "ours"] * 2]
    assert [row[0] for row in found] == ["ours", "slow", "broken"]
    assert str(found[1][4]).endswith("(its first call alone)")
    assert found[2][4] == "ValueError: no such / layer"
