"""One run on disk: its directory, its event file, and the probe at the head of it."""

from __future__ import annotations

import os
import warnings
from typing import Any

from tb_attribution_plugin.logging import events, probe_record
from tb_attribution_plugin.logging.directory import Claim
from tb_attribution_plugin.logging.event_file import EventFile, LogWriteError
from tb_attribution_plugin.probe import Probe
from tb_attribution_plugin.wire import attribution_pb2 as pb
from tb_attribution_plugin.wire import names


class Run:
    """Claims the directory at once, opens the file at the first record, and notices when either is gone.

    Attributes:
      baseline: in words, and the outputs there; logged with the probe.
      segments: ids that methods used although the probe names none.
    """

    def __init__(self, log_dir: str | os.PathLike[str], name: str, start_step: int, probe: Probe) -> None:
        self._probe = probe
        self._claim = Claim(log_dir, name, start_step)
        self._file: EventFile | None = None
        self._probe_logged = False
        self._bytes_before = 0
        self._warned_removed = False
        self._closed = False
        self._start_step: int | None = start_step
        self.baseline: tuple[str, list[float]] = ("", [])
        self.segments: Any = None

    @property
    def path(self) -> str:
        return self._claim.path

    @property
    def bytes_written(self) -> int:
        return self._bytes_before + (self._file.bytes_written if self._file else 0)

    @property
    def probe_logged(self) -> bool:
        return self._probe_logged

    def open(self, step: int) -> None:
        """Chooses the directory for a fit that starts at `step`, and opens the file; nothing where it is open."""
        self.check_open()
        if self._file is None:
            self._start_step = step
            self._claim.settle(step)
            self._ready(step)

    def append(self, step: int, record: bytes) -> None:
        """Writes one record of a step.

        Raises:
          LogWriteError: nothing of the record is in the file; the next one is tried again.
        """
        self._ready(step).append(record)

    def sync(self) -> None:
        if self._file is not None:
            self._file.sync()

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            self._close_file()
            self._claim.release()

    def check_open(self) -> None:
        if self._closed:
            raise ValueError(f"the writer of {self.path} is closed; construct a new one")

    def _ready(self, step: int) -> EventFile:
        """The open file, with the probe in it, in a directory that is still there."""
        self.check_open()
        if not self._claim.in_place() or (self._file is not None and not self._file.in_place()):
            self._recreate(step)
        if self._file is None:
            self._claim.announce()
            # Only the first file replaces what an earlier fit logged between its start and its first step.
            start = step if self._start_step is None else min(step, self._start_step)
            self._file = EventFile(self._claim.path, start)
            self._start_step = None
        if not self._probe_logged:
            self._file.append(events.summary(step, [self._probe_value()]))
            self._probe_logged = True
        return self._file

    def _recreate(self, step: int) -> None:
        if not self._warned_removed:
            warnings.warn(
                f"{self.path} was removed or replaced while it was being written; it is created anew at step {step}, "
                "and what is no longer there is lost",
                stacklevel=5,
            )
            self._warned_removed = True
        self._close_file()
        try:
            self._claim.recreate()
        except OSError as error:
            raise LogWriteError(self.path, error, "creating") from error

    def _probe_value(self) -> events.Value:
        text, outputs = self.baseline
        elements = probe_record.encode(self._probe, baseline=text, baseline_outputs=outputs, segments=self.segments)
        content = pb.TagMetadata(version=names.WIRE_VERSION, probe=pb.ProbeSeries(hash=self._probe.hash))
        return events.blobs(names.PROBE + self._probe.hash, elements, content)

    def _close_file(self) -> None:
        if self._file is not None:
            self._bytes_before += self._file.bytes_written
            self._file.close()
        self._file = None
        self._probe_logged = False
