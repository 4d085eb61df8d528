"""Layer-wise relevance propagation, on any traced graph."""

from __future__ import annotations

import dataclasses
import math
from typing import ClassVar

import tensorflow as tf

from tb_attribution_plugin.attribution import Attribution
from tb_attribution_plugin.methods.arguments import check_choice, is_number
from tb_attribution_plugin.methods.backward import layer_rules
from tb_attribution_plugin.methods.backward.carried import Rules
from tb_attribution_plugin.methods.backward.layerwise import relevance
from tb_attribution_plugin.methods.backward.shares import SMALL
from tb_attribution_plugin.methods.contract import Model
from tb_attribution_plugin.methods.rows import Structure
from tb_attribution_plugin.methods.straight import total

_RULES = ("composite", "epsilon", "gamma", "alpha_beta", "z_plus", "flat")


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class LRP:
    """Hands the explained scalar back, layer by layer, to what it was summed from.

        R_j = sum_k x_j w'_jk R_k / (z'_k + epsilon sign(z'_k)),  z'_k = sum_j x_j w'_jk + b_k

    Bach et al., 2015 (doi:10.1371/journal.pone.0130140); the rules: Montavon et al., 2019
    (doi:10.1007/978-3-030-28954-6_10). "epsilon" takes the layer's own w for w', "gamma" w + gamma max(w, 0), "z_plus"
    max(w, 0), "flat" 1 for all, without x and b. "alpha_beta" gives each output's positive terms twice their shares
    less those of the negative ones (alpha 2, beta 1); shares are of the sum of one sign, to which a bias of that sign
    counts, and where an output has terms and bias of one sign only, these have all of R. "composite" is "flat" in
    convolutions of the input, "gamma" in all others, for terms of the sign of z, and "epsilon" in dense layers.

    Functions of one number hand R on, maxima to the largest; what is multiplied shares, but gates, attention weights
    and the deviation of a normalization are held constant (backward/layerwise.py, backward/factors.py). Batch
    normalization is folded into the layer before it, except in "epsilon", where both are layers, as in captum. For
    token ids x is the embedding. A recurrent layer that loops is followed step by step: the trace, made once, takes
    time in proportion to its steps, seconds for a hundred. An operation without a rule is an error, never its gradient.
    The residual is what biases and epsilon absorbed, f(x) - sum of scores.

    It misleads in "epsilon", which on networks of ReLUs is input x gradient; in "gamma" and "z_plus" where a negative
    bias nearly cancels z', so that a few units blow up (then biases absorb many times f(x), as the residual says;
    epsilon=0.01 tames them); in "z_plus", which hardly depends on the
    weights of upper layers (Sixt et al., 2020, arXiv:1912.09818), as "flat" and "composite" do less; and
    everywhere in that scores are what rules share out, no change of f.

    Attributes:
      rule: "composite", "epsilon", "gamma", "alpha_beta", "z_plus" or "flat".
      epsilon: what keeps quotients small, and absorbs; None is 1e-9, and in dense layers of "composite" a quarter of
        the root mean square of z.
      gamma: how much more positive weights count.
    """

    rule: str = "composite"
    epsilon: float | None = None
    gamma: float = 0.25

    name: ClassVar[str] = "lrp"
    error_kind: ClassVar[str] = "absorbed"
    additive: ClassVar[bool] = True
    class_sensitive: ClassVar[bool] = True

    def __post_init__(self) -> None:
        check_choice("rule", self.rule, _RULES)
        if self.epsilon is not None and not (is_number(self.epsilon) and 0 < self.epsilon < math.inf):
            raise ValueError(f"epsilon must be a number above 0, or None for the rule's own; got {self.epsilon!r}")
        if not (is_number(self.gamma) and 0 <= self.gamma < math.inf):
            raise ValueError(
                f"gamma must be a number from 0 on: 0 is the rule epsilon, and for infinity there is z_plus; got "
                f"{self.gamma!r}"
            )

    @property
    def signed(self) -> bool:
        return True

    @property
    def weight_sensitive(self) -> bool:
        return self.rule != "z_plus"

    @property
    def rules(self) -> Rules:
        small = SMALL if self.epsilon is None else self.epsilon
        if self.rule == "composite":
            convolution = layer_rules.signed_gamma(self.gamma, SMALL)
            dense = layer_rules.epsilon(self.epsilon)
            return relevance(convolution, dense, layer_rules.flat, fold=True, is_even=False)
        rule = {
            "epsilon": layer_rules.epsilon(small),
            "gamma": layer_rules.gamma(self.gamma, small),
            "alpha_beta": layer_rules.alpha_beta(small),
            "z_plus": layer_rules.z_plus(small),
            "flat": layer_rules.flat,
        }[self.rule]
        return relevance(rule, rule, None, fold=self.rule != "epsilon", is_even=self.rule == "flat")

    def cost(self) -> int:
        return 1

    def __call__(self, model: Model, inputs: Structure) -> Attribution:
        found = model.carried(inputs, self.rules)
        scores = model.onto_inputs(found.features)
        return Attribution(
            scores=scores,
            residual=found.values - total(scores),
            outputs=found.values,
            baseline_outputs=tf.fill(tf.shape(found.values), float("nan")),
            evaluations=tf.ones_like(found.values),
        )
