"""When to log: a row of *entries*. Pure Python, used by every callback."""

from __future__ import annotations

import numbers
from typing import Literal

UpdateFreq = int | Literal["auto", "epoch"]


class Schedule:
    """Decides at which optimizer iterations an entry of the schedule lies.

    "auto": the start, then iterations 1, 2, 4, 8 ... while the first epoch lasts, then every epoch's end.
    "epoch": the start and every epoch's end. N: the start and every N iterations.
    """

    def __init__(self, update_freq: UpdateFreq = "auto") -> None:
        # NumPy's integers too, which lengths that are computed often are.
        number = isinstance(update_freq, numbers.Integral) and not isinstance(update_freq, bool) and update_freq > 0
        if not number and update_freq not in ("auto", "epoch"):
            raise ValueError(
                f"update_freq must be 'auto', 'epoch' or a whole number of optimizer iterations; got {update_freq!r}"
            )
        self._freq: UpdateFreq = int(update_freq) if number else update_freq
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

    def next_entry(self) -> int:
        """No batch is an entry before this iteration."""
        if isinstance(self._freq, int):
            return (self._last // self._freq + 1) * self._freq
        return 1 << self._last.bit_length()

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
