from __future__ import annotations

from tb_attribution_plugin.backend.errors import UnreadableError
from tb_attribution_plugin.backend.problems import MAX_LETTERS, MAX_LISTED, Problems


def test_a_problem_says_what_and_what_to_do() -> None:
    problems = Problems()
    problems.add("run", "tag", UnreadableError("it is torn", "mend it"))
    (problem,) = problems.listed()
    assert (problem.run, problem.tag, problem.message) == ("run", "tag", "it is torn. mend it")


def test_a_million_problems_are_a_screenful_and_a_number() -> None:
    problems = Problems()
    for number in range(1_000_000):
        problems.add("run", str(number), "torn")
    listed = problems.listed()
    assert len(listed) == MAX_LISTED + 1
    assert listed[-1].message == f"and {1_000_000 - MAX_LISTED} more problems"


def test_what_is_said_of_a_run_is_not_lost_among_its_tags() -> None:
    problems = Problems()
    for number in range(MAX_LISTED):
        problems.add("run", str(number), "torn")
    problems.add("run", "", "1,000 of its series are left out")
    listed = problems.listed()
    assert listed[0].message == "1,000 of its series are left out"
    assert listed[-1].message == "and 1 more problem"


def test_names_without_end_are_counted_and_not_listed() -> None:
    problems = Problems()
    for _ in range(100):
        problems.add("run", "x" * (MAX_LETTERS // 10), "torn")
    listed = problems.listed()
    assert len(listed) == 10
    assert listed[-1].message == "and 91 more problems"
