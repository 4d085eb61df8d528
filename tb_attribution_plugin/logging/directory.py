"""Which directory a writer owns: `<log_dir>/<name>`, or `<name>-2`, `-3` ... where that one is taken."""

from __future__ import annotations

import os
import weakref
from collections.abc import Iterable, Mapping
from itertools import chain

from tb_attribution_plugin.logging import location
from tb_attribution_plugin.logging.candidates import candidates, paths
from tb_attribution_plugin.logging.notices import LogWarning, warn
from tb_attribution_plugin.logging.other_maps import other_maps
from tb_attribution_plugin.logging.run_path import Lock, check_name, check_root, locked, not_usable
from tb_attribution_plugin.logging.stored_steps import stored_steps
from tb_attribution_plugin.wire import attribution_pb2 as pb


class DirectoryInUseError(ValueError):
    """This process already writes to that name; two writers need two names."""


_held: weakref.WeakValueDictionary[str, Claim]  # by the real path that was asked for


class Claim:
    """A run directory that this process holds, from construction to `release`.

    What is already there decides the name. Steps were logged and this fit starts at 0 (or below the first of them):
    it is another fit, and takes the next free name. They were logged and this fit starts later: it resumes in place
    the newest of them that got as far and is of the same maps. Another process holds it: the next name.

    Attributes:
      path: the directory, absolute; it exists. `settle` and `retake` may change it.
    """

    def __init__(self, log_dir: str | os.PathLike[str], name: str, start_step: int = 0) -> None:
        """Creates, checks and locks.

        Raises:
          DirectoryInUseError: a writer of this process holds that name.
          ValueError, TypeError: log_dir or name cannot be a directory.
          OSError: log_dir cannot be created or written to.
        """
        self._root = check_root(log_dir)
        self._name = check_name(name)
        self._wanted = location.identity(self._root, name)
        if self._wanted in _held:
            raise DirectoryInUseError(
                f"{location.join(self._root, name)} is already being written by this process; close that writer, "
                f"or give this one another name, such as name={name + '_validation'!r}"
            )
        self._lock: Lock | None = None
        self.path = location.join(self._root, name)
        self._start_step = start_step
        self._declared: Mapping[str, pb.MapSeries] = {}
        self._lost_at: int | None = None
        self._removed = False
        self._earlier: list[str] = []
        self._notices: list[str] = []
        self._said: set[str] = set()
        self._finalizer: weakref.finalize[[], Claim] | None = None
        try:
            self._take(candidates(self._root, self._name, start_step))
        except OSError as error:
            raise not_usable(self.path, error) from error
        _held[self._wanted] = self
        self._warn()

    def settle(self, step: int, declared: Mapping[str, pb.MapSeries]) -> None:
        """Decides again, now that the step at which training starts and the series are known.

        Raises:
          OSError: no directory could be taken; `retake` tries again.
        """
        self._declared = declared
        if step != self._start_step or (step > 0 and other_maps(self.path, declared)):
            self._start_step = step
            self._drop()
            self._take(candidates(self._root, self._name, step))

    def in_place(self) -> bool:
        """False once the directory was removed or replaced, or where none could be taken."""
        return self._lock is not None and self._lock.in_place()

    def retake(self, step: int, what: str = "removed or replaced") -> None:
        """Takes the same directory again after `what` was done to it; the next free name where others write there.

        Raises:
          OSError: no directory could be taken; it may be tried again.
        """
        path, lost = self.path, self._lock is not None
        self._drop()
        if lost:
            self._lost_at = step
        if self._lost_at is None:
            self._take(candidates(self._root, self._name, self._start_step))
            return
        first, self._removed = not self._removed, True
        self._take(chain([path], paths(self._root, self._name)))
        self._lost_at = None
        if first:
            where = "it is created anew at" if self.path == path else f"this fit is logged to {self.path} from"
            self._notices.append(
                f"{path} was {what} while it was being written; {where} step {step}, and what is no "
                "longer there is lost. Leave it in place until the fit ends"
            )

    def announce(self) -> None:
        """Warns, once, of what is not as it was asked for."""
        if self._earlier:
            self._notices.append(
                f"{'; '.join(self._earlier)}. This fit starts at step {self._start_step}, so it is logged to "
                f"{self.path}. To continue an earlier fit, restore its optimizer's iterations (a writer of your "
                "own: start_step=) and give the same probe, methods and target; for a clean log, give another log_dir "
                "or name"
            )
            self._earlier = []
        self._warn()

    def _warn(self) -> None:
        while self._notices:
            notice = self._notices.pop(0)  # first: a warning may be an error
            if notice not in self._said:
                self._said.add(notice)
                warn(notice, LogWarning, stacklevel=5)

    def release(self) -> None:
        """Gives the directory back; one that stayed empty is removed."""
        self._drop()
        if _held.get(self._wanted) is self:
            del _held[self._wanted]

    def _drop(self) -> None:
        if self._finalizer is not None:
            self._finalizer()
        self._finalizer = self._lock = None

    def _take(self, wanted: Iterable[str]) -> None:
        held = []
        self._earlier = []
        for path in wanted:
            if self._is_anothers(path):
                continue
            try:
                taken = locked(path, self._root)
            except BlockingIOError:
                held.append(path)
                continue
            # Another writer may have logged and gone between the look and the lock.
            if self._is_anothers(path):
                taken.lock.release()
                continue
            self.path, self._lock = path, taken.lock
            self._finalizer = weakref.finalize(self, taken.give_back)
            break
        if held:
            self._notices.append(
                f"{held[0]} is being written by another process, so this fit is logged to {self.path}; give the two "
                "fits different names to choose yourself"
            )

    def _is_anothers(self, path: str) -> bool:
        """Whether a directory holds steps that this fit does not continue."""
        steps = stored_steps(path)
        if steps is None:
            return False
        if self._lost_at is not None:
            return path != self.path or steps[1] >= self._lost_at
        of = "of an earlier fit"
        if 0 < self._start_step >= steps[0]:
            if not (other := other_maps(path, self._declared)):
                return False
            of = f"of {other}"
        self._earlier.append(f"{path} holds steps {steps[0]} .. {steps[1]} {of}")
        return True

    def _leave_to_parent(self) -> None:
        """This is the copy of a forked child, which would keep the lock beyond its parent's death."""
        if self._finalizer is not None and self._lock is not None:
            self._finalizer.detach()
            self._lock.release()
        self._finalizer = self._lock = None


_held = weakref.WeakValueDictionary()


def _after_fork() -> None:
    for claim in list(_held.values()):
        claim._leave_to_parent()
    _held.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
