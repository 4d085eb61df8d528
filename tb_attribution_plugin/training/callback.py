"""The Keras callback: when to explain, and to whom what is said."""

from __future__ import annotations

import os
import threading
import time
import weakref
from collections.abc import Mapping
from typing import Any

import keras

from tb_attribution_plugin.budget import Budget, Seconds
from tb_attribution_plugin.logging.directory import DirectoryInUseError
from tb_attribution_plugin.logging.location import identity
from tb_attribution_plugin.logging.reports import stops
from tb_attribution_plugin.logging.writer import AttributionWriter
from tb_attribution_plugin.methods import targets
from tb_attribution_plugin.probe import Probe
from tb_attribution_plugin.schedule import Schedule, UpdateFreq
from tb_attribution_plugin.training import environment, plan, selection
from tb_attribution_plugin.training.fit import Fit
from tb_attribution_plugin.training.iterations import Iterations

# Callbacks by the run directory that they were given last: one that an interrupted fit left behind gives it up.
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
        self._raises = stops(on_error)
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
        self._name = name
        # Checked here, so that a misspelt name does not wait for fit.
        selection.tagged_methods(methods, self._probe.modality)
        selection.tagged_targets(target)
        Schedule(update_freq)
        Budget({}, max_overhead, max_bytes)
        self._fit: Fit | None = None
        self._thread: threading.Thread | None = None  # of the fit
        self._iterations: Iterations | None = None
        self._seconds = Seconds()

    @property
    def seconds(self) -> Seconds:
        """Where the time of this fit, or of the last one, went."""
        return self._seconds if self._fit is None else self._fit.seconds

    def __getstate__(self) -> dict[str, Any]:
        of_a_fit = ("_fit", "_thread", "_iterations", "_model", "params")
        return self.__dict__ | dict.fromkeys(of_a_fit) | {"_seconds": Seconds()}

    def set_model(self, model: keras.Model) -> None:
        # Here, because legacy Keras next asks for hooks that a callback of Keras 3 does not have.
        environment.check_model(model)
        super().set_model(model)

    def on_train_begin(self, logs: Mapping[str, Any] | None = None) -> None:
        self._stop()
        began = time.perf_counter()
        if self.model is None:
            raise ValueError("the callback has no model; give it to the list: CallbackList(callbacks, model=model)")
        if not environment.logs_here(self.model):
            return
        if self._iterations is None or self._iterations.model is not self.model:
            self._iterations = Iterations(self.model)
        self._iterations.fit_begins()
        writer = self._claimed(self._iterations.read())
        try:
            fit = self._prepared(writer, self._iterations)
        except BaseException:
            writer.close()
            raise
        fit.tracing = time.perf_counter() - began
        self._fit = fit

    def on_epoch_begin(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        if self._fit is not None:
            self._fit.epoch_begins(epoch)

    def on_train_batch_begin(self, batch: int, logs: Mapping[str, Any] | None = None) -> None:
        self._begin()

    def on_train_batch_end(self, batch: int, logs: Mapping[str, Any] | None = None) -> None:
        if self._fit is not None:
            self._begin()
            self._fit.batch_ended(self.params, logs)

    def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        if self._fit is not None:
            self._begin()
            self._fit.epoch_ended(epoch, logs)

    def on_train_end(self, logs: Mapping[str, Any] | None = None) -> None:
        self._stop()

    def _begin(self) -> None:
        if self._fit is None:
            return
        try:
            self._fit.begin(self._log_dir, self.params)
        except BaseException:
            self._stop()
            raise

    def _prepared(self, writer: AttributionWriter, iterations: Iterations) -> Fit:
        """Resolves and traces everything; what is wrong with an argument is said here."""
        resolved = plan.plan(
            self.model,
            self._probe,
            methods=self._methods,
            target=self._target,
            output=self._output,
            batchnorm=self._batchnorm,
        )
        return Fit(
            resolved,
            writer,
            iterations,
            Schedule(self._update_freq),
            max_overhead=self._max_overhead,
            max_bytes=self._max_bytes,
            raises=self._raises,
        )

    def _claimed(self, step: int) -> AttributionWriter:
        """The writer of the run directory, taken from a callback that an interrupted fit left behind."""
        wanted = identity(self._log_dir, self._name)
        try:
            writer = self._writer(step)
        except DirectoryInUseError as error:
            holder = _holders.get(wanted)
            other = f"give one of them another name, e.g. name={self._name + '_validation'!r}"
            if holder is None or holder._fit is None or holder._runs_elsewhere():
                raise ValueError(
                    f"two fits of this process, or a fit and a writer, write to {wanted}; {other}"
                ) from error
            if holder.params is self.params:  # Keras hands one object to all callbacks of a fit
                raise ValueError(
                    f"two AttributionCallbacks of this fit write to {wanted}; {other}"
                    + ("" if self.params else "; if the other's training is over, call its on_train_end()")
                ) from error
            holder._stop()
            writer = self._writer(step)
        self._thread = threading.current_thread()
        _holders[wanted] = self
        return writer

    def _runs_elsewhere(self) -> bool:
        """A fit of another thread may be running; one of this thread was interrupted."""
        return self._thread is not threading.current_thread() and self._thread is not None and self._thread.is_alive()

    def _writer(self, step: int) -> AttributionWriter:
        return AttributionWriter(
            self._log_dir,
            self._probe,
            name=self._name,
            resolution=self._resolution,
            channels=self._channels,
            store=self._store,
            start_step=step,
            max_bytes=self._max_bytes,
        )

    def _stop(self) -> None:
        fit, self._fit = self._fit, None
        if fit is None:
            return
        try:
            fit.close()
        finally:
            self._seconds = fit.seconds
