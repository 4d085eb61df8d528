"""The writer that every framework logs through."""

from __future__ import annotations

import os
from collections.abc import Mapping
from types import TracebackType
from typing import Any

from tb_attribution_plugin.attribution import Attribution
from tb_attribution_plugin.logging import events
from tb_attribution_plugin.logging.arguments import check_scalar_tag, check_step
from tb_attribution_plugin.logging.description import Storage, Traits
from tb_attribution_plugin.logging.directory import Claim
from tb_attribution_plugin.logging.map_records import MapRecords
from tb_attribution_plugin.logging.run import Run
from tb_attribution_plugin.logging.series import per_example
from tb_attribution_plugin.probe import Probe
from tb_attribution_plugin.wire import attribution_pb2 as pb
from tb_attribution_plugin.wire import names

_EPOCHS = pb.TagMetadata(version=names.WIRE_VERSION, epochs=pb.EpochSeries())


class AttributionWriter:
    """Logs attributions of one probe to `<log_dir>/<name>` as TensorBoard events. Needs no TensorFlow.

    The directory is claimed here and given back by `close`; the event file is opened at the first write (or by `open`).

        with AttributionWriter("runs/mine", Probe(x, labels)) as writer:
            writer.series("saliency", method="Saliency", target="label")
            writer.write(100, {"saliency": scores}, outputs=probabilities)
    """

    _claim = Claim

    def __init__(
        self,
        log_dir: str | os.PathLike[str],
        probe: Any,
        *,
        name: str = "attribution",
        resolution: int = 112,
        channels: bool = False,
        store: str = "uint8",
        start_step: int = 0,
        max_bytes: float | None = None,
    ) -> None:
        """Checks everything and claims the directory.

        Args:
          probe: a Probe, (x, y) or x.
          name: directory below log_dir; two writers take two names.
          resolution: maps of images and series are stored with at most this many cells per side, larger ones
            block-summed.
          channels: True keeps the channels of image maps (and embedding axes of tokens) apart, else they are summed.
          store: "uint8" (companded), "float16" or "float32" per value.
          start_step: step at which this fit starts. 0 in a directory that holds steps is another fit and takes the
            next free name; a later step resumes in place and replaces what it overlaps.
          max_bytes: the directory never grows beyond this; what an earlier fit left in it counts. None: no limit.

        Raises:
          DirectoryInUseError: this process already writes to that name.
          ValueError, TypeError: an argument, with the rule and the fix.
          OSError: log_dir cannot be created or written to.
        """
        self.probe = Probe.wrap(probe)
        self._maps = MapRecords(self.probe, Storage.of(resolution, channels, store))
        self._last_step: int | None = None
        self._last_scalar_step: dict[str, int] = {}
        start_step = check_step(start_step, "start_step")
        self._run = Run(self._claim(log_dir, name, start_step), start_step, self.probe, max_bytes)
        if max_bytes is not None and (size := len(self._run.probe_record(0))) > max_bytes:
            self._run.close()
            raise ValueError(
                f"max_bytes is {max_bytes:,.0f}, but the probe alone takes {size:,} bytes; raise it, or pass fewer "
                "examples or Probe(..., store_inputs=False)"
            )

    def series(
        self,
        tag: str,
        *,
        method: str,
        signed: bool = True,
        target: str = "",
        scalar: str = "value",
        parameters: Mapping[str, Any] | None = None,
        class_sensitive: bool = True,
        weight_sensitive: bool = True,
        error_kind: str = "none",
        additive: bool = False,
        cam: bool = False,
        units: bool = False,
        at_layer: bool = False,
        correlated_errors: bool = False,
        computed_with: Mapping[str, str] | None = None,
    ) -> None:
        """Declares a series, once, before its first step.

        Args:
          tag: its name on screen, "grad_cam" or "deep_shap/dog".
          method: name of the method.
          signed: False where every score is >= 0 by definition.
          target: what is explained, in words: "label", "cat - dog".
          scalar: in which unit: "margin", "logit", "probability", "value".
          parameters: the method's fields, shown as Python would write them.
          class_sensitive, weight_sensitive: whether the map depends on the class, and on the weights.
          error_kind: what `residual` means: none, gap, standard_error, one_minus_r2, absorbed, map_difference.
          additive: sums of scores over cells mean something.
          cam: a class activation map: the page offers to cut off what is below zero.
          units: scores are of units of a layer, [B, units, ...], which have no place in an input: they become bars.
          at_layer: scores are of a layer's output, [B, *grid, C]; the C of a series are summed, as they are not those
            of the input.
          correlated_errors: standard errors of neighbours and channels come from the same draws, so that the error of a
            sum is their sum; else it is the root of the sum of their squares.
          computed_with: packages and their versions; None: those that this process has loaded.
        """
        self._maps.declare(
            tag,
            Traits(at_layer, correlated_errors),
            method=method,
            signed=signed,
            target=target,
            scalar=scalar,
            parameters=parameters or {},
            class_sensitive=class_sensitive,
            weight_sensitive=weight_sensitive,
            error_kind=error_kind,
            additive=additive,
            cam=cam,
            units=units,
            computed_with=computed_with,
        )

    def follow(self, tag: str, stored: pb.MapSeries, cells: Any = None) -> None:
        """Makes a declared series go on with a stored one: it keeps that one's grids.

        Args:
          stored: metadata of the series as it is stored.
          cells: scores [B, cells] of the step that the first one of this writer drifts from, or None.
        """
        self._maps.follow(tag, stored, cells)

    def recall(self, step: int, attributions: Mapping[str, Any]) -> None:
        """The next step drifts from these maps, which an earlier writer has logged; nothing is written."""
        for record in self._maps.records(step, attributions, None, {}, {}, segments=self._run.segments):
            record.written()

    def describe_baseline(self, text: str, outputs: Any = None) -> None:
        """What "feature absent" means, in words, and the model's output there [B]; before the first write."""
        self._before_first_write("describe_baseline")
        values = [] if outputs is None else per_example(outputs, self.probe.size, "baseline outputs").tolist()
        self._run.baseline = (text, values)

    def describe_segments(self, segments: Any) -> None:
        """Segment ids that methods used although the probe names none, in the structure of the inputs."""
        self._before_first_write("describe_segments")
        self._run.segments = segments

    def open(self, step: int, *, replaces: int | None = None) -> None:
        """Opens the event file of a fit that starts at `step`.

        `write` and `scalars` do this at their first step. Call it where training starts at a known step before
        anything is logged, for instance after a backup was restored; the directory is then chosen for that step.

        Args:
          replaces: what older files of this directory hold from here on is replaced; None: from `step` on. `step + 1`
            keeps what an earlier fit said of the very weights that this one starts with.
        """
        step = check_step(step, "step")
        self._run.open(step, step if replaces is None else check_step(replaces, "replaces"), self._maps.declared)
        self._run.announce()

    def write(
        self,
        step: int,
        attributions: Mapping[str, Any],
        *,
        outputs: Any = None,
        targets: Mapping[str, Any] | None = None,
        epoch: float | None = None,
        seconds: Mapping[str, float] | None = None,
    ) -> None:
        """Logs one step, on disk when the call returns.

        Args:
          step: optimizer iterations so far; greater than at the last call.
          attributions: tag -> Attribution, or scores (an array, or the structure of the inputs) of a declared series.
          outputs: [B, C] class probabilities, or [B] predicted values; or {tag: those of its output}.
          targets: tag -> [B] columns that were explained.
          epoch: in which the step lies, from 0.
          seconds: tag -> seconds that the attribution took; 0 where it was not measured.

        Raises:
          ValueError: what does not fit the probe, the series or the order of steps; nothing is written or declared.
          LogWriteError: the disk refused; what was half written is taken back, and the next step is tried again.
          LogFullError: the step does not fit into `max_bytes`; nothing is written.
        """
        self._run.check_open()
        step = check_step(step, "step")
        if self._last_step is not None and step <= self._last_step:
            raise ValueError(
                f"step {step} follows step {self._last_step}; steps must ascend, because TensorBoard drops every later "
                "step of a series when an earlier one arrives. A fit that starts again needs a new writer"
            )
        if not isinstance(attributions, Mapping):
            raise TypeError(
                f"attributions must be {{tag: Attribution or array}}, such as {{'saliency': scores}}; got a "
                f"{type(attributions).__name__}"
            )
        new = [
            tag for tag, one in attributions.items() if isinstance(one, Attribution) and tag not in self._maps.declared
        ]
        try:
            for tag in new:
                self.series(tag, method=tag)
            records = self._maps.records(
                step, attributions, outputs, targets or {}, seconds or {}, segments=self._run.segments
            )
        except BaseException:
            self._maps.withdraw(new)
            raise
        epochs = [] if epoch is None else [events.summary(step, [events.scalar(names.EPOCH, float(epoch), _EPOCHS)])]
        self._run.reserve(step, [one.content for one in records] + epochs)
        self._last_step = step
        for one in records:
            self._run.append(step, one.content)
            one.written()
        for record in epochs:
            self._run.append(step, record)
        self._run.announce()

    def scalars(self, step: int, values: Mapping[str, float]) -> None:
        """Logs ordinary scalars (shown by TensorBoard's own tab as well), by their full tags.

        Args:
          step: ascending per tag, on the axis of `write`.
          values: "region/<tag>/<region>", "fit/loss" ... -> number.

        Raises:
          ValueError, LogWriteError: as `write`.
        """
        self._run.check_open()
        step = check_step(step, "step")
        for tag in values:
            last = self._last_scalar_step.get(check_scalar_tag(tag))
            if last is not None and step <= last:
                raise ValueError(f"step {step} of scalar {tag!r} follows step {last}; steps of a tag must ascend")
        if not values:
            return
        record = events.summary(step, [events.ordinary_scalar(tag, float(value)) for tag, value in values.items()])
        self._run.append(step, record)
        self._last_scalar_step.update(dict.fromkeys(values, step))
        self._run.announce()

    def flush(self) -> None:
        """Forces what was written to the disk itself. Readers see every step without it."""
        self._run.sync()

    def close(self) -> None:
        """Closes the file and gives the directory back. More than once is harmless."""
        self._run.close()

    def discard(self) -> None:
        """Closes, and deletes the file: of what this writer logged nothing stays."""
        self._run.discard()

    @property
    def declared(self) -> Mapping[str, pb.MapSeries]:
        """Metadata of the series by tag."""
        return self._maps.declared

    @property
    def path(self) -> str:
        """The run directory. It may still change in `open`, and where the directory is removed under the writer."""
        return self._run.path

    @property
    def bytes_written(self) -> int:
        """Bytes in the directory so far, those of earlier fits included once the file is open."""
        return self._run.bytes_written

    @property
    def bytes_before(self) -> int:
        """Bytes that earlier fits left in the directory; known once the file is to be opened."""
        return self._run.bytes_before

    def __enter__(self) -> AttributionWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _before_first_write(self, what: str) -> None:
        self._run.check_open()
        if self._run.probe_logged:
            raise ValueError(f"{what} must come before the first write: the probe is logged once, with it")
