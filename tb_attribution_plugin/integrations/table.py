"""The rows that are explained, as the user gave them: a table with names of its columns."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

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
            return cls(rows, probe, _columns_checked(given, rows.shape[1]))
        rows, labels = probe if isinstance(probe, tuple) and len(probe) == 2 else (probe, None)
        rows = rows if _is_frame(rows) else np.asarray(rows)
        if rows.ndim != 2:
            raise ValueError(f"the probe has shape {list(rows.shape)}; trees explain a table [B, F]")
        names = None
        if classes is not None:
            labels = None if labels is None else _counted(labels, classes)
            names = None if np.array_equal(classes, np.arange(len(classes))) else [str(one) for one in classes]
        if _is_frame(rows):
            made = Probe(
                numbers(rows),
                labels,
                names=_row_names(rows),
                class_names=names,
                feature_names=_column_names(rows),
                modality="tabular",
            )
        else:
            made = Probe(rows, labels, class_names=names, modality="tabular")
        return cls(rows, made, _columns_checked(background, rows.shape[1]))

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
            if not _is_frame(self.rows):
                first = next(i for i, pair in enumerate(zip(self.names, names, strict=True)) if pair[0] != pair[1])
                raise ValueError(
                    f"column {first} of the probe is {self.names[first]!r}, that of the model {names[first]!r}; give "
                    "the columns in the model's order, or a DataFrame"
                )
            order = list(names)
            rows, background = self.rows[order], None if self.background is None else self.background[order]
            return Table(rows, _named(self.probe, numbers(rows), order), background)
        if names and not self.names:
            return dataclasses.replace(self, probe=_named(self.probe, self.probe.arrays[0], names))
        return self


def numbers(rows: Any, categories: Sequence[Sequence[Any]] | None = None) -> Any:
    """[B, F] numbers: categories by their place, NaN where a value is missing.

    Args:
      categories: of the columns that have some, in their order; None: each column's own.

    Raises:
      TypeError: a column of text; says how to make categories of it.
    """
    if not _is_frame(rows):
        return rows
    known = iter(categories or ())
    columns = [rows.iloc[:, at] for at in range(rows.shape[1])]
    return np.stack([_numbers(one, next(known, None) if hasattr(one, "cat") else None) for one in columns], axis=1)


def _numbers(column: Any, categories: Sequence[Any] | None) -> Any:
    if hasattr(column, "cat"):
        own = column if categories is None else column.cat.set_categories(categories)
        codes = np.asarray(own.cat.codes, np.float64)
        return np.where(codes < 0, np.nan, codes)
    try:
        return column.to_numpy(np.float64, na_value=np.nan)
    except (TypeError, ValueError) as error:
        raise TypeError(
            f"column {column.name!r} holds {column.dtype}, which is no number; make it categories, as in "
            f"df[{column.name!r}].astype('category'), or leave it out"
        ) from error


def _is_frame(rows: Any) -> bool:
    return hasattr(rows, "iloc") and hasattr(rows, "columns")


def _column_names(frame: Any) -> list[str]:
    return [str(name) for name in frame.columns]


def _row_names(frame: Any) -> list[str]:
    return [f"#{name}" if isinstance(name, int | np.integer) else str(name) for name in frame.index]


def _counted(labels: Any, classes: Any) -> Any:
    """Places of labels among the classes, which are sorted."""
    unknown = np.flatnonzero(~np.isin(labels, classes))
    if unknown.size:
        label = np.asarray(labels)[unknown[0]]
        raise ValueError(f"label {label} of example {unknown[0]} is none of the model's {np.asarray(classes).tolist()}")
    return np.searchsorted(classes, labels)


def _columns_checked(background: Any, columns: int) -> Any:
    if background is None:
        return None
    rows = background if _is_frame(background) else np.asarray(background)
    if rows.ndim != 2 or len(rows) == 0 or rows.shape[1] != columns:
        raise ValueError(f"background of shape {list(rows.shape)} must be [N, {columns}] with N >= 1 rows")
    return rows


def _named(probe: Probe, inputs: Any, names: Sequence[str]) -> Probe:
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
        segments=probe.segments,
        store_inputs=probe.store_inputs,
    )
