"""AttnLRP: relevance that is conserved through attention and norms, in one backward pass."""

from __future__ import annotations

import dataclasses
from typing import ClassVar

import tensorflow as tf

from tb_attribution_plugin.attribution import Attribution
from tb_attribution_plugin.methods.backward.carried import Rules
from tb_attribution_plugin.methods.backward.relevance import CONSERVING
from tb_attribution_plugin.methods.contract import Model
from tb_attribution_plugin.methods.rows import Structure
from tb_attribution_plugin.methods.straight import total


@dataclasses.dataclass(frozen=True, kw_only=True)
class AttnLRP:
    """Layer-wise relevance propagation for transformers: what only weighs is held constant.

        scores = x * c,  c the gradient with attention weights, standard deviations and gates held constant

    Ali et al., 2022, sec. 4 (arXiv:2202.07304), for attention and LayerNorm; Achtibat et al., 2024 (arXiv:2402.05602),
    for the rest: activations hand on y / x, products of two tensors give half to each. Departures from the latter:
    attention weights get no relevance, so that all of it goes through the values; other factors that only weigh (a
    sigmoid, the gate of GELU and SiLU, a softmax over experts) are held constant too, and whatever is divided by; of an
    activation that is not 0 at 0, as softplus, (y - y(0)) / x is handed on, and y(0) absorbed as a bias is; linear
    layers have LRP-0, without the gamma rule. For token ids scores are summed over the embedding axis. A model without
    attention is refused, and an operation without a rule is an error, never its gradient. The residual is what
    constants and biases absorbed, f(x) - sum of scores.

    It misleads where the attention pattern itself decides, as in looking up and copying, and where biases absorb most.
    """

    name: ClassVar[str] = "attn_lrp"
    error_kind: ClassVar[str] = "absorbed"
    additive: ClassVar[bool] = True
    class_sensitive: ClassVar[bool] = True
    weight_sensitive: ClassVar[bool] = True
    rules: ClassVar[Rules] = CONSERVING

    @property
    def signed(self) -> bool:
        return True

    def cost(self) -> int:
        return 1

    def __call__(self, model: Model, inputs: Structure) -> Attribution:
        features = model.features(inputs)
        found = model.carried(inputs, CONSERVING)
        scores = tf.nest.map_structure(tf.multiply, features, found.features)
        return Attribution(
            scores=model.onto_inputs(scores),
            residual=found.values - total(scores),
            outputs=found.values,
            baseline_outputs=tf.fill(tf.shape(found.values), float("nan")),
            evaluations=tf.ones_like(found.values),
        )
