"""Rules of differences: what goes back is how much of a difference to the reference each input makes.

With D for "at the inputs minus at the reference", every rule keeps

    sum over the inputs of D input * multiplier = sum over the outputs of D output * what came back

so that the sum over the features is D of the explained scalar (Shrikumar et al., 2017, eq. 1 and 3, arXiv:1704.02685).
Where the paper has no rule, ours are those that are exact, treat inputs alike and become the gradient as D goes to 0:

- one number: D output / D input (the paper's rescale rule), so that functions made of several operations, as GELU and
  SiLU, get the quotient of the whole;
- products: each factor's difference times the mean of the other's two values;
- softmax: with L the logarithmic mean of the two probabilities, L * (g - sum L g / sum L);
- maxima of several: what is larger at its place than the other's maximum, as shap has it.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import NamedTuple

from tb_attribution_plugin.methods.backward import difference_rules as rules
from tb_attribution_plugin.methods.backward import kinds
from tb_attribution_plugin.methods.backward.carried import Rule, Rules
from tb_attribution_plugin.methods.backward.repeated import at_once
from tb_attribution_plugin.methods.backward.shared_rules import by_gradient, copied


class Ruled(NamedTuple):
    """Types of operations with one rule, and the rule in words: g is what came back."""

    types: Iterable[str]
    rule: Rule
    words: str


RULED = (
    Ruled(kinds.COPIES, copied, "g, whatever gradient somebody gave them"),
    Ruled(kinds.MOVES | kinds.SUMS, by_gradient, "the gradient: they are linear"),
    Ruled({"FusedBatchNormV3"}, rules.normalized, "the gradient, by fixed statistics"),
    Ruled(kinds.PRODUCTS, rules.product, "the gradient; of two factors that differ, that half way between both ends"),
    Ruled(kinds.QUOTIENTS, rules.quotient, "as the product of the first and the reciprocal of the second"),
    Ruled({"Square", "SquaredDifference"}, rules.half_way, "the gradient half way"),
    Ruled(kinds.CORNERED | {"ClipByValue"}, rules.cornered, "g D output / D input; the gradient where D is 0"),
    Ruled(kinds.BENT, rules.bent, "g D output / D input; the gradient half way where D is below 0.001"),
    Ruled(kinds.SCALED | {"Pow"}, rules.scaled, "g D output / D input; the gradient half way where D is below 0.1%"),
    Ruled({"Maximum", "Minimum"}, rules.larger, "max(a, b) = (a + b + |a - b|) / 2, with D |a - b| / D (a - b)"),
    Ruled(kinds.COMPARISONS, rules.of_difference, "g D output / D (a - b), a truth being 0 or 1"),
    Ruled({"Select", "SelectV2"}, rules.chosen, "where(c, a, b) = c a + (1 - c) b, a product"),
    Ruled({"Cast"}, rules.cast, "g; to whole numbers g D output / D input"),
    Ruled(kinds.TESTS, rules.tested, "g D output / D input, a truth being 0 or 1"),
    Ruled(kinds.LOGIC, rules.both, "a and b = a b, a or b = a + b - a b, products of truths"),
    Ruled({"LogicalNot"}, rules.opposite, "-g"),
    Ruled(kinds.EXTREMES, rules.extreme, "D output to the place of the more extreme of the two values"),
    Ruled({"Softmax"}, rules.softmax, "L (g - sum L g / sum L), L the logarithmic mean of both probabilities"),
    Ruled({"LogSoftmax"}, rules.log_softmax, "g - L sum g / sum L"),
)
_TABLE = {name: one.rule for one in RULED for name in one.types}
_BY_PLACE = {name: _TABLE[name] for name in (*kinds.CORNERED, *kinds.BENT, *kinds.SCALED, "Mul", "Square")}
DIFFERENCES = Rules("DeepLIFT and DeepSHAP", _TABLE, special=functools.partial(at_once, table=_BY_PLACE))
