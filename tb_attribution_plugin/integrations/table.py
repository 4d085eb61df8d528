"""The rows that are explained, as the user gave them: a table with names of its columns."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from tb_attribution_plugin.integrations.frame import blanked, column_names, is_frame, numbers, row_names, words
from tb_attribution_plugin.probe import Probe


@dataclasses.dataclass(frozen=True, eq=False)
class Table:
    """Rows and what is logged of them.

    Attributes:
      rows: [B, F], an array or a pandas DataFrame: what the model is given. float64 stays float64, as thresholds are.
      probe: of the same rows, for the log.
      background: rows [N, F] that absent features are drawn from, or None.
    """

    rows: Any
    probe: Probe
    background: Any

    @property
    def names(self) -> tuple[str, ...]:
        """Of the columns; () where the user gave none."""
        return self.probe.feature_names

    @classmethod
    def of(cls, probe: Any, background: Any = None, classes: Any = None) -> Table:
        """From a Probe, (x, y) or x, where x is an array or a DataFrame.

        Args:
          classes: what `y` holds, in the order of the model's outputs; None: it counts them from 0, or holds values.

        Raises:
          ValueError, TypeError: what is wrong, with the value and the fix.
        """
        if isinstance(probe, Probe):
            if probe.modality != "tabular" or len(probe.arrays) != 1:
                raise ValueError(
                    f"trees explain one table [B, F], but the probe is {probe.modality} "
                    f"({probe.modality_reason}); say Probe(..., modality='tabular')"
                )
            rows, given = probe.arrays[0], probe.background if background is None else background
            return cls(rows, probe, _like(given, rows))
        rows, labels = probe if isinstance(probe, tuple) and len(probe) == 2 else (probe, None)
        kind = type(rows).__name__
        if hasattr(rows, "toarray") or kind in ("DMatrix", "QuantileDMatrix", "Dataset"):
            how = "; of a sparse matrix x.toarray(), to XGBoost with missing=0: it takes what is not stored for missing"
            raise TypeError(
                f"the probe is a {kind}; pass the rows themselves, as an array or a DataFrame"
                + (how if hasattr(rows, "toarray") else "")
            )
        rows = rows if is_frame(rows) else np.asarray(rows)
        if rows.ndim != 2:
            raise ValueError(f"the probe has shape {list(rows.shape)}; trees explain a table [B, F]")
        names = None
        if classes is not None:
            labels = None if labels is None else _counted(labels, classes)
            names = None if np.array_equal(classes, np.arange(len(classes))) else [str(one) for one in classes]
        if is_frame(rows):
            made = Probe(
                numbers(rows),
                labels,
                names=row_names(rows),
                class_names=names,
                feature_names=column_names(rows),
                modality="tabular",
                tokens=words(rows),
            )
        else:
            made = Probe(rows, labels, class_names=names, modality="tabular")
        return cls(rows, made, _like(background, rows))

    def without(self, missing: float) -> Table:
        """The same rows, NaN where they hold this number."""
        if np.isnan(missing):
            return self
        rows = blanked(self.rows, missing)
        probe = _named(self.probe, numbers(rows), self.names or None, self.probe.tokens or None)
        return Table(rows, probe, None if self.background is None else blanked(self.background, missing))

    def fitted(self, names: Sequence[str], columns: int) -> Table:
        """The same rows with the model's columns in the model's order.

        Args:
          names: of the columns that the model was trained on; () where it knows none.
          columns: their number.

        Raises:
          ValueError: a column that either lacks; names it.
        """
        if self.names and names and set(self.names) != set(names):
            unknown = [name for name in self.names if name not in names]
            lacking = [name for name in names if name not in self.names]
            parts = [f"{what} {found}" for what, found in (("not", unknown), ("also", lacking)) if found]
            raise ValueError(
                f"the probe's columns are not those that the model is trained on: the model has {' and '.join(parts)}"
            )
        if self.probe.arrays[0].shape[1] != columns:
            raise ValueError(
                f"the probe has {self.probe.arrays[0].shape[1]} columns, but the model is trained on {columns}; pass "
                "the same columns in the same order, or a DataFrame"
            )
        if self.names and names and list(self.names) != list(names):
            if not is_frame(self.rows):
                first = next(i for i, pair in enumerate(zip(self.names, names, strict=True)) if pair[0] != pair[1])
                raise ValueError(
                    f"column {first} of the probe is {self.names[first]!r}, that of the model {names[first]!r}; give "
                    "the columns in the model's order, or a DataFrame"
                )
            order = [self.names.index(name) for name in names]
            rows = self.rows.iloc[:, order]
            background = None if self.background is None else self.background.iloc[:, order]
            return Table(rows, _named(self.probe, numbers(rows), names, words(rows)), background)
        if names and not self.names:
            same = self.probe.arrays[0], names, self.probe.tokens or None
            return dataclasses.replace(self, probe=_named(self.probe, *same))
        return self


def _counted(labels: Any, classes: Any) -> Any:
    """Places of labels among the classes, which are sorted."""
    unknown = np.flatnonzero(~np.isin(labels, classes))
    if unknown.size:
        label = np.asarray(labels)[unknown[0]]
        raise ValueError(f"label {label} of example {unknown[0]} is none of the model's {np.asarray(classes).tolist()}")
    return np.searchsorted(classes, labels)


def _like(background: Any, rows: Any) -> Any:
    """The background with the columns of the rows, in their order."""
    if background is None:
        return None
    found: Any = background if is_frame(background) else np.asarray(background)
    if found.ndim != 2 or len(found) == 0 or found.shape[1] != rows.shape[1]:
        raise ValueError(f"background of shape {list(found.shape)} must be [N, {rows.shape[1]}] with N >= 1 rows")
    if is_frame(found) != is_frame(rows):
        raise TypeError("the rows that are explained and the background must both be DataFrames, or both arrays")
    if not is_frame(found):
        return found
    lacking = [name for name in rows.columns if name not in found.columns]
    if lacking:
        raise ValueError(f"the background has no column {lacking[0]!r}; it has {column_names(found)}")
    return found[list(rows.columns)]


def _named(probe: Probe, inputs: Any, names: Sequence[str] | None, tokens: Any) -> Probe:
    """The probe with names of its columns."""
    return Probe(
        inputs,
        probe.labels,
        names=probe.names,
        class_names=probe.class_names or None,
        feature_names=names,
        modality="tabular",
        regions=dict(probe.regions),
        background=probe.background,
        display=probe.display,
        tokens=tokens,
        segments=probe.segments,
        store_inputs=probe.store_inputs,
    )
