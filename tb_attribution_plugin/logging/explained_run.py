"""A run that is explained after the fact: in several goes, and in any order of them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from types import TracebackType
from typing import Any

from tb_attribution_plugin.logging.lock import DirectoryLock
from tb_attribution_plugin.logging.other_maps import other_maps
from tb_attribution_plugin.logging.place import PlaceWriter
from tb_attribution_plugin.logging.reader import StoredRun
from tb_attribution_plugin.logging.remote import is_remote
from tb_attribution_plugin.logging.rewritten import Rewritten
from tb_attribution_plugin.logging.run_path import check_name, check_root
from tb_attribution_plugin.logging.writer import AttributionWriter
from tb_attribution_plugin.probe import Probe


class ExplainedRun:
    """`<log_dir>/<name>`. Steps behind all that it holds are appended; others go into a run beside it, which is merged
    with it at the end, or when the next one begins.

    Attributes:
      path: the directory.
      writer: of this go; steps ascend.
      baseline_known: the run has a description of the baseline.
      recalled: the stored step that the first of this go drifts from, to be explained again: as it is stored, it is not
        exact. None where that cannot be known, or steps are not appended.
    """

    writer: PlaceWriter

    def __init__(self, log_dir: str | os.PathLike[str], probe: Probe, *, name: str, **storage: Any) -> None:
        """Takes the directory, and ends what an earlier go left.

        Raises:
          ValueError, TypeError: log_dir or name cannot be a directory; another process explains there.
          OSError: log_dir cannot be written to.
        """
        self._root = check_root(log_dir)
        if is_remote(self._root):
            raise ValueError(
                f"log_dir {self._root!r} is not on a local file system, where steps that come later can be put between "
                "others; explain checkpoints locally and copy the directory"
            )
        self._name = check_name(name)
        self._probe = probe
        self._storage = storage
        self.path = os.path.join(self._root, name)
        self.baseline_known = False
        self.recalled: int | None = None
        self._rewritten = Rewritten(self._root, name)
        os.makedirs(self._root, exist_ok=True)
        try:
            self._lock = DirectoryLock(self._root)
        except BlockingIOError as error:
            raise ValueError(
                f"another process explains checkpoints into {self._root}; wait until it is done"
            ) from error
        try:
            self._rewritten.recover()
        except BaseException:
            self._unlock()
            raise

    def begin(self, declare: Callable[[AttributionWriter], None], steps: Iterable[int]) -> set[int]:
        """Makes a writer for those of the steps that are not stored whole; the stored ones.

        Args:
          declare: declares the series.

        Raises:
          ValueError: the run holds other maps, of another probe or methods; says which.
          OSError: the run cannot be read.
        """
        stored = StoredRun(self.path)
        if stored.events.error is not None:
            raise stored.events.error  # what cannot be read now would be logged anew
        whole = set.intersection(*(set(series.steps) for series in stored.series.values())) if stored.series else set()
        missing = sorted(set(steps) - whole)
        last = max((max(of_tag, default=-1) for of_tag in stored.events.values.values()), default=-1)
        appends = not missing or missing[0] > last
        if not appends:
            self._rewritten.check()
        elif missing and whole and max(whole) == max(series.steps[-1] for series in stored.series.values()):
            self.recalled = max(whole)
        self.writer = PlaceWriter(
            self._root,
            self._probe,
            name=self._name if appends else self._rewritten.side_name,
            **self._storage,
        )
        declare(self.writer)
        if stored.series:
            self._follow(stored, appends)
        return whole & set(steps)

    def write(self, step: int, log: Mapping[str, Any], scalars: Mapping[str, float]) -> None:
        """One step; see `AttributionWriter.write`."""
        self.writer.write_whole(step, scalars, **log)

    def __enter__(self) -> ExplainedRun:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if hasattr(self, "writer"):
                self.writer.close()
            if kind is None:
                self._rewritten.recover()
        finally:
            self._unlock()

    def _follow(self, stored: StoredRun, appends: bool) -> None:
        declared = self.writer.declared
        here = f"give the arguments of before, or another log_dir or name; {self.path}"
        if set(declared) != set(stored.series):
            raise ValueError(f"{here} holds the series {sorted(stored.series)}, and these are {sorted(declared)}")
        if other := other_maps(self.path, declared):
            raise ValueError(f"{here} holds {other}")
        for tag, series in stored.series.items():
            cells = series.cells(series.steps[-1]) if appends and series.steps else None
            self.writer.follow(tag, series.description, cells)
        if appends and (probe := stored.probes.get(self._probe.hash)):
            self.baseline_known = True
            self.writer.describe_baseline(probe.baseline, list(probe.baseline_outputs) or None)

    def _unlock(self) -> None:
        self._lock.remove()
        self._lock.release()
