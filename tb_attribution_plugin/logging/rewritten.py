"""A run directory that is replaced by one with more steps; a crash at any point loses nothing."""

from __future__ import annotations

import os
import shutil

from tb_attribution_plugin.logging.event_file import new_file_name
from tb_attribution_plugin.logging.lock import LOCK_FILE, DirectoryLock
from tb_attribution_plugin.logging.merged import merge
from tb_attribution_plugin.logging.other_maps import other_maps
from tb_attribution_plugin.logging.reader import StoredRun
from tb_attribution_plugin.logging.run_path import beside

_UNFINISHED = "unfinished"  # readers of event files do not look at that name


class Rewritten:
    """`<root>/<name>` and what lies beside it while it is rewritten.

    Attributes:
      side_name: of the run with the further steps.
    """

    def __init__(self, root: str, name: str) -> None:
        self.side_name = beside(name, "gap")
        self._side = os.path.join(root, self.side_name)
        # Of a link, the directory that it leads to is replaced, where that lies.
        self._run = os.path.realpath(os.path.join(root, name))
        parent, real_name = os.path.split(self._run)
        self._new = os.path.join(parent, beside(real_name, "new"))
        self._old = os.path.join(parent, beside(real_name, "old"))

    def check(self) -> StoredRun:
        """The run, all of which can be read.

        Raises:
          ValueError: the directory holds something that would be lost.
          OSError: it cannot be read.
        """
        if strange := [name for name in os.listdir(self._run) if not _is_ours(name)]:
            raise ValueError(
                f"{self._run} is rewritten where a step is added before its last one, and it holds {strange[0]!r}, "
                "which is not ours; move that elsewhere"
            )
        return _readable(self._run, "explain into another log_dir or name")

    def recover(self) -> None:
        """Ends what was begun: the run has the further steps, and nothing lies beside it any more.

        Raises:
          ValueError: that would lose steps; says what to do.
          OSError: what is stored cannot be read, or not be replaced.
        """
        if os.path.isdir(self._old):
            if os.path.isdir(self._new):
                self._put_in_place()
            elif not os.path.isdir(self._run):
                raise ValueError(
                    f"{self._run} was removed after it had been rewritten, and {self._old} is the run as it was "
                    "before; rename that to the former, or delete it"
                )
            # The further steps are in the run by now.
            _remove(self._side, self._old)
        _remove(self._new)
        if os.path.isdir(self._side):
            further = _readable(self._side, f"delete {self._side}, whose steps are then explained again")
            if further.series:
                self._replace(further)
            _remove(self._side, self._old)

    def _replace(self, further: StoredRun) -> None:
        if not os.path.isdir(self._run):
            raise ValueError(
                f"{self._side} holds steps of {self._run}, which is gone; delete the former, or rename it to the "
                "latter to keep those steps"
            )
        try:
            lock = DirectoryLock(self._run)
        except BlockingIOError as error:
            raise ValueError(f"{self._run} is being written by another process; wait until it is done") from error
        try:
            run = self.check()
            self._check_same(run, further)
            os.mkdir(self._new)
            unfinished = os.path.join(self._new, _UNFINISHED)
            merge(run, further, unfinished)
            # A reader that follows the run takes this file for the next one: it says that it replaces all before.
            os.rename(unfinished, os.path.join(self._new, new_file_name(self._run)))
            _sync(self._new)
            os.rename(self._run, self._old)
            self._put_in_place()
            _sync(os.path.dirname(self._run))
        finally:
            lock.release()

    def _check_same(self, run: StoredRun, further: StoredRun) -> None:
        """Raises ValueError where the further steps are not of what is in the run."""
        missing = sorted(set(further.series) - set(run.series))
        declared = {tag: one.description for tag, one in further.series.items()}
        other = f"the series {missing}" if missing else other_maps(self._run, declared)
        if not other and any(list(run.series[tag].description.grids) != list(declared[tag].grids) for tag in declared):
            other = "maps on other grids"
        if other:
            raise ValueError(
                f"{self._side} holds further steps of {other}, which {self._run} does not hold: that is another run by "
                f"now. Put the earlier one back, or delete {self._side}, or move it elsewhere to keep those steps"
            )

    def _put_in_place(self) -> None:
        """The second rename."""
        if os.path.isdir(self._run):
            raise ValueError(
                f"{self._run} was created while it was rewritten: all its steps are in {self._new}, and those of "
                f"before in {self._old}. Move what is at {self._run} now elsewhere, and call again"
            )
        os.rename(self._new, self._run)


def _readable(directory: str, instead: str) -> StoredRun:
    """Raises:
    ValueError: what it holds cannot be read, more than the end of a file that a killed writer left.
    OSError: of the disk.
    """
    os.listdir(directory)  # raises what a reader takes for an empty directory
    run = StoredRun(directory)
    if run.events.error is not None:
        raise run.events.error
    if lost := [problem for problem in run.problems if problem not in run.events.cut_off]:
        raise ValueError(
            "steps are added before the last one of a run, and what cannot be read would be lost: "
            f"{lost[0]}; restore that file, or {instead}"
        )
    return run


def _is_ours(name: str) -> bool:
    return name == LOCK_FILE or ("tfevents" in name and name.endswith(".attribution"))


def _remove(*directories: str) -> None:
    for directory in directories:
        if os.path.isdir(directory):
            shutil.rmtree(directory)


def _sync(directory: str) -> None:
    """Forces names to the disk, where directories can be opened."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
