"""What one process does: a model is made and traced once, then its checkpoints are explained one after the other."""

from __future__ import annotations

import dataclasses
import threading
import time

from tb_attribution_plugin.logging.reports import Reports
from tb_attribution_plugin.training import divergence
from tb_attribution_plugin.training.after_the_fact import loading
from tb_attribution_plugin.training.after_the_fact.checkpoints import Checkpoint, is_saved_model
from tb_attribution_plugin.training.after_the_fact.task import Explained, Task
from tb_attribution_plugin.training.declaration import declaration
from tb_attribution_plugin.training.declared import Declaration
from tb_attribution_plugin.training.gathered import gathered
from tb_attribution_plugin.training.plan import plan, tensors
from tb_attribution_plugin.training.rejection import cause


class _Prepared:
    def __init__(self, task: Task) -> None:
        self.model = loading.model(task.model, task.probe)
        self.plan = plan(
            self.model,
            task.probe,
            methods=task.methods,
            target=task.target,
            output=task.output,
            batchnorm="moving",
        )
        self.groups = self.plan.compiled(tensors(task.probe.inputs))


# One model at a time, and one thread: checkpoints take turns in its variables.
_turn = threading.Lock()
_prepared: dict[str, _Prepared] = {}


def declared(task: Task) -> tuple[Declaration, list[str]]:
    with _turn:
        prepared = _of(task)
        return declaration(prepared.plan), prepared.plan.notes


def explained(task: Task, checkpoint: Checkpoint) -> Explained:
    with _turn:
        if is_saved_model(checkpoint.path):
            prepared = _prepared_anew(dataclasses.replace(task, model=checkpoint.path))
        else:
            prepared = _of(task)
            loading.load_weights(prepared.model, checkpoint.path)
        reports = Reports(raises=True)
        results, computing = {}, {}
        for name, group in prepared.groups.items():
            began = time.perf_counter()
            try:
                found = group.explained(reports)
            except Exception as error:
                raise ValueError(f"{name} failed: {type(error).__name__}: {cause(error)}") from None
            assert found is not None  # what fails is raised
            results[name], computing[name] = found, time.perf_counter() - began
        logged = gathered(results, computing, prepared.plan.by_feature)
        bad = divergence.not_finite(logged.attributions)
        size, variables = task.probe.size, prepared.plan.variables
        return Explained(logged, divergence.explained(bad, checkpoint.step, size, variables) if bad else "")


def _of(task: Task) -> _Prepared:
    if task.key not in _prepared:
        _prepared.clear()
        _prepared[task.key] = _prepared_anew(task)
    return _prepared[task.key]


def _prepared_anew(task: Task) -> _Prepared:
    try:
        return _Prepared(task)
    except Exception as error:
        raise ValueError(str(error)) from None
