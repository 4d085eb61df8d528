"""Columns of tables, one by one or in groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from tb_attribution_plugin.segments.arguments import Ids, checked

Column = str | int


def columns(
    table: Any, groups: Mapping[str, Sequence[Column]] | None = None, names: Sequence[str] | None = None
) -> Ids:
    """One segment for each column, or for each group of them: the columns of a one-hot encoding, say.

    Args:
      table: [B, F].
      groups: name of a group -> its columns, by name or by number. Columns in none of them stay by themselves.
      names: of the columns, where groups name them.

    Returns:
      int32 [1, F]; segments are numbered in the order of their first columns.

    Raises:
      ValueError: a column that there is not, or in two groups; a group that is empty or holds all columns.
    """
    array = checked(table, "table", (2,), "[B, F]")
    count = array.shape[1]
    if names is not None and len(names) != count:
        raise ValueError(f"names has {len(names)} entries, but the table has {count} columns")
    first = np.arange(count)  # column of the segment that each column is in
    taken: dict[int, str] = {}
    for group, members in (groups or {}).items():
        if isinstance(members, str) or not len(members):
            raise ValueError(f"group {group!r} must be a list of one column or more; got {members!r}")
        places = [_place(column, group, count, names) for column in members]
        if len(set(places)) < len(places):
            raise ValueError(f"group {group!r} holds a column twice: {list(members)}; leave it in once")
        for place in places:
            if place in taken:
                raise ValueError(f"column {place} is in the groups {taken[place]!r} and {group!r}; leave it in one")
        first[places] = min(places)
        taken |= dict.fromkeys(places, group)
    if groups and not first.any():
        raise ValueError(
            f"group {next(iter(groups))!r} holds all {count} columns; a single segment has nothing beside it"
        )
    _, ids = np.unique(first, return_inverse=True)
    return ids.astype(np.int32)[None]


def _place(column: Any, group: str, count: int, names: Sequence[str] | None) -> int:
    if isinstance(column, str):
        if names is None:
            raise ValueError(f"group {group!r} holds the name {column!r}; give names=, as for Probe(feature_names=...)")
        if column not in names:
            raise ValueError(f"group {group!r} holds {column!r}, which is no column; names are {list(names)}")
        if list(names).count(column) > 1:
            raise ValueError(f"group {group!r} holds {column!r}, which is the name of several columns; give its number")
        return list(names).index(column)
    if isinstance(column, bool) or not isinstance(column, int | np.integer) or not 0 <= column < count:
        raise ValueError(f"group {group!r} holds {column!r}; columns are names or numbers from 0 to {count - 1}")
    return int(column)
