"""Captum's attributions of a torch module, logged from a training loop of one's own."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

try:
    import torch
except ModuleNotFoundError as error:
    raise ImportError("tba.integrations.captum needs torch and captum: pip install torch captum") from error

from tb_attribution_plugin.attribution import Attribution
from tb_attribution_plugin.integrations.captum_explainer import Explainer
from tb_attribution_plugin.integrations.pace import Pace
from tb_attribution_plugin.integrations.torch_layout import Layout, plain
from tb_attribution_plugin.integrations.torch_margin import margin as margin
from tb_attribution_plugin.integrations.torch_target import Explained
from tb_attribution_plugin.logging.fit_logs import FitLogs
from tb_attribution_plugin.logging.region_shares import region_shares
from tb_attribution_plugin.logging.reports import Reports, stops
from tb_attribution_plugin.logging.voice import say
from tb_attribution_plugin.logging.writer import AttributionWriter
from tb_attribution_plugin.probe import Probe
from tb_attribution_plugin.schedule import UpdateFreq

# A first run that took less is repeated, because only the second one tells what the later ones will cost.
_SHORT_SECONDS = 5.0


class AttributionLogger:
    """Explains a fixed probe again and again in a torch loop, with Captum, and logs the maps for TensorBoard.

        log = AttributionLogger("runs/torch", probe, {"integrated_gradients": IntegratedGradients(model)}, model)
        log(0)
        for step, (x, y) in enumerate(loader, 1):
            ...
            optimizer.step()
            log(step, {"loss": loss})
        log.close()

    Explains in evaluation mode and puts back every module's flag, the gradients and all random streams, so that
    training is bit-identical with and without it. Of several processes that train one model, make it in one (rank 0),
    with methods of the module inside DistributedDataParallel: the others do not take part in its passes.
    """

    def __init__(
        self,
        log_dir: str | os.PathLike[str],
        probe: Any,
        methods: Mapping[str, Any],
        model: torch.nn.Module,
        *,
        target: Any = "label",
        arguments: Mapping[str, Mapping[str, Any]] | None = None,
        channels_first: bool | None = None,
        update_freq: UpdateFreq = "auto",
        max_overhead: float | None = 0.05,
        max_bytes: int | None = None,
        resolution: int = 112,
        channels: bool = False,
        store: str = "uint8",
        start_step: int = 0,
        on_error: str = "warn",
        name: str = "attribution",
    ) -> None:
        """Args:
          log_dir: TensorBoard's directory of this run; attributions go to `<log_dir>/<name>`.
          probe: a Probe, (x, y) or x, with channels last: pictures are [B, H, W, C].
          methods: {tag: object of captum.attr}. What they were made with is explained, `output[target]`: of a module
            that returns logits the target's logit. Make them with `margin(model)` for the scalar of Keras's maps.
          model: the module. It, and every module that was given to Captum, is in evaluation mode meanwhile.
          target: "label", "predicted" (resolved at every step), a class index or name, or one index per example.
            Without labels, "label" becomes "predicted".
          arguments: {tag: arguments of Captum's `attribute`}, such as {"integrated_gradients": {"n_steps": 32}}.
            Tensors among them are in the module's layout.
          channels_first: None: the module takes pictures as [B, C, H, W]; True: and series as [B, C, T]; False:
            everything as the probe has it.
          update_freq: "auto" (steps 0, 1, 2, 4, 8 ..., and after the first `epoch_ended` every epoch), "epoch", or
            every N steps.
          max_overhead, max_bytes, resolution, channels, store, name: as of `AttributionCallback`.
          start_step: at which training starts; 0 is a new fit, a later one resumes in place.
          on_error: "warn" reports what fails after the first log once and goes on; "raise" stops training.

        Raises:
          ValueError, TypeError: names the argument, its rule and the value.
        """
        raises = stops(on_error)
        shown = Probe.wrap(probe)
        self._explainer = Explainer(model, methods, arguments or {}, shown, target, Layout(channels_first))
        self._pace = Pace(methods, update_freq, max_overhead, max_bytes)
        self._closed = False
        self._last_step: int | None = None
        # What fails at the first log is an argument that does not fit.
        self._first, self._later = Reports(raises=True), Reports(raises=raises)
        self._writer = AttributionWriter(
            log_dir,
            shown,
            name=name,
            resolution=resolution,
            channels=channels,
            store=store,
            start_step=start_step,
            max_bytes=max_bytes,
        )
        self._log_dir = os.fspath(log_dir)
        self._loop_logs = FitLogs(self._writer, self._pace.budget.fits)

    def __call__(self, step: int, scalars: Mapping[str, Any] | None = None) -> None:
        """Explains the weights as they are, where an entry of the schedule is reached.

        Args:
          step: optimizer steps so far. The first call is always logged, and what fails then is raised: `log(0)` before
            training checks everything. Later failures are warned of once.
          scalars: numbers of the loop, such as its loss; logged with the maps.
        """
        self._entry(self._pace.batch(step), step, scalars)

    def epoch_ended(self, step: int, scalars: Mapping[str, Any] | None = None) -> None:
        """An epoch ended after so many steps; "auto" and "epoch" log here."""
        self._entry(self._pace.epoch(step), step, scalars)

    def close(self) -> None:
        """Closes the log, and says what was left out and why. More than once is harmless."""
        if not self._closed:
            self._closed = True
            self._later.guarded("the log", self._writer.close)
            self._pace.say_thinned()

    def __enter__(self) -> AttributionLogger:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    @property
    def path(self) -> str:
        """The run directory."""
        return self._writer.path

    @property
    def _reports(self) -> Reports:
        return self._first if self._last_step is None else self._later

    def _entry(self, entry: int | None, step: int, scalars: Mapping[str, Any] | None) -> None:
        if entry is None:
            return
        try:
            self._reports.guarded("the log", lambda: self._log(entry, step, scalars or {}))
        except BaseException:
            if self._last_step is None:
                self._writer.close()
            raise

    def _log(self, entry: int, step: int, scalars: Mapping[str, Any]) -> None:
        self._explainer.drain()
        first, budget, seconds = self._last_step is None, self._pace.budget, dict[str, float]()
        with self._pace.charged(seconds):
            before = self._writer.bytes_written
            due = self._pace.due(entry, before) if first or step > (self._last_step or 0) else []
            found = self._explainer(due, seconds, self._reports)
            if first:
                self._explainer([tag for tag in due if seconds[tag] < _SHORT_SECONDS], seconds, self._reports)
            if found:
                self._write(step, found, seconds)
                budget.logged(found)
                budget.wrote(self._writer.bytes_written - before)
            if budget.room(entry, self._writer.bytes_written):
                self._loop_logs.write(step, {name: plain(value) for name, value in scalars.items()})
        if first:
            say(
                f"attribution: {self._explainer.in_words(found)}; {sum(seconds.values()):.2f} s and "
                f"{(self._writer.bytes_written - before) / 1e3:.1f} kB with the probe; {self._writer.path}; open with: "
                f"tensorboard --logdir {self._log_dir}"
            )

    def _write(
        self, step: int, found: Mapping[str, tuple[Attribution, Explained]], seconds: Mapping[str, float]
    ) -> None:
        for tag, (attribution, what) in found.items():
            if tag not in self._writer.declared:
                self._writer.series(tag, **self._explainer.traits(tag, attribution, what))
        attributions = {tag: attribution for tag, (attribution, _) in found.items()}
        with self._pace.writing(self._reports):
            self._writer.write(
                step,
                attributions,
                outputs={tag: what.predictions for tag, (_, what) in found.items()},
                targets={tag: what.indices for tag, (_, what) in found.items() if what.indices is not None},
                seconds={tag: seconds[tag] for tag in found},
            )
        self._last_step = step
        units = {tag for tag, one in self._writer.declared.items() if one.units}
        self._writer.scalars(step, region_shares(attributions, self._writer.probe, units))
