"""Which files are checkpoints, and at which step each was saved; Python alone."""

from __future__ import annotations

import glob
import itertools
import os
import re
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

# What Keras ends names with, longest first.
_ENDINGS = (".weights.h5", ".keras", ".h5", ".hdf5")
_POINT = re.compile(r"\d\.\d")
_NAMED = 5


class Checkpoint(NamedTuple):
    """A file, or the directory of a SavedModel, and its step."""

    step: int
    path: str


def checkpoints(
    found: str | os.PathLike[str] | Iterable[str | os.PathLike[str]],
    steps: Iterable[int] | str | None = None,
    step_pattern: str | None = None,
) -> list[Checkpoint]:
    """Checkpoints by ascending step.

    The step is the last whole number of a name, as in `ckpt-0120.weights.h5`. A name that holds a number with a decimal
    point, as `03-0.25.weights.h5`, does not say which of its numbers is the step.

    Args:
      found: a path or a glob pattern, or several.
      steps: of the checkpoints in their natural order (a number in a name counts as a number); or "saved": the count of
        the optimizer that each file holds.
      step_pattern: a regular expression with one group, the step, that is searched for in each name.

    Raises:
      ValueError: no checkpoint; names without a step, or with the same one; says what to give.
    """
    paths = _paths(found)
    if steps is not None and step_pattern is not None:
        raise ValueError("steps and step_pattern both say what the steps are; give one of them")
    if isinstance(steps, str):
        numbers = _saved(steps, paths)
    else:
        numbers = [_step(path, step_pattern) for path in paths] if steps is None else _given(steps, paths)
    ordered = sorted(map(Checkpoint, numbers, paths))
    for one, other in itertools.pairwise(ordered):
        if one.step == other.step:
            raise ValueError(
                f"{one.path} and {other.path} both have the step {one.step}; tell them apart by step_pattern="
                "(--step-pattern), a regular expression with one group, or give steps= (--steps)"
            )
    return ordered


def is_code(source: str) -> bool:
    """Whether a model is given as `module:function`."""
    return not os.path.exists(source) and re.fullmatch(r"[\w.]+:\w+", source) is not None


def check_there(source: str) -> None:
    """Raises ValueError where the file of a model is not there."""
    if not is_code(source) and not os.path.exists(source):
        raise ValueError(f"model {source!r} does not exist (from {os.getcwd()})")


def is_saved_model(path: str) -> bool:
    return os.path.isfile(os.path.join(path, "saved_model.pb"))


def _paths(found: Any) -> list[str]:
    patterns = [found] if isinstance(found, str | os.PathLike) else list(found)
    if not patterns:
        raise ValueError("checkpoints is empty; give a pattern such as 'ckpt/*.weights.h5', or paths")
    paths: list[str] = []
    for pattern in map(os.path.expanduser, patterns):
        # A path may hold what a pattern gives a meaning.
        matched = [pattern] if os.path.exists(pattern) else glob.glob(pattern, recursive=True)
        if not matched:
            raise ValueError(f"no checkpoint is called {os.fspath(pattern)!r} (from {os.getcwd()})")
        paths += map(os.path.abspath, matched)
    return sorted(dict.fromkeys(paths), key=_natural)


def _natural(path: str) -> list[tuple[int, str]]:
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", path)]


def _step(path: str, pattern: str | None) -> int:
    name = os.path.basename(path)
    if pattern is not None:
        return _matched(name, pattern)
    stem = next((name.removesuffix(end) for end in _ENDINGS if name.endswith(end)), name)
    if _POINT.search(stem):
        raise ValueError(
            f"{path} holds a number with a decimal point, so that which of its numbers is the step is not known; give "
            "steps='saved' (--steps saved) for the optimizer's count in the file, or step_pattern= (--step-pattern), "
            r"such as '^(\d+)' for the 3 of '03-0.25.weights.h5'"
        )
    numbers = re.findall(r"\d+", stem)
    if not numbers:
        raise ValueError(
            f"{path} has no number in its name, so its step is not known; give steps= (--steps): 'saved' for the "
            "optimizer's count in the file, or one per checkpoint"
        )
    return int(numbers[-1])


def _matched(name: str, pattern: str) -> int:
    try:
        compiled = re.compile(pattern)
    except re.error as error:
        raise ValueError(f"step_pattern {pattern!r} is no regular expression: {error}") from error
    if compiled.groups != 1:
        raise ValueError(rf"step_pattern {pattern!r} has {compiled.groups} groups; it needs one, as in 'step(\d+)'")
    match = compiled.search(name)
    if match is None or not (match[1] or "").isdecimal():
        raise ValueError(
            f"step_pattern {pattern!r} finds {'nothing' if match is None else repr(match[1])} in {name!r}; its group "
            "must find a whole number in the name of every checkpoint"
        )
    return int(match[1])


def _saved(steps: str, paths: Sequence[str]) -> list[int]:
    if steps != "saved":
        raise ValueError(f"steps is {steps!r}; it is 'saved', or a step for each checkpoint")
    from tb_attribution_plugin.training.after_the_fact.saved_steps import saved_step

    return list(map(saved_step, paths))


def _given(steps: Iterable[int], paths: Sequence[str]) -> list[int]:
    numbers = list(steps)
    if len(numbers) != len(paths):
        first = ", ".join(map(os.path.basename, paths[:_NAMED])) + (", ..." if len(paths) > _NAMED else "")
        raise ValueError(f"{len(numbers)} steps are given for {len(paths)} checkpoints: {first}; give one for each")
    for step in numbers:
        if isinstance(step, bool) or not isinstance(step, int) or step < 0:
            raise ValueError(f"steps hold {step!r}; a step is a whole number >= 0")
    return numbers
