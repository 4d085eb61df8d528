"""The log of an ensemble that grows round by round: what is due is explained and written, and never stops training."""

from __future__ import annotations

import dataclasses
import os
import time
from collections.abc import Mapping
from typing import Any

import numpy as np

from tb_attribution_plugin.attribution import Attribution
from tb_attribution_plugin.budget import Budget
from tb_attribution_plugin.integrations.ensemble import PATH_DEPENDENT, Explained, Explainer
from tb_attribution_plugin.integrations.pace import Pace
from tb_attribution_plugin.integrations.target import resolve, weights
from tb_attribution_plugin.logging.fit_logs import FitLogs
from tb_attribution_plugin.logging.region_shares import region_shares
from tb_attribution_plugin.logging.reports import Reports, stops
from tb_attribution_plugin.logging.voice import say
from tb_attribution_plugin.logging.writer import AttributionWriter
from tb_attribution_plugin.schedule import Schedule, UpdateFreq

TAG = "tree_shap"


@dataclasses.dataclass(frozen=True)
class Options:
    """What is asked of a log, checked; see `tba.integrations.xgboost.AttributionCallback`."""

    log_dir: str | os.PathLike[str]
    target: Any
    feature_perturbation: str
    update_freq: UpdateFreq
    max_overhead: float | None
    max_bytes: int | None
    on_error: str
    name: str

    def __post_init__(self) -> None:
        if not isinstance(self.log_dir, str | os.PathLike):
            raise TypeError(f"log_dir must be a path; got {type(self.log_dir).__name__}: {self.log_dir!r}")
        stops(self.on_error)
        Schedule(self.update_freq)
        Budget({}, self.max_overhead, self.max_bytes)


class Rounds:
    """Logs one fit. Steps are rounds; the first is that of the model after the first new one."""

    def __init__(self, explainer: Explainer, options: Options, *, start: int) -> None:
        """Args:
          start: rounds that the model already has; 0 is another fit than what the directory may hold.

        Raises:
          ValueError, TypeError: names the argument, its rule and the value.
        """
        probe = explainer.table.probe
        self._explainer = explainer
        self._targets = resolve(options.target, explainer.head, probe)
        self._pace = Pace([TAG], options.update_freq, options.max_overhead, options.max_bytes)
        self._reports = Reports(raises=stops(options.on_error))
        self._start = start
        self._last = start
        self._seen = 0
        self._writer = AttributionWriter(
            options.log_dir, probe, name=options.name, store="float32", start_step=start, max_bytes=options.max_bytes
        )
        self._fit_logs = FitLogs(self._writer, self._pace.budget.fits)
        self._opened = False
        try:
            self._declare(options)
        except BaseException:
            self._writer.close()
            raise
        names = ", ".join(f"{one.name} ({one.scalar})" for one in self._targets.values())
        say(
            f"attribution: TreeSHAP of {probe.size} rows, target {names}; {self._writer.path}; open with: "
            f"tensorboard --logdir {os.fspath(options.log_dir)}"
        )

    def _declare(self, options: Options) -> None:
        for suffix, one in self._targets.items():
            self._writer.series(
                TAG + suffix,
                method="TreeSHAP",
                target=one.name,
                scalar=one.scalar,
                parameters={"feature_perturbation": options.feature_perturbation},
                error_kind="gap",
                additive=True,
            )
        self._writer.describe_baseline(_absent(self._explainer, options.feature_perturbation))

    def ended(self, model: Any, rounds: int, logs: Mapping[str, Any]) -> None:
        """A round ended; the model has so many by now."""
        self._reports.guarded("the log", lambda: self._ended(model, rounds, logs))

    def close(self, model: Any = None, rounds: int = 0) -> None:
        """Training is over: the last round is logged, too, where the model is given."""
        try:
            if model is not None and rounds > self._last and self._seen:
                self._reports.guarded("the log", lambda: self._over(model, rounds))
        finally:
            self._reports.guarded("the log", self._writer.close)
        self._pace.say_thinned()

    def _ended(self, model: Any, rounds: int, logs: Mapping[str, Any]) -> None:
        self._seen = rounds
        entry = self._pace.batch(rounds)
        if entry is not None:
            self._entry(entry, model, rounds, logs)

    def _over(self, model: Any, rounds: int) -> None:
        # Early stopping may have taken rounds back.
        entry = self._pace.epoch(max(rounds, self._seen))
        if entry is not None:
            self._entry(entry, model, rounds, {})

    def _entry(self, entry: int, model: Any, rounds: int, logs: Mapping[str, Any]) -> None:
        budget, seconds = self._pace.budget, dict[str, float]()
        due = self._pace.due(entry, self._writer.bytes_written)
        with self._pace.charged(seconds):
            if due:
                found = self._reports.guarded("TreeSHAP", lambda: self._explained(model, rounds, seconds))
                if found is not None:
                    self._write(rounds, found, seconds)
            if budget.room(entry, self._writer.bytes_written):
                self._fit_logs.write(rounds, logs)

    def _explained(self, model: Any, rounds: int, seconds: dict[str, float]) -> Explained:
        began = time.perf_counter()
        try:
            return self._explainer(model, rounds)
        finally:
            seconds[TAG] = time.perf_counter() - began

    def _write(self, rounds: int, found: Explained, seconds: dict[str, float]) -> None:
        attributions, columns = {}, {}
        for suffix, target in self._targets.items():
            columns[TAG + suffix] = chosen = target.columns(found.outputs)
            attributions[TAG + suffix] = self._attribution(found, chosen)
        if not self._opened:
            self._opened = True
            with self._reports.notices():
                # What an earlier fit said of the model that this one starts with stays.
                self._writer.open(self._start, replaces=self._start + 1 if self._start else 0)
        predictions: Any = found.predictions
        if self._explainer.head.kind == "values" and self._explainer.head.units > 1:  # each explains another value
            predictions = {tag: found.predictions[np.arange(len(one)), one] for tag, one in columns.items()}
        before = self._writer.bytes_written
        each = dict.fromkeys(attributions, seconds[TAG] / len(attributions))
        with self._pace.writing(self._reports):
            self._writer.write(rounds, attributions, outputs=predictions, targets=columns, seconds=each)
        self._last = rounds
        self._pace.budget.logged([TAG])
        self._writer.scalars(rounds, region_shares(attributions, self._writer.probe))
        self._pace.budget.wrote(self._writer.bytes_written - before)

    def _attribution(self, found: Explained, columns: Any) -> Attribution:
        """Of a target: the same sum of contributions, outputs and base values as of outputs."""
        counts = weights(self._explainer.head, columns)
        scores = (found.scores * counts[:, None, :]).sum(axis=2)
        outputs, base = (found.outputs * counts).sum(axis=1), counts @ found.base
        return Attribution(
            scores=scores, residual=outputs - base - scores.sum(axis=1), outputs=outputs, baseline_outputs=base
        )


def _absent(explainer: Explainer, perturbation: str) -> str:
    """What "feature absent" means, in words."""
    if perturbation == PATH_DEPENDENT:
        return "absent columns go both ways, by the rows of training that did"
    return f"{len(explainer.table.background)} background rows"
