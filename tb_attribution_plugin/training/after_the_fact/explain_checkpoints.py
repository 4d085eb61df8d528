"""Explains saved checkpoints into a log, as if the callback had been there."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Iterable
from concurrent.futures import Executor, Future
from contextlib import closing
from typing import Any, NamedTuple

from tb_attribution_plugin.logging.explained_run import ExplainedRun
from tb_attribution_plugin.logging.region_shares import region_shares
from tb_attribution_plugin.logging.voice import say
from tb_attribution_plugin.probe import Probe
from tb_attribution_plugin.training.after_the_fact import executors
from tb_attribution_plugin.training.after_the_fact.checkpoints import Checkpoint, is_saved_model
from tb_attribution_plugin.training.after_the_fact.checkpoints import checkpoints as found_checkpoints
from tb_attribution_plugin.training.after_the_fact.in_order import in_order
from tb_attribution_plugin.training.after_the_fact.task import Explained, Task, declared, explained
from tb_attribution_plugin.training.declared import Declaration
from tb_attribution_plugin.training.progress import Progress

# Of an executor whose size is not known.
_IN_FLIGHT = 16


class Outcome(NamedTuple):
    """What became of the checkpoints, by step.

    Attributes:
      path: the run.
      written: now.
      stored: before.
      failed: with the cause.
    """

    path: str
    written: tuple[int, ...]
    stored: tuple[int, ...]
    failed: dict[int, str]


def explain_checkpoints(
    model: str | os.PathLike[str] | Callable[[], Any] | None,
    checkpoints: str | os.PathLike[str] | Iterable[str | os.PathLike[str]],
    probe: Any,
    log_dir: str | os.PathLike[str],
    *,
    methods: Any = None,
    target: Any = "label",
    output: str = "margin",
    steps: Iterable[int] | str | None = None,
    step_pattern: str | None = None,
    resolution: int = 112,
    channels: bool = False,
    store: str = "uint8",
    name: str = "attribution",
    jobs: int = 1,
    executor: Executor | None = None,
    in_flight: int | None = None,
) -> Outcome:
    """Logs what `AttributionCallback` would have logged where these checkpoints were saved.

    Steps that the run holds already are left out, so a call that was interrupted goes on. A checkpoint that fails is
    told of, and the others go on.

    Args:
      model: a `.keras` file, a function without arguments that makes the model (and compiles it), or its name as
        "module:function". None: that of the first checkpoint.
      checkpoints: a glob pattern, or paths: `.weights.h5`, `.keras`; or directories of SavedModels, whose inner layers
        cannot be explained.
      probe, methods, target, output, resolution, channels, store, name: as those of `AttributionCallback`. With
        `executor` or `jobs`, they and `model` have to be picklable.
      steps: of the checkpoints, in natural order of their names; "saved": the optimizer's count in each file, which is
        what the callback's steps are; None: the last whole number of each name.
      step_pattern: instead, a regular expression with one group, the step, that is searched for in each name.
      jobs: processes of this machine, each with a model of its own; the script that calls needs its
        `if __name__ == "__main__":`.
      executor: where checkpoints are explained instead: any `concurrent.futures.Executor`, such as
        `dask.distributed.Client(...).get_executor()`. Its processes see the checkpoints under the same paths.
      in_flight: at most so many checkpoints are with the executor, or wait in memory to be written; None: 16 of an
        executor, and two for each of several jobs.

    Raises:
      ValueError, TypeError: names the argument, its rule, the value and the fix; a run that holds other maps.
      OSError: the log cannot be written.
    """
    _check_count("jobs", jobs, "processes")
    if in_flight is not None:
        _check_count("in_flight", in_flight, "checkpoints")
    if hasattr(model, "load_weights") and not isinstance(model, type):
        raise TypeError(
            f"model is a {type(model).__name__} of this process, whose weights are left alone; give a path "
            "(model.save('model.keras')), or a function that makes it"
        )
    probe = Probe.wrap(probe)
    wanted = found_checkpoints(checkpoints, steps, step_pattern)
    saved = [one.path for one in wanted if is_saved_model(one.path)]
    if saved and model is not None:
        raise ValueError(f"{saved[0]} is a SavedModel, which holds its model; pass model=None (leave out --model)")
    source = wanted[0].path if model is None else model if callable(model) else os.fspath(model)
    if isinstance(source, str) and os.path.exists(source):
        source = os.path.abspath(source)  # other processes may have another working directory
    task = Task(model=source, probe=probe, methods=methods, target=target, output=output)
    with executors.chosen(executor, jobs) as chosen:
        about, notes = chosen.submit(declared, task).result()
        with ExplainedRun(log_dir, probe, name=name, resolution=resolution, channels=channels, store=store) as run:
            stored = run.begin(about.declare, [one.step for one in wanted])
            due = [one for one in wanted if one.step not in stored or one.step == run.recalled]
            for note in notes if due else ():
                say(f"attribution: {note}")
            most = (_IN_FLIGHT if executor else 2 * jobs if jobs > 1 else 1) if in_flight is None else in_flight
            with closing(in_order(chosen, functools.partial(explained, task), due, most)) as results:
                failed = _written(run, about, results, len(due))
    written = tuple(one.step for one in due if one.step not in stored and one.step not in failed)
    return Outcome(run.path, written, tuple(sorted(stored)), failed)


def _check_count(name: str, value: Any, of: str) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ValueError(f"{name} is {value!r}; it is a number of {of}, at least 1")


def _written(
    run: ExplainedRun, about: Declaration, results: Iterable[tuple[Checkpoint, Future[Explained]]], total: int
) -> dict[int, str]:
    """Writes what succeeds; what fails, with its cause, by step."""
    failed: dict[int, str] = {}
    with Progress(f"into {run.path}", total, unit="checkpoints") as progress:
        for checkpoint, future in results:
            try:
                found = future.result()
                _write(run, about, checkpoint.step, found)
                notice = found.notice
            except ValueError as error:
                failed[checkpoint.step] = notice = f"{checkpoint.path}: {error}"
            if notice:
                progress.end_line()
                say(f"attribution: {notice}")
            progress.add(1)
    return failed


def _write(run: ExplainedRun, about: Declaration, step: int, found: Explained) -> None:
    maps = found.logged.attributions
    if step == run.recalled:
        run.writer.recall(step, maps)
        return
    if not run.baseline_known:
        about.describe_baseline(run.writer, maps)
        run.baseline_known = True
    run.write(step, found.logged._asdict(), region_shares(maps, run.writer.probe, about.units))
