"""What is exported where somebody chose, and where nobody did."""

from __future__ import annotations

import numpy as np
import pytest

from tb_attribution_plugin.exporting.choice import Most
from tb_attribution_plugin.logging.writer import AttributionWriter
from tests.exporting.logs import PICTURES, chosen, halves, pictures


def test_everything_is_chosen_where_nothing_is_asked(tmp_path):
    pictures(tmp_path, 0, 10, 20)
    found = chosen(tmp_path)
    assert ([one.tag for one in found.series], found.steps, found.examples) == (["halves"], [0, 10, 20], [0, 1, 2])
    assert found.notes == []


def test_what_is_left_out_is_said(tmp_path):
    pictures(tmp_path, *range(10))
    found = chosen(tmp_path, most=Most(4, 2, None))
    assert (found.steps, found.examples) == ([0, 3, 6, 9], [0, 1])
    assert found.notes == ["4 of 10 steps", "2 of 3 examples"]
    assert chosen(tmp_path, most=Most(1, None, None)).notes == ["the last of 10 steps"]


def test_of_many_series_a_picture_has_the_first(tmp_path):
    with AttributionWriter(tmp_path, PICTURES) as writer:
        for tag in "abc":
            writer.series(tag, method=tag)
        writer.write(0, {tag: halves(0) for tag in "abc"})
    found = chosen(tmp_path, most=Most(None, None, 2))
    assert ([one.tag for one in found.series], found.notes) == (["a", "b"], ["2 of 3 series"])
    assert len(chosen(tmp_path, tags=["a", "b", "c"], most=Most(None, None, 2)).series) == 3


def test_steps_are_numbers_or_the_ends(tmp_path):
    pictures(tmp_path, 0, 10, 20)
    assert chosen(tmp_path, "last", 10, "first").steps == [0, 10, 20]


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"steps": [10**23]}, rf"step {10**23} is not stored; stored are .* the nearest is 20"),
        ({"steps": [13]}, r"step 13 is not stored; stored are 0 .. 20 \(3 steps\), the nearest is 10"),
        ({"examples": [0, 3]}, "example 3 is not in the probe; it has 0 to 2"),
        ({"examples": [-1]}, "example -1 is not in the probe"),
        ({"tags": ["lime"]}, r"no series 'lime' in run 'attribution'; there are: halves"),
        ({"run": "other"}, "no run 'other' with attributions in .*; there are: attribution"),
    ],
)
def test_what_is_not_there_is_refused_with_what_is(tmp_path, asked, words):
    pictures(tmp_path, 0, 10, 20)
    with pytest.raises(ValueError, match=words):
        chosen(tmp_path, *asked.pop("steps", []), **asked)


def test_of_several_runs_one_must_be_chosen_and_its_group_is_enough(tmp_path):
    pictures(tmp_path / "a", 0)
    pictures(tmp_path / "b", 0)
    with pytest.raises(ValueError, match="holds 2 runs; choose one with --run: a/attribution, b/attribution"):
        chosen(tmp_path)
    assert chosen(tmp_path, run="b").run.name == "b/attribution"


def test_series_of_two_probes_do_not_stand_on_one_sheet(tmp_path):
    pictures(tmp_path, 0)
    with AttributionWriter(tmp_path, PICTURES[:2], start_step=5) as writer:
        writer.series("other", method="Other")
        writer.write(5, {"other": np.array(halves(0)[:2])})
    with pytest.raises(ValueError, match="explain 2 probes; choose those of one with --series"):
        chosen(tmp_path)
