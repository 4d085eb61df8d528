"""When to log. Time is passed in, so that nothing here waits."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tb_attribution_plugin.schedule import Schedule


def entries(freq: Any, steps: int, epochs: int, *, start: int = 0, jump: int = 1, initial_epoch: int = 0) -> list[int]:
    """Iterations at which a whole fit logs; `jump` iterations per batch hook. One iteration logs once."""
    schedule = Schedule(freq)
    schedule.start(start)
    found = [start]
    for epoch in range(initial_epoch, epochs):
        first = start + (epoch - initial_epoch) * steps
        for end in [*range(jump, steps, jump), steps]:
            if schedule.batch(first + end, epoch) is not None:
                found.append(first + end)
        if schedule.epoch_end() is not None and found[-1] != first + steps:
            found.append(first + steps)
    return found


def test_auto_doubles_through_the_first_epoch_then_follows_the_epochs() -> None:
    assert entries("auto", 20, 3) == [0, 1, 2, 4, 8, 16, 20, 40, 60]


def test_auto_does_not_log_one_iteration_twice() -> None:
    assert entries("auto", 16, 2) == [0, 1, 2, 4, 8, 16, 32]


def test_auto_with_several_iterations_at_once_logs_when_a_power_is_passed() -> None:
    # Hooks at 5, 10, 15, 20: 4 passed at 5, 8 at 10, 16 at 20.
    assert entries("auto", 20, 2, jump=5) == [0, 5, 10, 20, 40]


def test_auto_of_a_resumed_fit_follows_the_epochs() -> None:
    assert entries("auto", 20, 4, start=40, initial_epoch=2) == [40, 60, 80]


def test_epoch_logs_the_start_and_every_epochs_end() -> None:
    assert entries("epoch", 7, 3) == [0, 7, 14, 21]


def test_a_number_counts_optimizer_iterations_over_epochs() -> None:
    assert entries(7, 10, 3) == [0, 7, 14, 21, 28]
    assert entries(100, 10, 3) == [0]
    assert entries(1, 3, 1) == [0, 1, 2, 3]


def test_a_number_with_several_iterations_at_once_logs_at_the_hook_that_passes_it() -> None:
    # Multiples of 7 up to 30 are passed by the hooks at 10 (7), 15 (14), 25 (21), 30 (28).
    assert entries(7, 15, 2, jump=5) == [0, 10, 15, 25, 30]
    # One hook that passes several multiples logs once.
    assert entries(2, 10, 1, jump=5) == [0, 5, 10]


def test_a_number_of_a_resumed_fit_stays_on_the_multiples() -> None:
    assert entries(10, 8, 2, start=25) == [25, 30, 40]


def numbers(freq: Any, iterations: list[int], start: int = 0) -> dict[int, int]:
    """Entry numbers by iteration."""
    schedule = Schedule(freq)
    found = {start: schedule.start(start)}
    for iteration in iterations:
        entry = schedule.batch(iteration, 0)
        if entry is not None:
            found[iteration] = entry
    return found


def test_entries_are_numbered_in_order() -> None:
    assert numbers("auto", list(range(1, 9))) == {0: 0, 1: 1, 2: 2, 4: 3, 8: 4}
    assert numbers(3, list(range(1, 10))) == {0: 0, 3: 1, 6: 2, 9: 3}


def test_a_number_numbers_its_entries_by_the_iteration_so_that_runs_nest() -> None:
    """Thinned to every 4th entry, N = 5 logs at multiples of 20 wherever the run was resumed."""
    resumed = numbers(5, list(range(41, 101)), start=40)
    assert [iteration for iteration, entry in resumed.items() if entry % 4 == 0] == [40, 60, 80, 100]


@pytest.mark.parametrize("freq", ["auto", "epoch", 1, 3, 7, 16, 50])
@pytest.mark.parametrize(
    ("steps", "epochs", "start", "initial_epoch"),
    [
        (1, 1, 0, 0),
        (1, 4, 0, 0),
        (16, 2, 0, 0),
        (20, 3, 0, 0),
        (7, 5, 0, 0),
        (33, 1, 0, 0),
        (10, 4, 20, 2),
        (10, 2, 5, 0),
    ],
)
def test_planned_is_what_happens(freq: Any, steps: int, epochs: int, start: int, initial_epoch: int) -> None:
    happened = entries(freq, steps, epochs, start=start, initial_epoch=initial_epoch)
    assert Schedule(freq).planned(start, steps, epochs, initial_epoch) == len(happened)


def test_planned_needs_the_length_of_an_epoch_only_where_it_counts() -> None:
    assert Schedule("epoch").planned(0, None, 5) == 6
    assert Schedule("auto").planned(0, None, 5) is None
    assert Schedule(10).planned(0, None, 5) is None


@pytest.mark.parametrize("freq", ["never", 0, -3, 2.5, True, None])
def test_what_is_no_frequency_is_refused_by_value(freq: Any) -> None:
    with pytest.raises(ValueError, match=r"update_freq must be 'auto', 'epoch' or a whole number .*; got"):
        Schedule(freq)


@pytest.mark.parametrize("freq", ["auto", 1, 3, 7, 16])
@pytest.mark.parametrize("start", [0, 5, 16])
def test_no_batch_is_an_entry_before_the_next_one_and_that_one_is(freq: Any, start: int) -> None:
    """So nobody need ask before it: asked at those iterations alone, a schedule has the same entries."""
    expected = numbers(freq, list(range(start + 1, 60)), start)
    schedule = Schedule(freq)
    found = {start: schedule.start(start)}
    for iteration in range(start + 1, 60):
        if iteration >= schedule.next_entry():
            found[iteration] = schedule.batch(iteration, 0)
    assert found == expected


def test_numpys_integers_are_whole_numbers() -> None:
    assert entries(np.int64(7), 10, 3) == [0, 7, 14, 21, 28]
    with pytest.raises(ValueError, match="update_freq must be"):
        Schedule(np.int32(0))
