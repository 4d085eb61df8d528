"""Where the blobs of a series are: TensorBoard's opaque keys by step, listed once for each state of the series."""

from __future__ import annotations

import collections
import threading
from typing import NamedTuple

from tb_attribution_plugin.backend.errors import UnreadableError, shown
from tb_attribution_plugin.backend.provider import Data

# The Python loader makes one key per element that the tensor's shape claims, so a claimed 2^40 must not be asked for.
MAX_ELEMENTS = 1 << 17
# Some 200 bytes each. TensorBoard lists all keys of a series or none: 65,000 of them take 0.1 to 0.4 s, longer than
# the blob that one of them leads to, and a page asks several times a second.
MAX_KEYS_KEPT = 1 << 18


class StoredStep(NamedTuple):
    """One step of a series: `keys` has one entry per element."""

    step: int
    wall_time: float
    keys: tuple[str, ...]


class _Series(NamedTuple):
    state: tuple[object, ...]
    steps: dict[int, StoredStep]
    size: int


class BlobKeys:
    """Remembers the keys of the series asked for last.

    A series whose last step, last wall time and longest step are as before is as before: a resumed run writes again
    what it overlaps, but never without a new last wall time.
    """

    def __init__(self) -> None:
        self._kept: collections.OrderedDict[tuple[str, str, str], _Series] = collections.OrderedDict()
        self._lock = threading.Lock()

    def steps(self, data: Data, run: str, tag: str) -> dict[int, StoredStep]:
        """The stored steps of a series; {} where there is no such series.

        Raises:
          UnreadableError: a step claims more elements than any writer makes.
        """
        listed = data.list_blobs(run, [tag]).get(run, {}).get(tag)
        if listed is None:
            return {}
        if listed.max_length is not None and listed.max_length > MAX_ELEMENTS:
            raise UnreadableError(
                f"{shown(tag)} of run {shown(run)} claims {listed.max_length} elements in a step; "
                f"{MAX_ELEMENTS} can be read"
            )
        state = (listed.max_step, listed.max_wall_time, listed.max_length)
        name = (data.experiment, run, tag)
        # One at a time: a page that opens asks for a series several times at once, and one listing serves them all.
        with self._lock:
            kept = self._kept.get(name)
            if kept is None or kept.state != state:
                kept = self._list(data, run, tag, state)
                self._kept[name] = kept
            self._kept.move_to_end(name)
            while len(self._kept) > 1 and sum(series.size for series in self._kept.values()) > MAX_KEYS_KEPT:
                self._kept.popitem(last=False)
        return kept.steps

    def _list(self, data: Data, run: str, tag: str, state: tuple[object, ...]) -> _Series:
        steps = {
            datum.step: StoredStep(datum.step, datum.wall_time, tuple(value.blob_key for value in datum.values))
            for datum in data.read_blob_keys(run, tag)
        }
        return _Series(state, steps, sum(len(step.keys) for step in steps.values()))
