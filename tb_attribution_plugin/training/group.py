"""Methods that are compiled, scheduled and charged together."""

from __future__ import annotations

import functools
from collections.abc import Mapping

from tb_attribution_plugin.logging.reports import Reports
from tb_attribution_plugin.methods.rows import Structure
from tb_attribution_plugin.training.compiled import Compiled, Job, Results
from tb_attribution_plugin.training.keras_model import KerasModel


class Group:
    """Jobs that share their evaluations. Where one fails, each is run alone: the others are not to pay for it."""

    def __init__(self, name: str, network: KerasModel, inputs: Structure, jobs: Mapping[str, Job]) -> None:
        """Traces the jobs together."""
        self._name = name
        self._network = network
        self._inputs = inputs
        self._jobs = jobs
        self._together = Compiled(network, inputs, jobs)
        self._alone: dict[str, Compiled] = {}

    def explained(self, reports: Reports) -> Results | None:
        """What does not fail, with the weights as they are now; None where all does. What fails is reported."""
        if len(self._jobs) == 1:
            return reports.guarded(self._name, self._together)
        try:
            return self._together()
        except Exception:  # which of them it is shows when they are alone
            found = [reports.guarded(tag, functools.partial(self._one, tag)) for tag in self._jobs]
        sound = [one for one in found if one is not None]
        return Results.merged(sound) if sound else None

    def _one(self, tag: str) -> Results:
        if tag not in self._alone:
            self._alone[tag] = Compiled(self._network, self._inputs, {tag: self._jobs[tag]})
        return self._alone[tag]()
