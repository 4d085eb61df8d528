"""Layer-wise relevance propagation on a traced graph: what goes back are the scores themselves.

    sum over the inputs of R = sum over the outputs of R, less what biases and the stabiliser absorb

from R = f(x) at the explained scalar (Bach et al., 2015, eq. 2, doi:10.1371/journal.pone.0130140). Layers have the
rules of `layer_rules.py`; everything between them:

- a function of one number hands relevance on; what it gives at 0 absorbs its share, as a bias;
- maxima, branches and moves: the value that was chosen takes it; what chooses takes nothing;
- sums of several: in proportion to what each adds; factors alike: half each; what weighs or divides: nothing
  (`factors.py`);
- softmax: that of its linear approximation, x (R - p sum R) (Achtibat et al., 2024, eq. 13, arXiv:2402.05602).
"""

from __future__ import annotations

import functools

import tensorflow as tf

from tb_attribution_plugin.methods.backward import kinds
from tb_attribution_plugin.methods.backward.carried import Given, Rule, Rules
from tb_attribution_plugin.methods.backward.factors import held, without
from tb_attribution_plugin.methods.backward.layer_rules import LayerRule
from tb_attribution_plugin.methods.backward.layers import SHAPED, Layer, layers_of
from tb_attribution_plugin.methods.backward.recorded import Node
from tb_attribution_plugin.methods.backward.shared_rules import by_gradient
from tb_attribution_plugin.methods.backward.shares import (
    by_place,
    divided,
    even,
    even_by_factors,
    from_zero,
    halved,
    handed_on,
    larger,
    proportional,
    squared,
)

_NOT_ZERO_AT_ZERO = frozenset({"Cos", "Cosh", "Erfc", "Exp", "Sigmoid", "Softplus"})
_OF_ONE = kinds.CORNERED | kinds.BENT | kinds.SCALED | kinds.COPIES | {"Cast", "ClipByValue", "Pow", "Square"}
_SCALES = frozenset({"FusedBatchNormV3"}) | kinds.QUOTIENTS

TABLE: dict[str, Rule] = {
    **dict.fromkeys(kinds.MOVES | kinds.EXTREMES | {"Select", "SelectV2"}, by_gradient),
    **dict.fromkeys(("Maximum", "Minimum"), larger),
    **dict.fromkeys(kinds.SUMS | _SCALES | {"LogSoftmax", "Softmax"}, proportional),
    **dict.fromkeys(kinds.QUOTIENTS, divided),
    **dict.fromkeys(kinds.PRODUCTS, halved),
    "SquaredDifference": squared,
    **dict.fromkeys(_OF_ONE, handed_on),
    "IdentityN": by_place,
    **dict.fromkeys(_NOT_ZERO_AT_ZERO, from_zero),
}
# Where relevance does not follow what the values are.
EVEN: dict[str, Rule] = {
    **dict.fromkeys(kinds.SUMS | _SCALES | {"Mul", "MulNoNan"}, even),
    **dict.fromkeys(kinds.PRODUCTS - {"Mul", "MulNoNan"}, even_by_factors),
    **dict.fromkeys(_NOT_ZERO_AT_ZERO, handed_on),
}


def relevance(convolution: LayerRule, dense: LayerRule, first: LayerRule | None, *, fold: bool, is_even: bool) -> Rules:
    """Args:
    first: of convolutions that no layer comes before; what comes before them shares evenly. None is as all others.
    fold: as in `layers_of`.
    is_even: what comes before any layer shares evenly.
    """

    def special(nodes: list[Node]) -> dict[int, Rule]:
        # What is held constant is no weight.
        weighted = {id(node.op) for node in nodes if sum(node.live) == 1}
        kept = without(nodes, held(nodes))
        layers = {id(one.node.op): one for one in layers_of(kept, fold) if id(one.node.op) in weighted}
        firsts = _firsts(kept, layers) if first is not None else set()
        found: dict[int, Rule] = {}
        for node in _before(kept, set(layers) if is_even else firsts):
            if node.op.type in EVEN:
                found[id(node.op)] = EVEN[node.op.type]
        for place, layer in layers.items():
            of_kind = convolution if layer.is_convolution else dense
            found[place] = functools.partial(_of_layer, layer, first if first and place in firsts else of_kind)
            for node in layer.behind:
                found[id(node.op)] = by_gradient if node.op.type in SHAPED - {"Identity"} else handed_on
        return found

    return Rules("LRP", TABLE, held, special=special, seed=tf.identity)


def _of_layer(layer: Layer, rule: LayerRule, node: Node, given: Given) -> Given:
    found = rule(layer, given[0])
    return [found if live else None for live in node.live]


def _firsts(nodes: list[Node], of_layers: dict[int, Layer]) -> set[int]:
    """ids of convolutions that no layer comes before."""
    found, after = set(), set()
    for node in nodes:
        layer = of_layers.get(id(node.op))
        is_after = any(live and id(x) in after for x, live in zip(node.op.inputs, node.live, strict=True))
        if layer is not None and layer.is_convolution and not is_after:
            found.add(id(node.op))
        if is_after or layer is not None:
            after |= {id(tensor) for tensor in node.op.outputs}
    return found


def _before(nodes: list[Node], ends: set[int]) -> list[Node]:
    """Those that lead to any of the operations `ends`, by id."""
    found: list[Node] = []
    reached: set[int] = set()
    for node in reversed(nodes):
        leads = any(id(tensor) in reached for tensor in node.op.outputs)
        if leads:
            found.append(node)
        if leads or id(node.op) in ends:
            reached |= {id(x) for x, live in zip(node.op.inputs, node.live, strict=True) if live}
    return found
