"""Columns of the stats tensor: what curves, filters and sorting need without decoding a map."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tb_attribution_plugin.logging.grids import Floats
from tb_attribution_plugin.wire import attribution_pb2 as pb
from tb_attribution_plugin.wire.extents import Extents, extents

COLUMNS = (
    pb.STAT_OUTPUT,
    pb.STAT_BASELINE_OUTPUT,
    pb.STAT_TARGET,
    pb.STAT_TARGET_PROBABILITY,
    pb.STAT_PREDICTION,
    pb.STAT_PREDICTION_PROBABILITY,
    pb.STAT_RESIDUAL,
    pb.STAT_SUM,
    pb.STAT_SUM_ABS,
    pb.STAT_P99,
    pb.STAT_PEAK,
    pb.STAT_NONFINITE,
    pb.STAT_DRIFT,
    pb.STAT_EVALUATIONS,
)


def of_cells(cells: Floats, ends: Extents) -> dict[int, NDArray[np.float64]]:
    """Sums, percentiles and counts of stored cells [B, cells], per example, over its finite cells."""
    finite = cells if not ends.not_finite.any() else np.where(np.isfinite(cells), cells, np.float32(0))
    return {
        pb.STAT_SUM: finite.sum(axis=1, dtype=np.float64),
        pb.STAT_SUM_ABS: np.abs(finite).sum(axis=1, dtype=np.float64),
        pb.STAT_P99: ends.p99,
        pb.STAT_PEAK: ends.peak.astype(np.float64),
        pb.STAT_NONFINITE: ends.not_finite.astype(np.float64),
    }


def of_rows(rows: Sequence[Floats]) -> dict[int, NDArray[np.float64]]:
    """The same of B examples with values [n] each, where not all have as many."""
    each = [of_cells(row[None], extents(row[None])) for row in rows]
    return {column: np.concatenate([one[column] for one in each]) for column in each[0]}


def of_outputs(
    outputs: NDArray[np.float64] | None, targets: NDArray[np.float64] | None
) -> dict[int, NDArray[np.float64]]:
    """Predictions of the model.

    Args:
      outputs: [B, C] class probabilities or [B] predicted values.
      targets: [B] columns that are explained; NaN or outside of 0 .. C-1 where there is none.
    """
    found: dict[int, NDArray[np.float64]] = {}
    if targets is not None:
        found[pb.STAT_TARGET] = targets
    if outputs is None:
        return found
    if outputs.ndim == 1:
        return found | {pb.STAT_PREDICTION: outputs}
    sound = np.asarray(np.isfinite(outputs).all(axis=1))
    safe = np.where(sound[:, None], outputs, 0.0)
    best = safe.argmax(axis=1)
    rows = np.arange(len(outputs))
    found[pb.STAT_PREDICTION] = np.where(sound, best, np.nan)
    found[pb.STAT_PREDICTION_PROBABILITY] = np.where(sound, safe[rows, best], np.nan)
    if targets is not None:
        known = sound & (targets >= 0) & (targets < outputs.shape[1])
        column = np.where(known, targets, 0).astype(np.int64)
        found[pb.STAT_TARGET_PROBABILITY] = np.where(known, safe[rows, column], np.nan)
    return found


def table(examples: int, columns: dict[int, NDArray[np.float64]]) -> Floats:
    """float32 [B, len(COLUMNS)]; NaN where a column is not given."""
    missing = np.full(examples, np.nan)
    with np.errstate(over="ignore"):
        return np.stack([columns.get(column, missing) for column in COLUMNS], axis=1).astype(np.float32)
