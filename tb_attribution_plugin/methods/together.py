"""Several targets of one network from the same forward passes."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

import tensorflow as tf

from tb_attribution_plugin.methods import rows
from tb_attribution_plugin.methods.network import Network
from tb_attribution_plugin.methods.rows import Structure
from tb_attribution_plugin.methods.targets import Target

Columns = tuple[tf.Tensor, ...]


class Together:
    """The targets of the models that were made with it, T in the order in which they joined."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._targets: list[tuple[Target, Callable[[Structure], Columns]]] = []
        self._memo: dict[tuple[tuple[int, ...], Hashable], tuple[Structure, Any]] = {}
        self._in_graph = tf.function(self._scored, autograph=False)

    def join(self, target: Target, columns: Callable[[Structure], Columns]) -> int:
        """The place of a target among all.

        Args:
          columns: inputs -> the output columns that the target is made of, each [B].
        """
        self._targets.append((target, columns))
        return len(self._targets) - 1

    @property
    def count(self) -> int:
        """T."""
        return len(self._targets)

    def at(self, inputs: Structure) -> Callable[[tf.Tensor, Structure], tf.Tensor]:
        """What evaluates all targets of the inputs: (examples [r], features of these) -> values [r, T], float32."""
        columns = [of(inputs) for _, of in self._targets]

        def values(example: tf.Tensor, features: Structure) -> tf.Tensor:
            eager = self._network.needs_graph and tf.executing_eagerly()
            score = self._in_graph if eager else self._scored
            return score(rows.gather(inputs, example), features, rows.gather(columns, example))

        return values

    def once(self, key: Hashable, inputs: Structure, make: Callable[[], Any]) -> Any:
        """What `make` computes at these inputs, shared by the models that give an equal key."""
        place = tuple(id(tensor) for tensor in tf.nest.flatten(inputs)), key
        if place not in self._memo:
            self._memo[place] = (inputs, make())  # kept so that no other tensor can get their id
        return self._memo[place][1]

    def _scored(self, inputs: Structure, features: Structure, columns: list[Columns]) -> tf.Tensor:
        outputs = self._network.run(inputs, features, (), {}).outputs
        scores = [target.score(outputs, of) for (target, _), of in zip(self._targets, columns, strict=True)]
        return tf.stack([tf.cast(score, tf.float32) for score in scores], 1)
