"""Shapley values by orders in which the segments come."""

from __future__ import annotations

import dataclasses
from typing import Any, ClassVar

import numpy as np
import tensorflow as tf

from tb_attribution_plugin.attribution import Attribution
from tb_attribution_plugin.methods import coalitions
from tb_attribution_plugin.methods.arguments import check_seed, is_whole
from tb_attribution_plugin.methods.coalitions import Found
from tb_attribution_plugin.methods.contract import Model
from tb_attribution_plugin.methods.rows import Structure


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class PermutationShapley:
    """Shapley values (exact_shapley.py) as means over random orders, each with its reverse.

        scores of k = mean over orders of v(those before k, and k) - v(those before k)

    Castro, Gomez and Tejada, 2009 (doi:10.1016/j.cor.2008.04.004), with antithetic pairs (Mitchell et al., 2022,
    section 4.1, arXiv:2104.12199). Orders depend on the seed and the number of segments alone.

    `errors` are standard errors over the pairs, the residual is their sum over the example. Scores sum to f(x) minus
    the mean of f over the background, whatever the orders: that is no sign of quality.

    It misleads where ExactShapley does, and its errors are too small where a few pairs of orders all miss what happens
    in rare ones. KernelSHAP has smaller errors at the same cost where v is smooth; this one assumes nothing of it.

    Attributes:
      segments: int ids in the structure of the inputs; None takes the probe's.
      background: as of KernelSHAP.
      permutations: orders, an even number. Cost is (permutations (segments - 1) + 1) K + 1 forward evaluations.
      seed: of the orders.
    """

    segments: Any = None
    background: Any = None
    permutations: int = 32
    seed: int = 0

    name: ClassVar[str] = "permutation_shapley"
    error_kind: ClassVar[str] = "standard_error"
    additive: ClassVar[bool] = True
    class_sensitive: ClassVar[bool] = True
    weight_sensitive: ClassVar[bool] = True
    joins_targets: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if not is_whole(self.permutations, 4) or self.permutations % 2:
            raise ValueError(
                "permutations must be an even number, at least 4: each order has its reverse, and two pairs are needed "
                f"for a standard error; got {self.permutations!r}"
            )
        check_seed(self.seed)

    @property
    def signed(self) -> bool:
        return True

    def cost(self) -> int:
        """Of a resolved method."""
        return coalitions.cost(self, self._design)

    def __call__(self, model: Model, inputs: Structure) -> Attribution:
        return coalitions.explained(self, model, inputs, self._design)

    def _design(self, players: int) -> Orders:
        return Orders(players, self.permutations // 2, self.seed)


class Orders:
    """Coalitions of those who come first in an order: 0 is empty, then `players - 1` of each order."""

    def __init__(self, players: int, pairs: int, seed: int) -> None:
        random = np.random.default_rng(seed)
        orders = np.stack([random.permutation(players) for _ in range(pairs)])
        places = np.argsort(np.stack([orders, orders[:, ::-1]], 1), -1)
        # Of the players in each order; a reverse follows its order.
        self._places = places.reshape(2 * pairs, players).astype(np.int32)
        self._between = players - 1
        self.count = len(self._places) * self._between + 1

    def switches(self, mask: tf.Tensor) -> tf.Tensor:
        order, length = (mask - 1) // self._between, (mask - 1) % self._between + 1
        places = tf.gather(tf.constant(self._places), tf.maximum(order, 0))
        return places < tf.where(mask == 0, 0, length)[:, None]

    def scores(self, values: tf.Tensor, whole: tf.Tensor) -> Found:
        orders, players = self._places.shape
        pairs = orders // 2
        between = tf.reshape(values[1:], (orders, self._between, -1))
        ends = [tf.broadcast_to(end[None, None], (orders, 1, end.shape[0])) for end in (values[0], whole)]
        steps = tf.concat([between, ends[1]], 1) - tf.concat([ends[0], between], 1)  # [orders, place, b]
        by_player = tf.gather(steps, tf.constant(self._places), axis=1, batch_dims=1)
        by_player = tf.reshape(by_player, (pairs, 2, players, -1))
        of_pairs = tf.transpose(tf.reduce_mean(by_player, 1), (2, 0, 1))  # [b, pairs, players]
        found = tf.reduce_mean(of_pairs, 1)
        errors = tf.sqrt(tf.reduce_sum((of_pairs - found[:, None]) ** 2, 1) / (pairs * (pairs - 1)))
        return Found(found, errors, tf.reduce_sum(errors, 1))
