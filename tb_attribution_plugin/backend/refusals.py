"""Series that TensorBoard could not give, remembered so that asking again does not cost the same again.

TensorBoard makes arrays of stored tensors before anybody sees them, and a tensor of one value may claim any shape:
100 bytes of an event file take gigabytes and seconds. Both its providers do that inside `read_tensors`, the Python
loader's in `read_scalars` too; no list tells a tensor's size, and no filter chooses steps. So the first reading cannot
be prevented here; the second is.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from typing import Any

from tb_attribution_plugin.backend.errors import RequestError, TooMuchError, UnreadableError
from tb_attribution_plugin.backend.provider import Data

_MOST = 1 << 14


class Refusals:
    """Errors by series, each for as long as the series has the same last step and wall time."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str, str], tuple[object, type[RequestError], str, str]] = {}
        self._lock = threading.Lock()

    def known(self, data: Data, run: str, tag: str, listed: Any) -> RequestError | None:
        """Why the series, `listed` as TensorBoard lists it now, was refused."""
        with self._lock:
            kept = self._kept.get((data.experiment, run, tag))
        if kept is None or kept[0] != (listed.max_step, listed.max_wall_time):
            return None
        _, kind, message, hint = kept
        return kind(message, hint)

    @contextlib.contextmanager
    def remembered(self, data: Data, run: str, tag: str, listed: Any) -> Iterator[None]:
        """Raises what is known of the series, else remembers what is raised inside."""
        if known := self.known(data, run, tag, listed):
            raise known
        try:
            yield
        except (UnreadableError, TooMuchError) as error:
            # Memory may be there again, and what does not fit fails before it takes any.
            if not isinstance(error.__cause__, MemoryError):
                self._add((data.experiment, run, tag), (listed.max_step, listed.max_wall_time), error)
            raise

    def _add(self, name: tuple[str, str, str], state: object, error: RequestError) -> None:
        with self._lock:
            self._kept.pop(name, None)
            if len(self._kept) == _MOST:
                del self._kept[next(iter(self._kept))]
            # Not the error itself: its traceback would keep the arrays.
            self._kept[name] = (state, type(error), str(error), error.hint)
