"""Which pairs of complementary coalitions are evaluated, when not all can be."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from tb_attribution_plugin.methods.coalitions import numbered
from tb_attribution_plugin.methods.odd_games import OddGames, distances

Bools = NDArray[np.bool_]

# Candidates for each pair that is chosen, when these are few and when they are many. Where all pairs are candidates the
# choice is the same for every seed, and standard errors mean nothing.
_CANDIDATES, _MANY, _CANDIDATES_OF_MANY = 4, 256, 1.5
# Pairs that are chosen one by one, which takes the square of them for each; those beyond are drawn.
CHOSEN = 1024
# Interactions that the choice allows for.
_MIXING = 1.2
# Enough is known of the value of a pair whose variance given those before is below.
_KNOWN = 1e-4


def chosen(players: int, pairs: int, seed: int) -> Bools:
    """One coalition of each pair, no pair twice, [pairs or all that there are, players]; none is empty or whole.

    Candidates are of all sizes alike. One after the other, the one comes next that most reduces the variance of the
    Shapley values of a random game (odd_games.py) given the values of all before it. Those beyond `CHOSEN` come as they
    were drawn, what was a candidate last.
    """
    random = np.random.default_rng(seed)
    candidates = _candidates(players, pairs, random)
    if len(candidates) <= pairs:
        return candidates
    candidates, drawn = np.split(candidates, [_wanted(min(pairs, CHOSEN))])
    game = OddGames(players, _MIXING)
    signs = np.where(np.concatenate([np.ones((1, players), bool), candidates]), 1.0, -1.0)
    covariance = game.covariance(distances(signs, signs)).astype(np.float32)
    cross = game.cross(signs).T.astype(np.float32)
    variances = np.ones(len(signs), np.float32)
    order: list[int] = []
    factors = np.empty((min(pairs, CHOSEN) + 1, len(signs)), np.float32)
    left = np.ones(len(signs), bool)
    for number in range(len(factors)):
        if number:
            gains = np.where(left & (variances > _KNOWN), np.sum(cross**2, 1) / np.maximum(variances, _KNOWN), -1)
            best = int(np.argmax(gains))
            if not left[best]:
                break
        else:
            best = 0  # the pair of everything and nothing is always evaluated
        # One step of a Cholesky decomposition with the pivot `best`.
        factor = covariance[best] - factors[:number, best] @ factors[:number]
        factor /= np.sqrt(factor[best])
        factors[number] = factor
        cross -= np.outer(factor, cross[best] / factor[best])
        variances -= factor**2
        left[best] = False
        order.append(best)
    places = np.array(order[1:], int) - 1
    return np.concatenate([candidates[places], drawn, np.delete(candidates, places, 0)])[:pairs]


def _wanted(pairs: int) -> int:
    """Candidates for so many that are chosen."""
    return int((_CANDIDATES if pairs <= _MANY else _CANDIDATES_OF_MANY) * pairs)


def _candidates(players: int, pairs: int, random: np.random.Generator) -> Bools:
    """Distinct ones in random order, those of rare sizes as early as those of common ones."""
    wanted = _wanted(min(pairs, CHOSEN)) + max(pairs - CHOSEN, 0)
    if players <= 20 and 2 ** (players - 1) - 1 <= 2 * wanted:
        every = numbered(np.arange(1, 2 ** (players - 1)), players)
        alike = np.array([math.comb(players, size) for size in every.sum(1)])
        # The one that waits least is drawn first (Efraimidis and Spirakis, 2006, doi:10.1016/j.ipl.2005.11.003).
        return every[np.argsort(random.exponential(alike))][:wanted]
    sizes = random.integers(1, players, 2 * wanted)
    ranks = np.argsort(np.argsort(random.random((2 * wanted, players)), 1), 1)
    members = ranks < sizes[:, None]
    members ^= members[:, -1:]  # of a pair the one without the last player
    _, first = np.unique(np.packbits(members, 1), axis=0, return_index=True)
    found: Bools = members[np.sort(first)][:wanted]
    return found
