"""What `fit` logs itself (loss, metrics), on the axis of the maps."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from tb_attribution_plugin.logging.writer import AttributionWriter
from tb_attribution_plugin.wire import names

# A scalar with its tag and metadata.
SCALAR_BYTES = 110


class FitLogs:
    """Writes them while there is room; a value already logged at a step stays.

    Args:
      fits: whether, beside the bytes written so far, there is room for so many.
    """

    def __init__(self, writer: AttributionWriter, fits: Callable[[int, int], bool]) -> None:
        self._writer = writer
        self._fits = fits
        self._last_step: dict[str, int] = {}

    def write(self, step: int, logs: Mapping[str, Any]) -> None:
        fresh = {
            names.FIT + key: float(value)
            for key, value in logs.items()
            if np.ndim(value) == 0 and np.asarray(value).dtype.kind in "biuf" and self._last_step.get(key) != step
        }
        if self._fits(self._writer.bytes_written, SCALAR_BYTES * len(fresh)):
            self._writer.scalars(step, fresh)
            self._last_step.update({key.removeprefix(names.FIT): step for key in fresh})
