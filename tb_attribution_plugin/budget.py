"""At what cost to log. Pure Python, used by every callback.

Each method logs at every entry of a schedule, or, where it would cost too much, at every 2nd, 4th, 8th ... entry: the
steps of a thinned run are then a subset of those of a run that was not thinned.
"""

from __future__ import annotations

import dataclasses
import math
import numbers
from collections.abc import Iterable
from typing import Any, NamedTuple

# Attribution of a short fit is logged fully.
FREE_SECONDS = 10.0
# An entry may compress worse than every one before it, by less than this factor.
_LARGER = 1.1


class Seconds(NamedTuple):
    """Where the time of a fit went.

    Attributes:
      tracing: resolving and tracing the methods, before the first batch.
      first: the log of the untouched model, with what happens only once (graph optimisation, the probe).
      logs: all attribution after that: computing, writing, closing. What `max_overhead` bounds.
      training: everything else since the first log.
    """

    tracing: float = 0.0
    first: float = 0.0
    logs: float = 0.0
    training: float = 0.0


class Thinned(NamedTuple):
    """A method was logged at some of the entries it was asked for; these arguments kept it from others."""

    logged: int
    asked: int
    limits: tuple[str, ...]


@dataclasses.dataclass
class _Account:
    part: float  # of what all methods may cost
    level: int = 0  # every 2^level-th entry is logged
    seconds: float = 0.0
    cost: float = 0.0  # of the next log, as far as is known
    logged: int = 0
    asked: int = 0
    limits: dict[str, None] = dataclasses.field(default_factory=dict)  # those that refused an entry, in order


class Budget:
    """Thins each method's entries so that attribution stays within a share of training time, and of disk.

    All of it together stays below max(10 s, max_overhead * other seconds), whatever the methods cost. Each method has
    an even part of that; it may use more only where the others cannot need theirs for the rest of the fit, so a slow
    one never starves a fast one. Levels only rise, so that the steps of different runs nest.
    """

    def __init__(self, methods: dict[str, int], max_overhead: float | None, max_bytes: int | None) -> None:
        """Args:
          methods: names of what is computed together, each with its number of methods.

        Raises:
          ValueError: a limit that is no number above 0.
        """
        if max_overhead is not None and not _above_zero(max_overhead):
            raise ValueError(f"max_overhead must be a share of training time above 0, or None; got {max_overhead!r}")
        if max_bytes is not None and not _above_zero(max_bytes):
            raise ValueError(f"max_bytes must be a number of bytes above 0, or None; got {max_bytes!r}")
        self._share = math.inf if max_overhead is None else float(max_overhead)
        self._max_bytes = max_bytes
        total = max(1, sum(methods.values()))
        self._accounts = {name: _Account(part=count / total) for name, count in methods.items()}
        self._bytes_level = 0
        self._bytes_per_entry: float = 0.0
        self._entries: float = math.inf  # of the whole fit, where its length is known
        self._planned = False

    @property
    def seconds(self) -> float:
        """Attribution seconds so far, step 0 and traces left out."""
        return sum(account.seconds for account in self._accounts.values())

    @property
    def thinned(self) -> dict[str, Thinned]:
        """Methods that a limit kept from an entry."""
        found = {name: one for name, one in self._accounts.items() if one.limits}
        return {name: Thinned(one.logged, one.asked, tuple(one.limits)) for name, one in found.items()}

    def allows(self, name: str, entry: int, other_seconds: float, bytes_written: int = 0) -> bool:
        """Whether a method may log at this entry.

        Args:
          other_seconds: seconds that the fit has spent on anything but attribution.
          bytes_written: by the whole callback so far.
        """
        account = self._accounts[name]
        account.asked += 1
        refused = None if entry == 0 else self._refused_by(account, entry, other_seconds, bytes_written)
        if refused is not None:
            account.limits[refused] = None
        return refused is None

    def _refused_by(self, account: _Account, entry: int, other_seconds: float, bytes_written: int) -> str | None:
        """The limit that an entry would exceed."""
        if entry % 2**account.level:
            return "max_overhead"
        if not self.room(entry, bytes_written):
            return "max_bytes"
        return None if self._affords(account, entry, other_seconds) else "max_overhead"

    def logged(self, names: Iterable[str]) -> None:
        """These methods were written at this entry."""
        for name in names:
            self._accounts[name].logged += 1

    def _affords(self, account: _Account, entry: int, other_seconds: float) -> bool:
        paid = self._share * other_seconds
        pot = max(FREE_SECONDS, paid)
        if account.seconds + account.cost <= account.part * pot:
            return True
        # Kept for the others: what is left of their parts, unless the rest of the fit takes less.
        kept = sum(
            min(max(0.0, other.part * pot - other.seconds), self._needs(other, entry))
            for other in self._accounts.values()
            if other is not account
        )
        if self.seconds + account.cost + kept <= pot:
            return True
        # Only a rate that training cannot pay thins for good; the debt of the free seconds is waited out.
        if account.cost * entry > account.part * paid * 2**account.level:
            account.level += 1
        return False

    def _needs(self, account: _Account, entry: int) -> float:
        """Seconds of its entries to come; infinite where the cost or the length of the fit is not known."""
        return account.cost * (self._entries - entry) / 2**account.level if account.cost else math.inf

    def expects(self, name: str, seconds: float) -> None:
        """The first log lets expect this cost of the next."""
        self._accounts[name].cost = seconds

    def spent(self, seconds: dict[str, float], beside: float = 0.0) -> None:
        """One entry cost this: each method, and `beside` what they share, such as writing.

        Where no method was logged, all share it.
        """
        each = beside / max(1, len(seconds or self._accounts))
        for name in seconds or self._accounts:
            self._accounts[name].seconds += seconds.get(name, 0.0) + each
        for name, cost in seconds.items():
            self._accounts[name].cost = cost + each

    def plan(self, entries: int, size: int, bytes_written: int = 0) -> int:
        """Thins a fit of so many entries evenly to what `max_bytes` leaves; how many are left, the first included.

        Args:
          size: of each entry but the first, which is written.
        """
        self._entries = entries
        if self._max_bytes is None:
            return entries
        self._planned = True
        left = (self._max_bytes - bytes_written) / _LARGER
        while self._bytes_level < 62 and size * ((entries - 1) >> self._bytes_level) > left:
            self._bytes_level += 1
        return 1 + ((entries - 1) >> self._bytes_level)

    def wrote(self, size: int) -> None:
        """One entry took this many bytes."""
        self._bytes_per_entry = max(self._bytes_per_entry, size)

    def full(self) -> None:
        """What was to be written did not fit; nothing more is."""
        self._bytes_per_entry = math.inf

    def fits(self, bytes_written: int, size: int) -> bool:
        """Whether small values of about this size may still be written."""
        room = math.inf if self._max_bytes is None else self._max_bytes - bytes_written
        return _LARGER * size <= room and self._bytes_per_entry < math.inf

    def room(self, entry: int, bytes_written: int) -> bool:
        """Whether `max_bytes` has room for this entry.

        Where the length of the fit was not known, each level may fill half of what the levels before it left.
        """
        if self._max_bytes is None:
            return True
        left = self._max_bytes - bytes_written
        if left < _LARGER * self._bytes_per_entry:
            return False
        while not self._planned and left < self._max_bytes / 2 ** (self._bytes_level + 1) and self._bytes_level < 62:
            self._bytes_level += 1
        return entry % 2**self._bytes_level == 0


def _above_zero(value: Any) -> bool:
    return isinstance(value, numbers.Real) and not isinstance(value, bool) and float(value) > 0
