"""When to log, and at what cost. Pure Python, used by every callback.

A schedule is a row of *entries*. Each method logs at every entry, or, where it would cost too much, at every 2nd, 4th,
8th ... entry: the steps of a thinned run are then a subset of those of a run that was not thinned.
"""

from __future__ import annotations

import dataclasses
import math
import numbers
from typing import Any, Literal, NamedTuple

UpdateFreq = int | Literal["auto", "epoch"]

# Attribution of a short fit is logged fully.
FREE_SECONDS = 10.0
# An entry may compress worse than every one before it, by less than this factor.
_LARGER = 1.1


class Schedule:
    """Decides at which optimizer iterations an entry of the schedule lies.

    "auto": the start, then iterations 1, 2, 4, 8 ... while the first epoch lasts, then every epoch's end.
    "epoch": the start and every epoch's end. N: the start and every N iterations.
    """

    def __init__(self, update_freq: UpdateFreq = "auto") -> None:
        number = isinstance(update_freq, int) and not isinstance(update_freq, bool) and update_freq > 0
        if not number and update_freq not in ("auto", "epoch"):
            raise ValueError(
                f"update_freq must be 'auto', 'epoch' or a whole number of optimizer iterations; got {update_freq!r}"
            )
        self._freq = update_freq
        self._last = 0
        self._next_entry = 0

    def start(self, iteration: int) -> int:
        """Training starts at this iteration; the entry of the untouched model."""
        self._last = iteration
        self._next_entry = iteration // self._freq if isinstance(self._freq, int) else 0
        return self._take()

    def watches(self, epoch: int) -> bool:
        """False where no batch of this epoch can be an entry."""
        return isinstance(self._freq, int) or (self._freq == "auto" and epoch == 0)

    def batch(self, iteration: int, epoch: int) -> int | None:
        """A batch (or several at once) ended at this iteration: its entry, or None."""
        last, self._last = self._last, iteration
        if isinstance(self._freq, int):
            if iteration // self._freq == last // self._freq:
                return None
            self._next_entry = iteration // self._freq
            return self._take()
        if self._freq == "auto" and epoch == 0 and iteration.bit_length() > last.bit_length():
            return self._take()  # a power of two was reached or passed
        return None

    def epoch_end(self) -> int | None:
        return None if isinstance(self._freq, int) else self._take()

    def planned(self, start: int, steps_per_epoch: int | None, epochs: int, initial_epoch: int = 0) -> int | None:
        """Entries of a whole fit, for the estimate at its start; None where its length is not known."""
        rest = max(0, epochs - initial_epoch)
        if isinstance(self._freq, int):
            if steps_per_epoch is None:
                return None
            return 1 + (start + rest * steps_per_epoch) // self._freq - start // self._freq
        if self._freq == "epoch" or initial_epoch > 0:
            return 1 + rest
        if steps_per_epoch is None:
            return None
        powers = (start + steps_per_epoch).bit_length() - start.bit_length()
        at_epoch_end = steps_per_epoch & (steps_per_epoch - 1) == 0 and start == 0
        return 1 + powers + rest - (1 if at_epoch_end and rest else 0)

    def _take(self) -> int:
        entry = self._next_entry
        self._next_entry += 1
        return entry


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


@dataclasses.dataclass
class _Account:
    part: float  # of what all methods may cost
    level: int = 0  # every 2^level-th entry is logged
    seconds: float = 0.0
    cost: float = 0.0  # of the next log, as far as is known
    logged: int = 0
    asked: int = 0


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
        self._bytes_per_entry = 0
        self._entries: float = math.inf  # of the whole fit, where its length is known
        self._planned = False

    @property
    def seconds(self) -> float:
        """Attribution seconds so far, step 0 and traces left out."""
        return sum(account.seconds for account in self._accounts.values())

    @property
    def thinned(self) -> dict[str, tuple[int, int]]:
        """Methods that were not logged at every entry: at how many of how many."""
        return {
            name: (account.logged, account.asked)
            for name, account in self._accounts.items()
            if account.logged < account.asked
        }

    def allows(self, name: str, entry: int, other_seconds: float, bytes_written: int = 0) -> bool:
        """Whether a method may log at this entry.

        Args:
          other_seconds: seconds that the fit has spent on anything but attribution.
          bytes_written: by the whole callback so far.
        """
        account = self._accounts[name]
        account.asked += 1
        allowed = entry == 0 or (
            entry % 2**account.level == 0
            and self.room(entry, bytes_written)
            and self._affords(account, entry, other_seconds)
        )
        account.logged += allowed
        return allowed

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
        """One entry cost this.

        Args:
          seconds: of each method that was logged.
          beside: of what they share, such as writing; of all methods where none was logged.
        """
        each = beside / max(1, len(seconds or self._accounts))
        for name in seconds or self._accounts:
            self._accounts[name].seconds += seconds.get(name, 0.0) + each
        for name, cost in seconds.items():
            self._accounts[name].cost = cost + each

    def plan(self, entries: int, size: int, bytes_written: int = 0) -> int:
        """Thins a fit evenly to what `max_bytes` leaves.

        Args:
          entries: of the whole fit; the first is written.
          size: of each further one, about.

        Returns:
          How many entries are left, the first included.
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

    def fits(self, bytes_written: int, size: int) -> bool:
        """Whether small values of about this size may still be written."""
        return self._max_bytes is None or bytes_written + _LARGER * size <= self._max_bytes

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
