from __future__ import annotations

from tb_attribution_plugin.backend.errors import UnreadableError
from tb_attribution_plugin.backend.problems import MAX_LISTED, Problems


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
