"""Steps of a directory, read from the heads of its records."""

from __future__ import annotations

import pytest

from tb_attribution_plugin.logging import events
from tb_attribution_plugin.logging.event_file import EventFile
from tb_attribution_plugin.logging.event_index import index
from tb_attribution_plugin.logging.stored_steps import stored_steps


def log(directory, start: int, *steps: int) -> str:
    file = EventFile(str(directory), start)
    for step in steps:
        file.append(events.summary(step, [events.ordinary_scalar("loss", 1.0)]))
    file.close()
    return file.path


def test_an_absent_or_empty_directory_has_no_steps(tmp_path):
    assert stored_steps(str(tmp_path / "none")) is None
    assert stored_steps(str(tmp_path)) is None


def test_a_file_without_values_has_no_steps(tmp_path):
    log(tmp_path, 7)
    assert stored_steps(str(tmp_path)) is None


@pytest.mark.parametrize("steps", [(0,), (0, 1, 127, 128, 300), (1, 2**31, 2**40), (5, 2**62)])
def test_first_and_last_step_whatever_their_size(tmp_path, steps):
    log(tmp_path, steps[0], *steps)
    assert stored_steps(str(tmp_path)) == (steps[0], steps[-1])


def test_a_restart_replaces_what_it_overlaps(tmp_path):
    log(tmp_path, 0, 0, 10, 20)
    log(tmp_path, 10, 10, 12)
    assert stored_steps(str(tmp_path)) == (0, 12)
    log(tmp_path, 0)
    assert stored_steps(str(tmp_path)) is None


def test_it_agrees_with_the_full_reader(tmp_path):
    log(tmp_path, 0, 0, 3, 9)
    log(tmp_path, 5, 6, 8)
    steps = sorted(index(str(tmp_path)).values["loss"])
    assert steps == [0, 3, 6, 8]
    assert stored_steps(str(tmp_path)) == (steps[0], steps[-1])


@pytest.mark.parametrize("cut", [1, 5, 30])
def test_a_truncated_tail_does_not_count(tmp_path, cut):
    path = log(tmp_path, 0, 1, 2)
    with open(path, "r+b") as file:
        file.truncate(file.seek(0, 2) - cut)
    assert stored_steps(str(tmp_path)) == (1, 1)


def test_rubbish_has_no_steps(tmp_path):
    (tmp_path / "events.out.tfevents.1.x").write_bytes(b"rubbish" * 50)
    assert stored_steps(str(tmp_path)) is None


def test_later_files_sort_behind_earlier_ones(tmp_path):
    names = [log(tmp_path, step, step) for step in range(5)]
    assert names == sorted(names)
    assert len(set(names)) == 5
