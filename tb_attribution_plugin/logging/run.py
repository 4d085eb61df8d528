"""One run on disk: its directory, its event file, and the probe at the head of it."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from typing import Any

from tb_attribution_plugin.logging import events, location, probe_record
from tb_attribution_plugin.logging.directory import Claim
from tb_attribution_plugin.logging.event_file import LogFullError, LogWriteError
from tb_attribution_plugin.logging.records import FRAME_SIZE
from tb_attribution_plugin.logging.remote_file import File, event_file
from tb_attribution_plugin.probe import Probe
from tb_attribution_plugin.wire import attribution_pb2 as pb
from tb_attribution_plugin.wire import names

# The file version and the session start.
_HEAD_BYTES = 128


class Run:
    """Holds its directory, opens the file at the first record, and notices when either is gone.

    Attributes:
      baseline: in words, and the outputs there; logged with the probe.
      segments: ids that methods used although the probe names none.
    """

    def __init__(self, claim: Claim, start_step: int, probe: Probe, max_bytes: float | None) -> None:
        self._probe = probe
        self._max_bytes = max_bytes
        self._claim = claim
        self._file: File | None = None
        self._probe_logged = False
        self._bytes_before = 0
        self._closed = False
        self._process = os.getpid()
        self._start_step: int | None = start_step
        self._replaces: int | None = None
        self.baseline: tuple[str, list[float]] = ("", [])
        self.segments: Any = None

    @property
    def path(self) -> str:
        return self._claim.path

    @property
    def bytes_written(self) -> int:
        return self._bytes_before + (self._file.bytes_written if self._file else 0)

    @property
    def bytes_before(self) -> int:
        return self._bytes_before

    @property
    def probe_logged(self) -> bool:
        return self._probe_logged

    def open(self, step: int, replaces: int, declared: Mapping[str, pb.MapSeries]) -> None:
        """Chooses the directory for a fit that starts at `step`, and opens the file; nothing where it is open.

        Args:
          replaces: from here on, what older files of the directory hold is replaced.
          declared: the fit's series by tag; a directory with other maps under these tags is not gone on with.

        Raises:
          LogWriteError: as `append`.
        """
        self.check_open()
        if self._file is None:
            self._replaces = replaces
            try:
                self._claim.settle(step, declared)
            except OSError as error:
                raise LogWriteError(self.path, error, "creating") from error
            self._ready(step)

    def reserve(self, step: int, records: list[bytes]) -> None:
        """Makes ready for records that belong together.

        Raises:
          LogFullError: they would make the directory larger than `max_bytes`.
          LogWriteError: as `append`.
        """
        self._ready(step)
        self._check_room(sum(len(record) + FRAME_SIZE for record in records))

    def append(self, step: int, record: bytes) -> None:
        """Writes one record of a step.

        Raises:
          LogWriteError: nothing of the record is in the file; the next one is tried again.
        """
        self._append(self._ready(step), record)

    def announce(self) -> None:
        """Warns of what is not as it was asked for; after a step is on disk, as a warning may be an error."""
        self._claim.announce()

    def sync(self) -> None:
        self.check_open()
        if self._file is not None:
            self._file.sync()

    def close(self) -> None:
        self._closed = True
        try:
            self._close_file()
        finally:
            self._claim.release()

    def discard(self) -> None:
        """Closes, without the file."""
        file, self._file = self._file, None
        if file is not None:
            file.discard()
        self.close()

    def check_open(self) -> None:
        if self._closed:
            raise ValueError(f"the writer of {self.path} is closed; construct a new one")
        if self._process != os.getpid():
            raise ValueError(
                f"the writer of {self.path} belongs to process {self._process}; this is process {os.getpid()}, forked "
                "from it, which needs a writer and a name of its own"
            )

    def _ready(self, step: int) -> File:
        """The open file, with the probe in the run, in a directory that is still there."""
        self.check_open()
        if not self._claim.in_place() or (self._file is not None and not self._file.in_place()):
            self._retake(step, "removed or replaced")
        elif self._file is not None and self._file.cut_short():
            self._retake(step, "cut short")
        if self._file is None:
            # What an earlier fit left here is on the disk as well.
            self._bytes_before = self._stored_bytes()
            self._check_room(_HEAD_BYTES)
            self._file = event_file(self._claim.path, self._replaced_from(step))
        if not self._probe_logged:
            self._append(self._file, self.probe_record(step))
            self._probe_logged = True
        return self._file

    def _replaced_from(self, step: int) -> int | None:
        """From which step on a new file replaces older ones; None where it goes on behind a torn one."""
        if self._replaces is not None:
            return self._replaces
        if self._start_step is not None:
            # What an earlier fit logged between this one's start and its first step is replaced, too.
            return min(step, self._start_step)
        return None if self._probe_logged else step

    def _stored_bytes(self) -> int:
        try:
            return location.size(self._claim.path)
        except OSError as error:
            raise LogWriteError(self.path, error, "looking into") from error

    def _check_room(self, size: int) -> None:
        if self._max_bytes is not None and self.bytes_written + size > self._max_bytes:
            raise LogFullError(self.path, size, self.bytes_written, self._max_bytes)

    def _append(self, file: File, record: bytes) -> None:
        self._check_room(len(record) + FRAME_SIZE)
        try:
            file.append(record)
        except BaseException:
            if file.torn:
                self._file = None
                self._bytes_before += file.bytes_written
                file.abandon()
            raise
        self._start_step = self._replaces = None

    def _retake(self, step: int, what: str) -> None:
        with contextlib.suppress(LogWriteError):  # of a file that is lost anyhow
            self._close_file()
        self._file = None
        self._probe_logged = False
        try:
            self._claim.retake(step, what)
        except OSError as error:
            raise LogWriteError(self.path, error, "recreating") from error

    def probe_record(self, step: int) -> bytes:
        """The probe as it is logged."""
        text, outputs = self.baseline
        elements = probe_record.encode(self._probe, baseline=text, baseline_outputs=outputs, segments=self.segments)
        content = pb.TagMetadata(version=names.WIRE_VERSION, probe=pb.ProbeSeries(hash=self._probe.hash))
        return events.summary(step, [events.blobs(names.PROBE + self._probe.hash, elements, content)])

    def _close_file(self) -> None:
        if self._file is not None:
            self._file.close()
            self._bytes_before += self._file.bytes_written
            self._file = None
