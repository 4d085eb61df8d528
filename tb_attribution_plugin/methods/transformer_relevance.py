"""Relevance through attention, weighted by gradients."""

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
class TransformerRelevance:
    """Follows attention that speaks for the target through all layers of a transformer.

        R = I,  then for each layer  R <- R + mean over heads of relu(A * d f / d A) R

    Chefer, Gur and Wolf, 2021, eq. 5 and 6 for self-attention (arXiv:2103.15679). Attention weights A and the tokens
    that the outputs read are found as in AttentionRollout (attention_rollout.py). Scores are of R - I: that a token
    which is read reaches itself says nothing, and would cover the rest where tokens are pooled.

    It misleads where attention weights saturate, whose gradients say little then, and it leaves out what speaks
    against the target.
    """

    name: ClassVar[str] = "transformer_relevance"
    error_kind: ClassVar[str] = "none"
    additive: ClassVar[bool] = False
    class_sensitive: ClassVar[bool] = True
    weight_sensitive: ClassVar[bool] = True

    @property
    def signed(self) -> bool:
        return False

    def cost(self) -> int:
        return 1

    def __call__(self, model: Model, inputs: Structure) -> Attribution:
        return token_map(model, inputs, relevance)


def relevance(attention: Attention) -> tf.Tensor:
    """[B, tokens, tokens], not negative."""
    found = one = tf.eye(attention.weights[0].shape[-1])
    for weights, gradients in zip(attention.weights, attention.gradients, strict=True):
        found += tf.reduce_mean(tf.nn.relu(gradients * weights), 1) @ found
    return found - one
