"""The layers of a traced graph: sums with weights, with the biases and the normalization behind them."""

from __future__ import annotations

from typing import NamedTuple

import tensorflow as tf

from tb_attribution_plugin.methods.backward import kinds
from tb_attribution_plugin.methods.backward.operations import again, gradient
from tb_attribution_plugin.methods.backward.recorded import Node

CONVOLUTIONS = frozenset(name for name in kinds.PRODUCTS if "Conv" in name)
SHAPED = frozenset({"ExpandDims", "Identity", "Reshape", "Squeeze", "Transpose"})
_ADDED = frozenset({"Add", "AddV2", "BiasAdd"})
_SCALED = frozenset({"Div", "FusedBatchNormV3", "Mul", "RealDiv", "Sub"})


class Layer(NamedTuple):
    """Attributes:
    node: the weighted sum.
    behind: what adds to its output and scales it, one by one, in the order in which it runs.
    """

    node: Node
    behind: tuple[Node, ...]

    @property
    def input(self) -> tf.Tensor:
        return self.node.op.inputs[self.node.live.index(True)]

    @property
    def weights(self) -> tf.Tensor:
        return self.node.op.inputs[self._place_of_weights]

    @property
    def is_convolution(self) -> bool:
        return self.node.op.type in CONVOLUTIONS

    def at(self, tensor: tf.Tensor, weights: tf.Tensor) -> tf.Operation:
        """The weighted sum of another tensor, by other weights."""
        inputs = list(self.node.op.inputs)
        inputs[self.node.live.index(True)], inputs[self._place_of_weights] = tensor, weights
        return again(self.node.op, inputs)

    def back(self, weights: tf.Tensor, given: tf.Tensor) -> tf.Tensor:
        """Back through the weighted sum alone, by other weights."""
        return gradient(self.at(self.input, weights), [given])[self.node.live.index(True)]

    def result(self) -> tf.Tensor:
        """What the layer gives, with its bias, in the shape of the weighted sum."""
        found = self.last.outputs[0]
        for node in reversed(self.behind):
            if node.op.type in SHAPED - {"Identity"}:
                found = gradient(node.op, [found])[node.live.index(True)]
        return found

    def slope(self) -> tf.Tensor:
        """What the weighted sum is multiplied with behind it, in its shape."""
        found = tf.ones_like(self.last.outputs[0])
        for node in reversed(self.behind):
            others = [None] * (len(node.op.outputs) - 1)
            if node.op.type != "Identity":
                found = gradient(node.op, [found, *others])[node.live.index(True)]
        return found

    @property
    def last(self) -> tf.Operation:
        return self.behind[-1].op if self.behind else self.node.op

    @property
    def _place_of_weights(self) -> int:
        pairs = enumerate(zip(self.node.op.inputs, self.node.live, strict=True))
        return next(place for place, (tensor, live) in pairs if not live and tensor.dtype.is_floating)


def layers_of(nodes: list[Node], fold: bool) -> list[Layer]:
    """Args:
    fold: normalization, and what else scales, is part of the layer in front of it.
    """
    users: dict[int, list[Node]] = {}
    for node in nodes:
        for tensor, live in zip(node.op.inputs, node.live, strict=True):
            if live:
                users.setdefault(id(tensor), []).append(node)
    weighted = kinds.PRODUCTS - {"Mul", "MulNoNan"}
    return [
        Layer(node, _behind(node, users, fold))
        for node in nodes
        if node.op.type in weighted and sum(node.live) == 1 < len(node.live)
    ]


def _behind(node: Node, users: dict[int, list[Node]], fold: bool) -> tuple[Node, ...]:
    found: list[Node] = []
    while True:
        after = users.get(id((found[-1] if found else node).op.outputs[0]), [])
        if len(after) != 1 or not _continues(after[0], fold):
            return tuple(found)
        found.append(after[0])


def _continues(node: Node, fold: bool) -> bool:
    if sum(node.live) != 1:
        return False
    if node.op.type in SHAPED:
        return True
    if node.op.type in kinds.QUOTIENTS and not node.live[0]:
        return False  # c / x is no scale
    before, after = node.op.inputs[node.live.index(True)].shape, node.op.outputs[0].shape
    kept = before.rank is not None and after.rank == before.rank and before.as_list() == after.as_list()
    return kept and (node.op.type in _ADDED or (fold and node.op.type in _SCALED))
