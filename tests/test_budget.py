"""At what cost to log. Seconds are passed in, so that nothing here waits."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from tb_attribution_plugin.budget import FREE_SECONDS, Budget


def logged(
    budget: Budget, cost: dict[str, float], entries: int, seconds_between: float, foreseen: bool = True
) -> dict[str, list[int]]:
    """Entries at which each method of the given cost logs, `seconds_between` of training apart."""
    found: dict[str, list[int]] = {name: [] for name in cost}
    for entry in range(entries):
        due = [name for name in cost if budget.allows(name, entry, entry * seconds_between)]
        budget.logged(due)
        for name in due:
            found[name].append(entry)
        if entry > 0:
            budget.spent({name: cost[name] for name in due})
        elif foreseen:
            for name, seconds in cost.items():
                budget.expects(name, seconds)
    return found


def test_everything_is_logged_while_training_pays_for_it() -> None:
    found = logged(Budget({"a": 1}, 0.05, None), {"a": 1.0}, 100, seconds_between=20.0)
    assert found["a"] == list(range(100))


def test_the_first_ten_seconds_are_free() -> None:
    found = logged(Budget({"a": 1}, 1e-9, None), {"a": 2.0}, 100, seconds_between=1.0)
    # Five logs of 2 s, then never again; step 0 does not count.
    assert FREE_SECONDS == 10
    assert found["a"] == [0, 1, 2, 3, 4, 5]


def test_thinned_steps_are_multiples_of_a_power_of_two_and_nest() -> None:
    # 0.05 s of every second: a log of 0.15 s fits every 4th entry, 0.5 s every 16th, 1.3 s every 32nd, 3 s every 64th.
    runs = [logged(Budget({"a": 1}, 0.05, None), {"a": cost}, 1024, 1.0)["a"] for cost in (0.15, 0.5, 1.3, 3.0)]
    paid = [[entry for entry in run if entry > 512] for run in runs]
    for late, every in zip(paid, (4, 16, 32, 64), strict=True):
        assert late == list(range(512 + every, 1024, every))
    for cheap, dear in itertools.pairwise(paid):
        assert set(dear) < set(cheap)


def test_the_free_seconds_are_waited_out_but_thin_nothing_for_good() -> None:
    # 7 logs of 1.3 s are free, the 8th is not paid for before 9.1 + 1.3 s are 5% of 208 s.
    found = logged(Budget({"a": 1}, 0.05, None), {"a": 1.3}, 400, 1.0)["a"]
    assert found == [*range(8), 224, 256, 288, 320, 352, 384]


def test_the_share_is_kept() -> None:
    cost = 1.3
    budget = Budget({"a": 1}, 0.05, None)
    found = logged(budget, {"a": cost}, 2000, seconds_between=1.0)
    spent = cost * (len(found["a"]) - 1)
    assert spent == pytest.approx(budget.seconds)
    # Thinning by halves uses at least half of what is allowed.
    assert 0.5 * 0.05 * 2000 <= spent <= 0.05 * 2000


@pytest.mark.parametrize("foreseen", [True, False])
@pytest.mark.parametrize("slow", [0.3, 1.3, 30.0])
def test_a_slow_method_never_starves_a_fast_one(slow: float, foreseen: bool) -> None:
    alone = logged(Budget({"fast": 1, "slow": 1}, 0.05, None), {"fast": 0.01}, 400, 1.0)["fast"]
    beside = logged(Budget({"fast": 1, "slow": 1}, 0.05, None), {"slow": slow, "fast": 0.01}, 400, 1.0, foreseen)
    assert beside["fast"] == alone == list(range(400))
    assert len(beside["slow"]) < 60


@pytest.mark.parametrize("planned", [True, False])
@pytest.mark.parametrize(
    "cost",
    [{"a": 0.3}, {"a": 11.0}, {"a": 0.5, "b": 0.01}, {"a": 0.5, "b": 0.5}, {"a": 3.0, "b": 0.4, "c": 0.05}],
    ids=str,
)
def test_all_methods_together_stay_below_the_free_seconds_or_the_share(cost: dict[str, float], planned: bool) -> None:
    """At every moment, not only at the end: spent <= max(10 s, 5% of the other seconds)."""
    between, entries = 0.7, 1500
    budget = Budget(dict.fromkeys(cost, 1), 0.05, None)
    for entry in range(entries):
        other = between * entry
        due = [name for name in cost if budget.allows(name, entry, other)]
        if entry > 0:
            budget.spent({name: cost[name] for name in due})
            assert budget.seconds <= max(FREE_SECONDS, 0.05 * other) + 1e-9
            continue
        for name, seconds in cost.items():
            budget.expects(name, seconds)
        if planned:
            budget.plan(entries, 1)
    if max(cost.values()) < 10:
        assert budget.seconds > 8  # and uses what it may


def test_a_cost_above_the_free_seconds_is_not_tried_before_training_has_paid_for_it() -> None:
    # 5% of 240 s are 12 s.
    assert logged(Budget({"a": 1}, 0.05, None), {"a": 12.0}, 300, 1.0)["a"] == [0, 256]


def test_free_seconds_that_the_others_cannot_need_are_lent() -> None:
    def first_gap(planned: int | None) -> int:
        budget = Budget({"slow": 1, "fast": 1}, 0.05, None)
        budget.expects("slow", 1.0)
        budget.expects("fast", 0.01)
        if planned is not None:
            budget.plan(planned, 1)
        entry = 1
        while budget.allows("slow", entry, 0.0):
            budget.spent({"slow": 1.0})
            entry += 1
        return entry - 1

    # 12 entries of 0.01 s leave 9.88 s; where the length is not known, each has its 5 s.
    assert first_gap(12) == 9
    assert first_gap(None) == 5


def test_what_methods_share_is_charged_to_those_that_were_logged() -> None:
    budget = Budget({"a": 1, "b": 1}, 0.05, None)
    budget.spent({"a": 1.0, "b": 2.0}, beside=0.5)
    assert budget.seconds == 3.5
    budget.spent({}, beside=0.5)  # an entry of scalars alone
    assert budget.seconds == 4.0


def test_thinned_says_how_often_of_how_many_and_which_limit() -> None:
    budget = Budget({"fast": 1, "slow": 1}, 0.05, None)
    found = logged(budget, {"slow": 30.0, "fast": 0.01}, 1000, 1.0)
    assert budget.thinned == {"slow": (len(found["slow"]), 1000, ("max_overhead",))}
    budget = Budget({"a": 1}, 0.05, 1000)
    for entry in range(8):
        if budget.allows("a", entry, 1e9, entry * 200):
            budget.logged(["a"])
            budget.wrote(200)
    # 600 of 1000 leave less than half; 800 less than one more entry may take.
    assert budget.thinned == {"a": (3, 8, ("max_bytes",))}


def test_what_was_allowed_and_failed_is_neither_logged_nor_thinned() -> None:
    budget = Budget({"a": 1}, 0.05, None)
    assert all(budget.allows("a", entry, 1e9) for entry in range(8))
    assert budget.thinned == {}


def test_without_a_limit_everything_is_logged() -> None:
    assert logged(Budget({"a": 1}, None, None), {"a": 1e6}, 50, 0.001)["a"] == list(range(50))


@pytest.mark.parametrize(("size", "limit"), [(10, 1000), (300, 1000), (999, 1000), (50, 100_000), (1001, 1000)])
def test_max_bytes_is_never_exceeded(size: int, limit: int) -> None:
    budget = Budget({"a": 1}, None, limit)
    written, steps = 0, []
    for entry in range(3000):
        if budget.allows("a", entry, 1e9, written):
            written += size
            budget.wrote(size)
            steps.append(entry)
    assert written <= limit or steps == [0]  # the untouched model is always logged
    if size * 20 < limit:
        assert steps[-1] > 250  # thinned before it is full, not cut off
        assert written > limit / 4


def test_bytes_thin_to_nested_steps() -> None:
    budget, written, steps = Budget({"a": 1}, None, 10_000), 0, []
    for entry in range(5000):
        if budget.allows("a", entry, 1e9, written):
            written += 100
            budget.wrote(100)
            steps.append(entry)
    # Every entry until half is full (50), then every 2nd, 4th ...
    assert steps[:50] == list(range(50))
    for start, level in ((100, 2), (200, 4)):
        assert all(entry % level == 0 for entry in steps if entry >= start)


@pytest.mark.parametrize("value", [0, -1, True, "5%", float("nan")])
def test_limits_must_be_above_zero(value: Any) -> None:
    with pytest.raises(ValueError, match=rf"max_overhead must be .* above 0, or None; got {value!r}"):
        Budget({"a": 1}, value, None)
    with pytest.raises(ValueError, match=rf"max_bytes must be .* above 0, or None; got {value!r}"):
        Budget({"a": 1}, None, value)
