"""The Keras callback: when to explain, and to whom what is said."""

from __future__ import annotations

import os
import time
import weakref
from collections.abc import Mapping
from typing import Any

import keras

from tb_attribution_plugin.logging.writer import AttributionWriter
from tb_attribution_plugin.methods import targets
from tb_attribution_plugin.probe import Probe
from tb_attribution_plugin.schedule import FREE_SECONDS, Budget, Schedule, Seconds, UpdateFreq
from tb_attribution_plugin.training import environment, plan, selection
from tb_attribution_plugin.training.iterations import Iterations
from tb_attribution_plugin.training.recorder import SCALAR_BYTES, Recorder
from tb_attribution_plugin.training.voice import say

# Callbacks by the run directory that they asked for: two of one fit must not share one, while one that an interrupted
# fit left behind gives it up.
_holders: weakref.WeakValueDictionary[str, AttributionCallback] = weakref.WeakValueDictionary()


class AttributionCallback(keras.callbacks.Callback):
    """Explains a fixed probe again and again during `model.fit` and logs the attributions for TensorBoard.

        model.fit(x, y, callbacks=[tba.AttributionCallback("runs/mine", (x_val[:8], y_val[:8]))])

    Training is bit-identical with and without it; a failing attribution never stops it. A map shows the weights as
    they are when this callback runs: what a later one in the list does to them (a weight average, weights that
    EarlyStopping restores at the end of fit) is seen at the next step, or not at all.

    Copies and pickles hold what it was made with, none of what belongs to a fit.
    """

    def __init__(
        self,
        log_dir: str | os.PathLike[str],
        probe: Any,
        *,
        methods: Any = None,
        target: Any = "label",
        output: str = "margin",
        update_freq: UpdateFreq = "auto",
        max_overhead: float | None = 0.05,
        max_bytes: int | None = None,
        resolution: int = 112,
        channels: bool = False,
        store: str = "uint8",
        batchnorm: str = "moving",
        on_error: str = "warn",
        name: str = "attribution",
    ) -> None:
        """Args:
          log_dir: TensorBoard's directory of this run; attributions go to `<log_dir>/<name>`.
          probe: a Probe, (x, y) or x.
          methods: names ("integrated_gradients"), instances (tba.methods.GradCAM(layer="conv5")), a list of them, or
            {tag: instance}. None picks two families that suit the modality.
          target: "label", "predicted" (resolved at every step), a class index or name, one index per example, a
            callable (outputs) -> [B], tba.targets.Contrast or Output, or {tag: target} for several at once. Without
            labels, "label" becomes "predicted".
          output: the scalar: "margin" (logit minus the mean of the other logits), "logits" or "as_is".
          update_freq: "auto" (steps 0, 1, 2, 4, 8 ... while the first epoch lasts, then every epoch), "epoch", or every
            N optimizer iterations.
          max_overhead: attribution may take this share of the other time of the fit, after 10 free seconds; then it is
            thinned to every 2nd, 4th ... entry. None: no limit.
          max_bytes: the schedule is thinned to stay under this size on disk. None: no limit.
          resolution: maps are stored with at most this many cells per side, larger ones block-summed.
          channels: True stores channels apart, else their sum.
          store: "uint8" (companded), "float16" or "float32" per value.
          batchnorm: statistics that attributions use: "moving", as inference does, or "debiased", the same without the
            weight of where they started, which a young network's still have.
          on_error: "warn" reports a failing attribution once and goes on; "raise" stops training.
          name: of the run directory; two callbacks in one fit take two names.

        Raises:
          ValueError, TypeError: names the argument, its rule and the value; a Keras backend that cannot be explained.
        """
        super().__init__()
        environment.check_backend()
        if not isinstance(log_dir, str | os.PathLike):
            raise TypeError(f"log_dir must be a path; got {type(log_dir).__name__}: {log_dir!r}")
        if output not in targets.OUTPUTS:
            raise ValueError(f"output must be one of {', '.join(targets.OUTPUTS)}; got {output!r}")
        if batchnorm not in ("moving", "debiased"):
            raise ValueError(f"batchnorm must be 'moving' or 'debiased'; got {batchnorm!r}")
        if not isinstance(channels, bool):
            raise TypeError(f"channels must be True or False; got {channels!r}")
        if not isinstance(name, str):
            raise TypeError(f"name must be a string, the name of one directory; got {name!r}")
        if on_error not in ("warn", "raise"):
            raise ValueError(f"on_error must be 'warn' or 'raise'; got {on_error!r}")
        self._log_dir = os.fspath(log_dir)
        self._probe = Probe.wrap(probe)
        self._methods = methods
        self._batchnorm = batchnorm
        self._target = target
        self._output = output
        self._update_freq = update_freq
        self._max_overhead = max_overhead
        self._max_bytes = max_bytes
        self._resolution = resolution
        self._channels = channels
        self._store = store
        self._raises = on_error == "raise"
        self._name = name
        # Checked here, so that a misspelt name does not wait for fit.
        selection.tagged_methods(methods, self._probe.modality)
        selection.tagged_targets(target)
        Schedule(update_freq)
        Budget({}, max_overhead, max_bytes)
        self._recorder: Recorder | None = None
        self._writer: AttributionWriter | None = None
        self._iterations: Iterations | None = None
        self._plan: plan.Plan | None = None
        self._seconds = Seconds()
        self._trace_seconds = 0.0

    @property
    def seconds(self) -> Seconds:
        """Where the time of this fit, or of the last one, went."""
        found = self._seconds if self._recorder is None else self._recorder.seconds
        return found._replace(tracing=self._trace_seconds)

    def __getstate__(self) -> dict[str, Any]:
        of_a_fit = ("_recorder", "_writer", "_iterations", "_plan", "_model", "params")
        return self.__dict__ | dict.fromkeys(of_a_fit)

    def set_model(self, model: keras.Model) -> None:
        # Here, because legacy Keras next asks for hooks that a callback of Keras 3 does not have.
        environment.check_model(model)
        super().set_model(model)

    def on_train_begin(self, logs: Mapping[str, Any] | None = None) -> None:
        self._stop()
        began = time.perf_counter()
        if not environment.logs_here(self.model):
            return
        if self._iterations is None or self._iterations.model is not self.model:
            self._iterations = Iterations(self.model)
        self._iterations.fit_begins()
        self._epoch = 0
        self._begun = False
        self._hold()
        self._writer = AttributionWriter(
            self._log_dir,
            self._probe,
            name=self._name,
            resolution=self._resolution,
            channels=self._channels,
            store=self._store,
            start_step=self._iterations.step,
            max_bytes=self._max_bytes,
        )
        try:
            self._prepare(self._writer)
        except BaseException:
            self._stop()
            raise
        self._trace_seconds = time.perf_counter() - began

    def on_epoch_begin(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        self._epoch = epoch

    def on_train_batch_begin(self, batch: int, logs: Mapping[str, Any] | None = None) -> None:
        self._begin()

    def on_train_batch_end(self, batch: int, logs: Mapping[str, Any] | None = None) -> None:
        if self._recorder is None or self._iterations is None:
            return
        self._begin()
        self._iterations.batch_ended((self.params or {}).get("steps"))
        if not self._schedule.watches(self._epoch):
            return  # reading the iterations waits for the device
        step = self._iterations.step
        entry = self._schedule.batch(step, self._epoch)
        if entry is not None:
            self._recorder.record(entry, step, self._epoch, self._iterations.batches, logs or {})

    def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        if self._recorder is None or self._iterations is None:
            return
        self._begin()
        self._iterations.epoch_ended()
        step = self._iterations.step
        entry = self._schedule.epoch_end()
        if entry is None:
            self._recorder.scalars(step, logs or {})
        else:
            self._recorder.record(entry, step, epoch, self._iterations.batches, logs or {})
        self._epoch = epoch + 1  # a loop that is written by hand may not announce it

    def on_train_end(self, logs: Mapping[str, Any] | None = None) -> None:
        self._stop()

    def _begin(self) -> None:
        """Opens the log where training starts; not before, because another callback may restore a backup when it does.

        A loop that is written by hand may leave hooks out: the first one that it calls begins.
        """
        if self._recorder is None or self._iterations is None or self._begun:
            return
        self._begun = True
        self._iterations.training_begins()
        step = self._iterations.step
        self._recorder.start(self._schedule.start(step), step, self._epoch)
        self._say_start(step)

    def _prepare(self, writer: AttributionWriter) -> None:
        """Resolves and traces everything; what is wrong with an argument is said here."""
        self._plan = plan.plan(
            self.model,
            self._probe,
            methods=self._methods,
            target=self._target,
            output=self._output,
            batchnorm=self._batchnorm,
        )
        groups = self._plan.compiled(plan.tensors(self._probe.inputs))
        self._budget = Budget(
            {name: len(jobs) for name, jobs in self._plan.groups.items()}, self._max_overhead, self._max_bytes
        )
        self._schedule = Schedule(self._update_freq)
        self._recorder = Recorder(self._plan, groups, writer, self._budget, raises=self._raises)

    def _hold(self) -> None:
        """Takes the run directory from a callback that an interrupted fit left behind."""
        wanted = os.path.join(os.path.realpath(self._log_dir), self._name)
        holder = _holders.get(wanted)
        if holder is not None and holder is not self and holder._writer is not None:
            if holder.params is self.params:  # Keras hands one object to all callbacks of a fit
                raise ValueError(
                    f"two AttributionCallbacks of this fit write to {wanted}; give one of them another name, "
                    f"e.g. name={self._name + '_validation'!r}"
                    + ("" if self.params else "; if the other's training is over, call its on_train_end()")
                )
            holder._stop()
        _holders[wanted] = self

    def _stop(self) -> None:
        if self._recorder is not None:
            self._recorder.close(self._iterations.batches if self._begun and self._iterations is not None else 0)
            self._seconds = self._recorder.seconds
        elif self._writer is not None:
            self._writer.close()
        self._recorder = self._writer = self._plan = None

    def _say_start(self, step: int) -> None:
        assert self._recorder is not None
        assert self._writer is not None
        assert self._plan is not None
        params = self.params or {}
        entries = self._schedule.planned(step, params.get("steps"), params.get("epochs") or 1, self._epoch)
        costs = {tag: job.method.cost() for tag, job in self._plan.jobs.items()}
        jobs = ", ".join(f"{tag} ({cost} evaluation{'s' if cost > 1 else ''})" for tag, cost in costs.items())
        shown = dict.fromkeys(f"{job.target.name} ({job.target.scalar})" for job in self._plan.jobs.values())
        seconds, size = self._recorder.log_seconds, self._recorder.first_bytes
        cost = f"{seconds:.2f} s and {_bytes(size)} per log (step {step}), {self._trace_seconds:.1f} s of tracing"
        if entries is not None:
            # Fit's own logs come with every entry but the first.
            size += SCALAR_BYTES * 4
            entries = self._budget.plan(entries, size, self._writer.bytes_written)
            total, all_seconds = self._writer.bytes_written + (entries - 1) * size, entries * seconds
            thinned = self._max_overhead is not None and all_seconds > FREE_SECONDS
            cost += f"; at most {entries} logs, {all_seconds:.0f} s"
            cost += f" (as far as {self._max_overhead:.0%} of the training time allow)" if thinned else ""
            cost += f" and {_bytes(total)}"
        lines = [
            f"attribution: {jobs} of {self._probe.size} {self._probe.modality} examples, target "
            f"{', '.join(shown)}; {cost}; {self._writer.path}; open with: tensorboard --logdir {self._log_dir}"
        ]
        lines += [f"attribution: {note}" for note in self._plan.notes]
        # A progress bar may have left its line open.
        say("\n" + "\n".join(lines))


def _bytes(size: int) -> str:
    return f"{size / 1e6:.1f} MB" if size >= 1e6 else f"{size / 1e3:.1f} kB"
