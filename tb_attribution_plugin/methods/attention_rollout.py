"""Attention rollout: the attention of all layers, multiplied."""

from __future__ import annotations

import dataclasses
from typing import ClassVar

import tensorflow as tf

from tb_attribution_plugin.attribution import Attribution
from tb_attribution_plugin.methods.backward.attention import Attention
from tb_attribution_plugin.methods.contract import Model
from tb_attribution_plugin.methods.rows import Structure
from tb_attribution_plugin.methods.token_maps import token_map


@dataclasses.dataclass(frozen=True, kw_only=True)
class AttentionRollout:
    """Follows attention through all layers of a transformer, as if nothing else moved information.

        R = (A_L + I) / 2 ... (A_1 + I) / 2,  A the mean over heads of a layer's attention weights

    Abnar and Zuidema, 2020, sec. 3 (arXiv:2005.00928). The weights are found in the traced graph, whatever the layer
    that makes them is called: what adds up to 1 over tokens and weighs tokens. Scores are the rows of R of the tokens
    that the outputs read (a class token, or the mean over what is pooled), without class tokens; patches of a picture
    have a grid of their own, as in class activation maps (token_maps.py).

    It misleads where the values, the norms and the layers between attention decide, which it does not look at, and it
    is the same for every class.
    """

    name: ClassVar[str] = "attention_rollout"
    error_kind: ClassVar[str] = "none"
    additive: ClassVar[bool] = False
    class_sensitive: ClassVar[bool] = False
    weight_sensitive: ClassVar[bool] = False

    @property
    def signed(self) -> bool:
        return False

    def cost(self) -> int:
        return 1

    def __call__(self, model: Model, inputs: Structure) -> Attribution:
        return token_map(model, inputs, rollout)


def rollout(attention: Attention) -> tf.Tensor:
    """[B, tokens, tokens]; rows add up to 1."""
    one = tf.eye(attention.weights[0].shape[-1])
    product = one
    for weights in attention.weights:
        product = 0.5 * (tf.reduce_mean(weights, 1) + one) @ product
    return product
