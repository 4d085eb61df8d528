"""What `fit` logs itself (loss, metrics), on the axis of the maps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from tb_attribution_plugin.budget import Budget
from tb_attribution_plugin.logging.writer import AttributionWriter
from tb_attribution_plugin.wire import names

# A scalar with its tag and metadata.
SCALAR_BYTES = 110


class FitLogs:
    """Writes them while there is room; a value already logged at a step stays."""

    def __init__(self, writer: AttributionWriter, budget: Budget) -> None:
        self._writer = writer
        self._budget = budget
        self._last_step: dict[str, int] = {}

    def write(self, step: int, logs: Mapping[str, Any]) -> None:
        fresh = {
            names.FIT + key: float(value)
            for key, value in logs.items()
            if np.ndim(value) == 0 and np.asarray(value).dtype.kind in "biuf" and self._last_step.get(key) != step
        }
        if self._budget.fits(self._writer.bytes_written, SCALAR_BYTES * len(fresh)):
            self._writer.scalars(step, fresh)
            self._last_step.update({key.removeprefix(names.FIT): step for key in fresh})
