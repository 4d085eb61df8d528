"""A decision tree as arrays, and how rows go down its paths."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


class Tree(NamedTuple):
    """One tree of n nodes, the root first.

    Attributes:
      left, right: [n], children; -1 at leaves.
      feature: [n], the column that a node asks for; anything at leaves.
      value: [n, U], what a leaf adds to the outputs.
      cover: [n], weight of the training rows that came by.
      decide: values [rows, n] of each node's column -> whether a row goes left there.
    """

    left: Ints
    right: Ints
    feature: Ints
    value: Floats
    cover: Floats
    decide: Callable[[Floats], Bools]


class Paths(NamedTuple):
    """The ways from the root to L leaves. P players: the different columns that the longest way asks for.

    Attributes:
      nodes: [L, depth], the inner nodes of a way, filled up with node 0.
      turns: [L, depth], whether the way goes left there.
      places: [L, depth], the player whose column a node asks for; P where the way is filled up.
      columns: [L, P], of the players; 0 where a way has fewer.
      players: [L], how many a way has.
      shares: [L, P], the part of the training rows that goes along the way at all nodes of a player; 1 if none.
      value: [L, U].
    """

    nodes: Ints
    turns: Bools
    places: Ints
    columns: Ints
    players: Ints
    shares: Floats
    value: Floats


def paths(tree: Tree) -> Paths:
    count = len(tree.left)
    inner = np.flatnonzero(tree.left >= 0)
    parent, is_left = np.full(count, -1), np.zeros(count, np.bool_)
    parent[tree.left[inner]] = parent[tree.right[inner]] = inner
    is_left[tree.left[inner]] = True
    leaves = np.flatnonzero(tree.left < 0)
    nodes, turns, parts = [], [], []  # from the leaves up to the root
    here = leaves
    while (parent[here] >= 0).any():
        above = np.where(parent[here] >= 0, parent[here], -1)
        nodes.append(above)
        turns.append(is_left[here] | (above < 0))
        whole = tree.cover[above]
        parts.append(np.where(above < 0, 1.0, tree.cover[here] / np.where(whole > 0, whole, np.inf)))
        here = np.where(above < 0, here, above)
    if not nodes:  # a tree that is one leaf
        nodes, turns, parts = [np.array([-1])], [np.array([True])], [np.array([1.0])]
    ways = np.stack(nodes, axis=1)
    places, columns, players = _numbered(np.where(ways < 0, -1, tree.feature[ways]))
    shares = np.ones((len(leaves), columns.shape[1] + 1))
    for step, part in enumerate(parts):
        shares[np.arange(len(leaves)), places[:, step]] *= part
    return Paths(
        nodes=np.maximum(ways, 0),
        turns=np.stack(turns, axis=1),
        places=places,
        columns=columns,
        players=players,
        shares=shares[:, :-1],
        value=tree.value[leaves],
    )


def _numbered(features: Ints) -> tuple[Ints, Ints, Ints]:
    """Places, columns and players of `Paths`, from the column of each node of a way; -1 where it is filled up."""
    none = np.iinfo(np.int64).max
    given = np.where(features < 0, none, features)
    order = np.argsort(given, axis=1, kind="stable")
    ascending = np.take_along_axis(given, order, axis=1)
    rank = np.concatenate(
        [np.zeros((len(given), 1), np.int64), np.cumsum(ascending[:, 1:] != ascending[:, :-1], axis=1)], axis=1
    )
    players = np.where(ascending < none, rank + 1, 0).max(axis=1)
    most = max(1, int(players.max()))
    rank = np.where(ascending < none, rank, most)
    columns = np.zeros((len(given), most + 1), np.int64)
    np.put_along_axis(columns, rank, np.where(ascending < none, ascending, 0), axis=1)
    places = np.empty_like(rank)
    np.put_along_axis(places, order, rank, axis=1)
    return places, columns[:, :-1], players


def goes_left(tree: Tree, rows: Floats) -> Bools:
    """[n, rows]: whether a row goes left at a node."""
    return np.ascontiguousarray(tree.decide(rows[:, tree.feature]).T)


def along(left: Bools, ways: Paths) -> Bools:
    """[P, L, rows]: whether a row, of `goes_left`, goes along the way at all nodes of a player; True where none is."""
    leaves, most = np.arange(len(ways.nodes)), ways.columns.shape[1]
    found = np.ones((most + 1, len(leaves), left.shape[1]), np.bool_)
    for step in range(ways.nodes.shape[1]):
        found[ways.places[:, step], leaves] &= left[ways.nodes[:, step]] == ways.turns[:, step, None]
    return found[:most]


def parts(ways: Paths, leaves: int) -> Iterator[Paths]:
    """So many leaves after others, those of few players first; P is that of each part."""
    order = np.argsort(ways.players, kind="stable")
    for first in range(0, len(order), leaves):
        one = Paths._make(values[order[first : first + leaves]] for values in ways)
        most = max(1, int(one.players.max()))
        yield one._replace(
            places=np.minimum(one.places, most), columns=one.columns[:, :most], shares=one.shares[:, :most]
        )
