"""Which coalitions are evaluated, when pairs of complements would be too few to tell all players apart."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tb_attribution_plugin.methods.coalitions import numbered

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]

# Interactions that the choice allows for.
_MIXING = 0.1
# Of a level before anything is known, one over its variance in units of a player's.
_LEVEL = 1e-6
# Times that each coalition is chosen anew: later ones hardly change anything.
_SWEEPS = 3
# Players whose coalitions are chosen, which takes the cube of them; of more, coalitions stay as they are drawn.
_CHOSEN = 512


def chosen(players: int, count: int, seed: int) -> Bools:
    """Distinct coalitions, neither empty nor whole, [count, players].

    A regression of values on who is present has errors the smaller, the larger the determinant of its Gram matrix (with
    the rows of nobody and all, and as much more on the diagonal as interactions add noise). From coalitions that are
    drawn, one after the other changes members while that grows (Meyer and Nachtsheim, 1995,
    doi:10.1080/00401706.1995.10485889).
    """
    random = np.random.default_rng(seed)
    signs = np.where(_drawn(players, count, random), 1.0, -1.0)
    rows = np.concatenate([np.ones((count, 1)), signs], 1)  # the first column is the level
    if players <= _CHOSEN:
        _exchange(rows, random)
    return rows[:, 1:] > 0


def _exchange(rows: Floats, random: np.random.Generator) -> None:
    """Changes rows in place."""
    players = rows.shape[1] - 1
    ends = np.ones((2, players + 1))
    ends[0, 1:] = -1
    noise = players * _MIXING / 2 * np.append(_LEVEL, np.ones(players))
    taken = {row.tobytes() for row in np.concatenate([rows, ends])}
    for _ in range(_SWEEPS):
        every = np.concatenate([rows, ends])
        inverse = np.linalg.inv(every.T @ every + np.diag(noise))  # anew: updates lose digits
        changed = False
        for number in random.permutation(len(rows)):
            old = rows[number]
            along = inverse @ old
            without = inverse + np.outer(along, along) / (1 - old @ along)
            new = _grown(old, without)
            if new.tobytes() not in taken:
                taken.remove(old.tobytes())
                taken.add(new.tobytes())
                rows[number], changed = new, True
            along = without @ rows[number]
            inverse = without - np.outer(along, along) / (1 + rows[number] @ along)
        if not changed:
            return


def _grown(row: Floats, inverse: Floats) -> Floats:
    """A row with signs turned, the one that adds most first, until none adds to row' inverse row."""
    row, along, diagonal = row.copy(), inverse @ row, np.diag(inverse)
    while True:
        gains = diagonal - row * along  # a quarter of what turning a sign adds
        gains[0] = 0  # the level has none
        best = int(np.argmax(gains))
        if gains[best] <= 1e-12:
            return row
        along -= 2 * row[best] * inverse[best]
        row[best] = -row[best]


def _drawn(players: int, count: int, random: np.random.Generator) -> Bools:
    """Distinct coalitions, neither empty nor whole."""
    if players < 63:
        return numbered(random.choice(2**players - 2, count, replace=False) + 1, players)
    return random.random((count, players)) < 0.5  # twice the same one: never
