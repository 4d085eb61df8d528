"""What drawn pairs of coalitions add to Shapley values that chosen ones have told, at a cost linear in their number.

The posterior of `odd_games` needs the cube of the pairs. Of many pairs it is therefore that of the first, and the rest
tells how far off it is: with r what the values of the rest differ from their prediction,

    z_k = n * sum over the rest of w (s_k - mean of s) r

estimates the errors of the posterior means. It is the regression of Kernel SHAP with its Gram matrix over all
coalitions (Covert and Lee, 2021, eq. 7, arXiv:2012.01536), in strata of equal size (w: the kernel's share of a size,
equally to its drawn pairs). The errors' estimate has z weighed against the posterior's own variance, as in a Kalman
filter.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tb_attribution_plugin.methods.odd_games import Floats, OddGames, Posterior, Signs, distances

# Pairs whose prediction from the first ones is worked out at a time, 8 MiB.
_AT_ONCE = 1024


class Strata(NamedTuple):
    """Of the rest, [rest]."""

    weights: Floats
    left: Floats  # share of a stratum that was not drawn: so much of the drawn ones' variance is noise


def updated(game: OddGames, first: Signs, posterior: Posterior, rest: Signs) -> tuple[Floats, Floats]:
    """Weights [players, pairs] and variances [players], as in `Posterior`, of the first and the rest.

    Args:
      posterior: given the first.
    """
    strata = _strata(first, rest)
    toward = game.players * strata.weights[:, None] * (rest - rest.mean(1, keepdims=True))  # [rest, players]
    predicted, unknown = np.zeros((game.players, len(first))), np.empty(len(rest))
    for start in range(0, len(rest), _AT_ONCE):
        some = slice(start, start + _AT_ONCE)
        covariance = game.covariance(distances(rest[some], first))
        weights = covariance @ posterior.inverse
        unknown[some] = np.maximum(1 - np.sum(weights * covariance, 1), 0)
        predicted += toward[some].T @ weights
    noise = toward.T @ ((unknown * strata.left)[:, None] * toward)
    prior = game.covariance_of_values() - posterior.weights @ game.cross(first).T
    least = np.finfo(np.float64).eps * game.variance() * np.eye(game.players)
    gain = np.linalg.solve(prior + noise + least, prior).T
    weights = np.concatenate([posterior.weights - gain @ predicted, gain @ toward.T], 1)
    return weights, np.maximum(np.diag(prior - gain @ prior), 0)


def _strata(first: Signs, rest: Signs) -> Strata:
    players = first.shape[1]
    of_first, of_rest = (_sizes(one) for one in (first, rest))
    weights, left, missing, covered = np.zeros(len(rest)), np.zeros(len(rest)), 0.0, 0.0
    for size in range(1, players // 2 + 1):
        halved = 1 + (2 * size == players)  # a pair has its size twice
        every, known, drawn = math.comb(players, size) // halved, np.sum(of_first == size), np.sum(of_rest == size)
        kernel = (every - int(known)) / every / (size * (players - size) * halved)
        missing += kernel
        if drawn:
            covered += kernel
            here = of_rest == size
            weights[here] = kernel / drawn
            left[here] = 1 - int(drawn) / (every - int(known))
    return Strata(weights * (missing / covered), left)


def _sizes(signs: Signs) -> NDArray[np.int64]:
    """Players of the smaller one of each pair."""
    members = np.sum(signs > 0, 1)
    return np.minimum(members, signs.shape[1] - members)
