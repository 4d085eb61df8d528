"""A decision tree as arrays, and how rows go down its paths."""

from __future__ import annotations

from collections.abc import Callable
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
    ways: list[list[tuple[int, bool]]] = []
    leaves: list[int] = []
    waiting: list[tuple[int, list[tuple[int, bool]]]] = [(0, [])]
    while waiting:
        node, way = waiting.pop()
        if tree.left[node] < 0:
            leaves.append(node)
            ways.append(way)
        else:
            waiting.append((int(tree.right[node]), [*way, (node, False)]))
            waiting.append((int(tree.left[node]), [*way, (node, True)]))
    depth = max(1, max(map(len, ways)))
    own = [list(dict.fromkeys(int(tree.feature[node]) for node, _ in way)) for way in ways]
    most = max(1, max(map(len, own)))
    count = len(leaves)
    found = Paths(
        nodes=np.zeros((count, depth), np.int64),
        turns=np.ones((count, depth), np.bool_),
        places=np.full((count, depth), most, np.int64),
        columns=np.zeros((count, most), np.int64),
        players=np.array([len(one) for one in own], np.int64),
        shares=np.ones((count, most)),
        value=tree.value[leaves],
    )
    for leaf, (way, columns) in enumerate(zip(ways, own, strict=True)):
        found.columns[leaf, : len(columns)] = columns
        for step, (node, goes_left) in enumerate(way):
            place = columns.index(int(tree.feature[node]))
            child = tree.left[node] if goes_left else tree.right[node]
            found.nodes[leaf, step], found.turns[leaf, step], found.places[leaf, step] = node, goes_left, place
            found.shares[leaf, place] *= tree.cover[child] / tree.cover[node] if tree.cover[node] else 0.0
    return found


def along(tree: Tree, ways: Paths, rows: Floats) -> Floats:
    """[L, rows, P]: 1 where a row goes along the way at all nodes of a player, else 0; 1 for players that are none."""
    goes_left = tree.decide(rows[:, tree.feature])
    leaves, most = np.arange(len(ways.nodes)), ways.columns.shape[1]
    found = np.ones((len(leaves), len(rows), most + 1), np.bool_)
    for step in range(ways.nodes.shape[1]):
        same = goes_left[:, ways.nodes[:, step]] == ways.turns[:, step]
        found[leaves, :, ways.places[:, step]] &= same.T
    return found[..., :most].astype(np.float64)
