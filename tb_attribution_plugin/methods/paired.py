"""Which pairs of complementary coalitions are evaluated, when not all can be."""

from __future__ import annotations

import math

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from tb_attribution_plugin.methods.coalitions import numbered
from tb_attribution_plugin.methods.random_games import RandomGames, distances

Bools = NDArray[np.bool_]

# Candidates for each pair that is chosen, when these are few and when they are many.
_CANDIDATES, _MANY, _CANDIDATES_OF_MANY = 4, 256, 1.5
# Of all pairs there are, those that are candidates at most: chosen from all, seeds would agree on what is left out, and
# errors not be what they are over seeds.
_OF_ALL = 0.75
# Pairs that are chosen one by one, which takes the square of them for each; those beyond are drawn.
CHOSEN = 1024
# Interactions that the choice allows for.
_MIXING = 1.2
# Enough is known of the value of a pair whose variance given those before is below.
_KNOWN = 1e-4
# Steps of a decomposition whose products are summed at once, and coalitions that are drawn at once.
_STEPS, _DRAWN = 32, 2**14


def chosen(players: int, pairs: int, seed: int) -> Bools:
    """One coalition of each pair, no pair twice, [pairs or all that there are, players]; none is empty or whole.

    Candidates are of all sizes alike. One after the other, the one comes next that most reduces the variance of the
    Shapley values of a random game (random_games.py) given the values of all before it. Those beyond `CHOSEN` come as
    they were drawn, what was a candidate last. Which player is which is drawn too.
    """
    random = np.random.default_rng(seed)
    candidates = _candidates(players, pairs, random)
    if len(candidates) <= pairs:
        return candidates
    candidates, drawn = np.split(candidates, [_wanted(min(pairs, CHOSEN))])
    places = _order(candidates, min(pairs, CHOSEN))
    every = np.concatenate([candidates[places], drawn, np.delete(candidates, places, 0)])[:pairs]
    return every[:, random.permutation(players)]


def _order(candidates: Bools, pairs: int) -> NDArray[np.intp]:
    """Numbers of those chosen one after the other, at most `pairs`."""
    players = candidates.shape[1]
    game = RandomGames(players, _MIXING)
    signs = np.where(np.concatenate([np.ones((1, players), bool), candidates]), 1.0, -1.0)
    covariance = game.covariance(distances(signs, signs)).astype(np.float32)  # given all blocks of steps before
    cross = np.ascontiguousarray(game.cross(signs).T, np.float32)  # likewise
    variances, left, order = np.ones(len(signs)), np.ones(len(signs), bool), [0]
    while len(order) <= pairs:
        factors, gained = np.zeros((_STEPS, len(signs)), np.float32), np.zeros((_STEPS, players), np.float32)
        squares = np.einsum("ck,ck->c", cross, cross).astype(np.float64)
        for step in range(_STEPS):
            if step or len(order) > 1:  # the pair of everything and nothing is the first
                gains = np.where(left & (variances > _KNOWN), squares / np.maximum(variances, _KNOWN), -1)
                best = int(np.argmax(gains))
                if not left[best] or len(order) > pairs:
                    return np.array(order[1:], np.intp) - 1
                order.append(best)
            best = order[-1]
            # One step of a Cholesky decomposition with the pivot `best`; einsum, as threads cost more than they do.
            factor = covariance[best] - np.einsum("s,sc->c", factors[:step, best].copy(), factors[:step])
            root = math.sqrt(factor[best])
            factor /= root
            gain = (cross[best] - np.einsum("s,sk->k", factors[:step, best].copy(), gained[:step])) / root
            along = np.einsum("ck,k->c", cross, gain)
            along -= np.einsum("s,sc->c", np.einsum("sk,k->s", gained[:step], gain), factors[:step])
            squares += factor * (factor * float(gain @ gain) - 2.0 * along)
            factors[step], gained[step] = factor, gain
            variances -= factor.astype(np.float64) ** 2
            left[best] = False
        with tf.init_scope(), tf.device("CPU"):
            covariance -= tf.linalg.matmul(factors, factors, transpose_a=True).numpy()
            cross -= tf.linalg.matmul(factors, gained, transpose_a=True).numpy()
    return np.array(order[1 : pairs + 1], np.intp) - 1


def _wanted(pairs: int) -> int:
    """Candidates for so many that are chosen."""
    return int((_CANDIDATES if pairs <= _MANY else _CANDIDATES_OF_MANY) * pairs)


def _candidates(players: int, pairs: int, random: np.random.Generator) -> Bools:
    """Distinct ones in random order, those of rare sizes as early as those of common ones."""
    wanted = _wanted(min(pairs, CHOSEN)) + max(pairs - CHOSEN, 0)
    if players <= 20 and 2 ** (players - 1) - 1 <= 2 * wanted:
        every = numbered(np.arange(1, 2 ** (players - 1)), players)
        wanted = min(wanted, max(pairs, int(_OF_ALL * len(every))))
        alike = np.array([math.comb(players, size) for size in every.sum(1)])
        # The one that waits least is drawn first (Efraimidis and Spirakis, 2006, doi:10.1016/j.ipl.2005.11.003).
        return every[np.argsort(random.exponential(alike))][:wanted]
    drawn = [_drawn(players, min(_DRAWN, 2 * wanted - start), random) for start in range(0, 2 * wanted, _DRAWN)]
    packed = np.concatenate(drawn)
    keys = packed.view(np.dtype((np.void, packed.shape[1])))[:, 0]
    _, first = np.unique(keys, return_index=True)
    return np.unpackbits(packed[np.sort(first)[:wanted]], 1, count=players).view(bool)


def _drawn(players: int, count: int, random: np.random.Generator) -> NDArray[np.uint8]:
    """Coalitions of all sizes alike, of each pair the one without the last player; a bit for each player."""
    sizes = random.integers(1, players, count)
    ranks = np.argsort(np.argsort(random.random((count, players), np.float32), 1), 1)
    members = ranks < sizes[:, None]
    members ^= members[:, -1:]
    return np.packbits(members, 1)
