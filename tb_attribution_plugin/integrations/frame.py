"""What is read of a pandas DataFrame, which is never imported here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np


def is_frame(rows: Any) -> bool:
    return hasattr(rows, "iloc") and hasattr(rows, "columns")


def column_names(frame: Any) -> list[str]:
    return [str(name) for name in frame.columns]


def row_names(frame: Any) -> list[str]:
    return [f"#{name}" if isinstance(name, int | np.integer) else str(name) for name in frame.index]


def words(frame: Any) -> list[list[str]] | None:
    """[B, F], of categories; "" for what is a number, or missing. None where no column has categories."""
    columns = [frame.iloc[:, at] for at in range(frame.shape[1])]
    if not any(hasattr(one, "cat") for one in columns):
        return None
    missing = frame.isna().to_numpy()
    held = [[str(value) for value in one] if hasattr(one, "cat") else [""] * len(frame) for one in columns]
    return np.where(missing, "", np.array(held).T).tolist()


def recoded(rows: Any, categories: Sequence[Sequence[Any]] | None) -> Any:
    """The same frame, categories in these orders, one for each column that has some; None leaves them.

    Raises:
      ValueError: another number of columns has categories; names them.
    """
    if not is_frame(rows) or categories is None:
        return rows
    named = [at for at in range(rows.shape[1]) if hasattr(rows.iloc[:, at], "cat")]
    columns = {rows.columns[at]: rows.iloc[:, at] for at in named}
    if len(columns) != len(categories):
        raise ValueError(
            f"{len(categories)} columns of the model have categories, but of the probe {len(columns)}: "
            f"{list(columns)}; give each column as in training"
        )
    pairs = zip(columns.items(), categories, strict=True)
    return rows.assign(**{name: column.cat.set_categories(one) for (name, column), one in pairs})


def check_numbers(rows: Any, categorical: Sequence[bool]) -> None:
    """Raises ValueError for a column of categories where the model has numbers; names it."""
    for at, expected in enumerate(categorical):
        if hasattr(rows.iloc[:, at], "cat") and not expected:
            raise ValueError(
                f"column {rows.columns[at]!r} holds categories, but the model is trained on numbers there; give it as "
                "in training"
            )


def check_categories(given: Any, found: Any) -> None:
    """Raises ValueError where `recoded` found a value of the frame to be no category; names it."""
    for at, name in enumerate(given.columns):
        unknown = (found.iloc[:, at].isna() & given.iloc[:, at].notna()).to_numpy().nonzero()[0]
        if unknown.size:
            raise ValueError(
                f"column {name!r} holds {given.iloc[unknown[0], at]!r}, which is none of the model's categories; "
                "XGBoost predicts nothing of it: leave the row out"
            )


def blanked(rows: Any, missing: float) -> Any:
    """The same rows, NaN where they hold this number; as float32, which is how XGBoost compares them."""
    if not is_frame(rows):
        return np.where(rows.astype(np.float32) == np.float32(missing), np.nan, rows)
    plain = [name for name in rows.columns if not hasattr(rows[name], "cat")]
    held = {name: blanked(rows[name].to_numpy(np.float64, na_value=np.nan), missing) for name in plain}
    return rows.assign(**held)


def numbers(rows: Any) -> Any:
    """[B, F] numbers: categories by their place, NaN where a value is missing.

    Raises:
      TypeError: a column of text; says how to make categories of it.
    """
    if not is_frame(rows):
        return rows
    return np.stack([_numbers(rows.iloc[:, at]) for at in range(rows.shape[1])], axis=1)


def _numbers(column: Any) -> Any:
    if hasattr(column, "cat"):
        codes = np.asarray(column.cat.codes, np.float64)
        return np.where(codes < 0, np.nan, codes)
    try:
        return column.to_numpy(np.float64, na_value=np.nan)
    except (TypeError, ValueError) as error:
        raise TypeError(
            f"column {column.name!r} holds {column.dtype}, which is no number; make it categories, as in "
            f"df[{column.name!r}].astype('category'), or leave it out"
        ) from error
