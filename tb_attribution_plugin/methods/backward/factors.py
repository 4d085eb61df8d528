"""Factors that weigh another tensor: attention weights, the standard deviations of norms, gates."""

from __future__ import annotations

from collections.abc import Iterator

import tensorflow as tf

from tb_attribution_plugin.methods.backward import kinds
from tb_attribution_plugin.methods.backward.recorded import Node

_SHIFTS = frozenset({"Add", "AddV2", "BiasAdd", "Sub"})
# Hands one tensor on, moved or masked, times or plus something that does not depend on the features.
_HANDS_ON = kinds.COPIES | kinds.MOVES | kinds.QUOTIENTS | _SHIFTS | {"Cast", "Mul", "Neg", "Select", "SelectV2"}
_GATES = frozenset({"Erf", "Erfc", "Sigmoid"})


def weighing(nodes: list[Node]) -> Iterator[tuple[Node, int, tf.Operation]]:
    """Products of two tensors that depend on the features: the place of the factor that weighs, and what made it.

    Left out are products of two of the same standing: nothing says which of them weighs.
    """
    makers = {id(tensor): node for node in nodes for tensor in node.op.outputs}
    for node in nodes:
        if node.op.type not in kinds.PRODUCTS or sum(node.live) != 2:
            continue
        found = [_weight(tensor, makers) for tensor in node.op.inputs]
        if (found[0] is None) != (found[1] is None):
            place = 0 if found[1] is None else 1
            yield node, place, found[place]


def mixes(op: tf.Operation, place: int) -> bool:
    """True for a product that makes sums over tokens of the other factor, for each row of the one at `place`."""
    if op.type != "Einsum":
        return op.type != "Mul"
    factors = op.get_attr("equation").decode().split("->")[0].split(",")
    return bool(set(factors[place]) - set(factors[1 - place]))


def normalised(op: tf.Operation) -> bool:
    """True where the last axis of what it gives adds up to 1: a softmax, or numbers over their own sum."""
    if op.type == "Softmax":
        return True
    if op.type not in kinds.QUOTIENTS or op.outputs[0].shape.rank != op.inputs[1].shape.rank:
        return False
    above, below = op.inputs
    return below.op.type == "Sum" and below.op.inputs[0] is above and below.shape[-1] == 1


def held(nodes: list[Node]) -> set[int]:
    """ids of the tensors that count as constants: factors that weigh, whatever is divided by, and what chooses."""
    found = {id(tensor) for _, _, op in weighing(nodes) for tensor in op.outputs}
    for node in nodes:
        found |= {id(tensor) for tensor in node.op.outputs if tensor.dtype.is_bool}
        if node.op.type in kinds.INDEXED:
            found.add(id(node.op.inputs[kinds.INDEXED[node.op.type]]))
        if node.op.type == "Rsqrt":
            found.add(id(node.op.outputs[0]))
        if node.op.type in kinds.QUOTIENTS and all(node.live):
            found.add(id(node.op.inputs[1]))
    return found


def divides(op: tf.Operation) -> bool:
    """True for what is there to be multiplied with instead of dividing: 1 / sqrt(x), 1 / x, x ** -0.5."""
    if op.type != "Pow":
        return op.type in ("Inv", "Reciprocal", "Rsqrt")
    exponent = tf.get_static_value(op.inputs[1])
    return exponent is not None and bool((exponent < 0).all())


def without(nodes: list[Node], constants: set[int]) -> list[Node]:
    """The nodes that depend on the features by another way than through `constants`, ids of tensors."""
    dead, left = set(constants), []
    for node in nodes:
        live = tuple(one and id(tensor) not in dead for tensor, one in zip(node.op.inputs, node.live, strict=True))
        if any(live):
            left.append(node._replace(live=live))
        else:
            dead |= {id(tensor) for tensor in node.op.outputs}
    return left


def _hard(op: tf.Operation) -> bool:
    """True for relu6(x + 3), six times the hard sigmoid; any other relu6 is a signal."""
    if op.type != "Relu6" or op.inputs[0].op.type not in _SHIFTS:
        return False
    shifts = [tf.get_static_value(tensor) for tensor in op.inputs[0].op.inputs]
    return any(shift is not None and shift.size == 1 and shift == 3 for shift in shifts)


def _weight(tensor: tf.Tensor, makers: dict[int, Node]) -> tf.Operation | None:
    """What made the numbers of a factor, if these can only weigh."""
    shifted = False
    while (node := makers.get(id(tensor))) is not None:
        op = node.op
        # GELU's 1 + tanh and Mish's tanh of softplus are gates; a tanh alone is a signal, as in the cell of an LSTM.
        gate = op.type == "Tanh" and (shifted or op.inputs[0].op.type == "Softplus")
        if gate or op.type in _GATES or _hard(op) or divides(op) or normalised(op):
            return op
        if op.type not in _HANDS_ON or sum(node.live) != 1:
            return None
        shifted |= op.type in _SHIFTS
        tensor = op.inputs[node.live.index(True)]
    return None
