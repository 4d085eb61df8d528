"""Where the blobs of a series are: TensorBoard's opaque keys by step, listed once for each state of the series."""

from __future__ import annotations

import collections
import threading
import weakref
from typing import Any, NamedTuple

from tb_attribution_plugin.backend import metadata
from tb_attribution_plugin.backend.errors import TooMuchError, UnreadableError, shown
from tb_attribution_plugin.backend.provider import Data, once_per_step
from tb_attribution_plugin.wire import names

# The Python loader makes one key per element that the tensor's shape claims, so a claimed 2^40 must not be asked for.
# It makes them for all steps before it leaves any out, and lists no number of steps: what bounds those is the series'
# own `seconds/`. A file with more maps than seconds can still cost that loader up to `MAX_ELEMENTS` keys a map.
MAX_ELEMENTS = names.MAX_EXAMPLES + 1
# 2,000 steps of 1,000 examples; some 400 MB and 10 s in the Python loader.
MAX_KEYS = 1 << 21
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
        self._listing: weakref.WeakValueDictionary[tuple[str, str, str], threading.Lock] = weakref.WeakValueDictionary()

    def steps(self, data: Data, run: str, tag: str) -> dict[int, StoredStep]:
        """The stored steps of a series; {} where there is no such series.

        Raises:
          UnreadableError: a step claims more elements than the series has examples, or than any writer makes.
          TooMuchError: its steps together have more than `MAX_KEYS`.
        """
        listed = data.list_blobs([run], [tag]).get(run, {}).get(tag)
        return {} if listed is None else self.listed_steps(data, run, tag, listed)

    def listed_steps(self, data: Data, run: str, tag: str, listed: Any) -> dict[int, StoredStep]:
        """As `steps`, of a series that has just been listed."""
        _check_elements(run, tag, listed)
        state = (listed.max_step, listed.max_wall_time, listed.max_length)
        name = (data.experiment, run, tag)
        with self._lock:
            one_at_a_time = self._listing.setdefault(name, threading.Lock())
        # A page that opens asks for a series several times at once, and one listing serves them all; other series do
        # not wait for it.
        with one_at_a_time:
            with self._lock:
                kept = self._kept.get(name)
            if kept is None or kept.state != state:
                _check_keys(data, run, tag, listed)
                kept = self._list(data, run, tag, state)
            with self._lock:
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


def _check_elements(run: str, tag: str, listed: Any) -> None:
    elements, most, why = listed.max_length or 0, MAX_ELEMENTS, ""
    if tag.startswith(names.MAPS) and elements > 1:
        examples = metadata.map_series(listed.plugin_content).examples
        most, why = examples + 1, f": one of all and one for each of {examples} examples"
    if elements > most:
        raise UnreadableError(
            f"{shown(tag)} of run {shown(run)} claims {elements} elements in a step; {most} can be read{why}"
        )


def _check_keys(data: Data, run: str, tag: str, listed: Any) -> None:
    """Of `maps/` alone: a probe has no list of its steps, and a writer logs it once."""
    elements = listed.max_length or 0
    if not tag.startswith(names.MAPS) or elements <= 1:
        return
    seconds = names.SECONDS + tag.removeprefix(names.MAPS)
    steps = len(once_per_step(data.read_scalars([run], [seconds]).get(run, {}).get(seconds, [])))
    if steps * elements > MAX_KEYS:
        raise TooMuchError(
            f"{shown(tag)} of run {shown(run)} has {steps} steps x {elements} elements; {MAX_KEYS} can be listed",
            f"start tensorboard with --samples_per_plugin={names.PLUGIN_NAME}={MAX_KEYS // elements}",
        )
