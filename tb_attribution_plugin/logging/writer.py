"""The writer that every framework logs through."""

from __future__ import annotations

import os
from collections.abc import Mapping
from types import TracebackType
from typing import Any

from tb_attribution_plugin.logging import events
from tb_attribution_plugin.logging.arguments import check_scalar_tag, check_step
from tb_attribution_plugin.logging.declarations import Declarations
from tb_attribution_plugin.logging.description import Storage
from tb_attribution_plugin.logging.directory import Claim
from tb_attribution_plugin.logging.map_records import MapRecords, Record
from tb_attribution_plugin.logging.run import Run
from tb_attribution_plugin.probe import Probe
from tb_attribution_plugin.wire import attribution_pb2 as pb
from tb_attribution_plugin.wire import names

_EPOCHS = pb.TagMetadata(version=names.WIRE_VERSION, epochs=pb.EpochSeries())


class AttributionWriter(Declarations):
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
        self._log(step, self._records(step, attributions, outputs, targets, seconds), epoch)

    def _log(self, step: int, records: list[Record], epoch: float | None) -> None:
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
