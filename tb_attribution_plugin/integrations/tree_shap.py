"""Shapley values of the columns of a table for one tree, exactly, from the ways to its leaves.

A tree is the sum over its leaves of value * [every column on the way there goes along it]. For the columns of one way,
the players, that indicator is a product of one factor per player, which is o (0 or 1: the row's own value goes along)
where the player is present and a where it is absent, so its Shapley values are

    phi_p = (o_p - a_p) * integral over u in [0, 1] of prod over q != p of (u o_q + (1 - u) a_q)

(Owen, Multilinear extensions of games, 1972, theorem 5). Path-dependent (Lundberg et al., 2020, arXiv:1905.04610,
algorithm 1): a is the share of the training rows that go along. The integrand is a polynomial of degree below the
number of players, so Gauss-Legendre points make it exact. Interventional: a is that of a row of the background, 0 or 1,
and the integral is a Beta function (ibid., algorithm 3); values are means over these rows.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from tb_attribution_plugin.integrations.tree import Bools, Floats, Ints, Paths, Tree, along, goes_left, parts, paths

# Numbers held at once, for leaves x rows x players or rows of the background: as much as caches hold.
_HELD = 500_000


class Shares(NamedTuple):
    """Of B rows and F columns for U outputs.

    Attributes:
      scores: [B, F, U].
      base: [U], the output where every column is absent.
    """

    scores: Floats
    base: Floats

    @classmethod
    def of_library(cls, found: Any, units: int) -> Shares:
        """Of contributions as XGBoost and LightGBM give them: of F columns and, last, the base, for each unit."""
        found = np.asarray(found, np.float64).reshape(len(found), units, -1)
        return cls(found[..., :-1].transpose(0, 2, 1), found[0, :, -1])


def path_dependent(tree: Tree, rows: Floats) -> Shares:
    left, whole, units = goes_left(tree, rows), paths(tree), tree.value.shape[1]
    scores, base = np.zeros((*rows.shape, units)), np.zeros(units)
    for ways in parts(whole, max(1, _HELD // (len(rows) * whole.columns.shape[1]))):
        base += ways.shares.prod(axis=1) @ ways.value
        scores += _collected(ways, _path_dependent(ways, along(left, ways)), rows.shape)
    return Shares(scores, base)


def interventional(tree: Tree, rows: Floats, background: Floats) -> Shares:
    left, units = (goes_left(tree, rows), goes_left(tree, background)), tree.value.shape[1]
    scores, base = np.zeros((*rows.shape, units)), np.zeros(units)
    for ways in parts(paths(tree), max(1, _HELD // (len(rows) * len(background)))):
        own, others = (along(one, ways) for one in left)
        base += others.all(axis=0).mean(axis=1) @ ways.value
        scores += _collected(ways, _interventional(own, others), rows.shape)
    return Shares(scores, base)


def _path_dependent(ways: Paths, own: Bools) -> Floats:
    """[P, L, B]: what each player has of an indicator."""
    points, weights = np.polynomial.legendre.leggauss((len(own) + 1) // 2)
    absent, found = ways.shares.T[:, :, None], np.zeros(own.shape)
    for u, weight in zip((points + 1) / 2, weights / 2, strict=True):
        factors = u * own + (1 - u) * absent
        # A factor is 0 where no row of training went and this row does not go; o - a is 0 there as well.
        found += weight * factors.prod(axis=0) / np.where(factors > 0, factors, 1.0)
    return (own - absent) * found


def _interventional(own: Bools, others: Bools) -> Floats:
    """[P, L, B]: the same, as a mean over the rows of the background."""
    own, others = (np.ascontiguousarray(held.transpose(1, 2, 0)) for held in (own, others))
    counts = own.astype(np.float32), others.astype(np.float32)  # which count exactly
    both = counts[0] @ counts[1].transpose(0, 2, 1)  # [L, B, N], players that go along with either row
    either = counts[0].sum(axis=2)[:, :, None] + counts[1].sum(axis=2)[:, None, :] - both
    # A player that goes along with neither row keeps the leaf out of reach, and so do most rows of the background.
    leaf, row, other = np.nonzero(either == own.shape[2])
    mine, theirs = own[leaf, row] & ~others[leaf, other], others[leaf, other] & ~own[leaf, row]
    many, few = mine.sum(axis=1), theirs.sum(axis=1)
    orders = _orders(many, few)
    shares = mine * (orders / np.maximum(many, 1))[:, None] - theirs * (orders / np.maximum(few, 1))[:, None]
    found = np.zeros(own.shape)
    if len(leaf):
        firsts = np.flatnonzero(np.diff(leaf * own.shape[1] + row, prepend=-1))
        found[leaf[firsts], row[firsts]] = np.add.reduceat(shares, firsts, axis=0)
    return (found / others.shape[1]).transpose(2, 0, 1)


def _orders(mine: Ints, theirs: Ints) -> Floats:
    """m! t! / (m + t)!, one over the number of ways to choose m of m + t."""
    most = int(mine.max(initial=0)), int(theirs.max(initial=0))
    table = np.ones((most[0] + 1, most[1] + 1))
    for m in range(1, most[0] + 1):
        for t in range(1, most[1] + 1):
            table[m, t] = table[m, t - 1] * t / (m + t)
    return np.asarray(table[mine, theirs])


def _collected(ways: Paths, shares: Floats, shape: tuple[int, ...]) -> Floats:
    """[B, F, U]: each leaf's values by column."""
    columns = ways.columns.T.ravel()
    order = np.argsort(columns, kind="stable")
    firsts = np.flatnonzero(np.diff(columns[order], prepend=-1))
    found = np.zeros((shape[1], shape[0], ways.value.shape[1]))
    for output in range(ways.value.shape[1]):
        held = (shares * ways.value[:, output][:, None]).reshape(-1, shape[0])
        found[columns[order][firsts], :, output] = np.add.reduceat(held[order], firsts, axis=0)
    return found.transpose(1, 0, 2)
