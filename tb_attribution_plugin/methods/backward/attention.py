"""The attention weights on the way to the explained scalar, and its gradients there."""

from __future__ import annotations

import itertools
from typing import NamedTuple

import tensorflow as tf

from tb_attribution_plugin.methods.backward.factors import mixes, normalised, weighing
from tb_attribution_plugin.methods.backward.recorded import Node, of_target
from tb_attribution_plugin.methods.dataflow import ancestors
from tb_attribution_plugin.methods.evaluated import Batch
from tb_attribution_plugin.methods.network import Network, or_zeros
from tb_attribution_plugin.methods.targets import Target


class Attention(NamedTuple):
    """Attributes:
    values: the explained scalar, [B].
    weights: of each layer, in order, [B, heads, tokens, tokens]; rows add up to 1.
    gradients: of the scalar at the weights.
    """

    values: tf.Tensor
    weights: tuple[tf.Tensor, ...]
    gradients: tuple[tf.Tensor, ...]


def attention(network: Network, target: Target, batch: Batch) -> Attention:
    """Raises:
    ValueError: there is none, or it is none of the same tokens by one layer after the other.
    """
    recording, _ = of_target(network, target, batch)
    weights = attention_weights(recording.nodes)
    _check_chain(weights, recording.values.shape[0])
    found = tf.gradients(recording.values, weights)
    gradients = [or_zeros(one, at) for one, at in zip(found, weights, strict=True)]
    return Attention(recording.values, tuple(map(_by_head, weights)), tuple(map(_by_head, gradients)))


def attention_weights(nodes: list[Node]) -> list[tf.Tensor]:
    """What is normalised and weighs tokens, [.., tokens, tokens], in the order in which it runs.

    Raises:
      ValueError: there is none.
    """
    makers = {
        op
        for node, place, op in weighing(nodes)
        if normalised(op) and op.outputs[0].shape.rank >= 3 and mixes(node.op, place)
    }
    if not makers:
        raise ValueError(
            "the model has no attention that the explained output depends on (a softmax over tokens which weighs other "
            "tokens); use a method of gradients (integrated_gradients), of rules (deep_lift) or of switched features "
            "(kernel_shap)"
        )
    order = {id(node.op): place for place, node in enumerate(nodes)}
    return [op.outputs[0] for op in sorted(makers, key=lambda op: order[id(op)])]


def _check_chain(weights: list[tf.Tensor], examples: int) -> None:
    """Products of attention mean something where each layer mixes what the one before has mixed."""
    first = weights[0].shape
    for one in weights:
        if one.shape[-1] != one.shape[-2] or one.shape[-1] != first[-1] or one.shape[0] != examples:
            raise ValueError(
                f"the attention {one.op.name} is {one.shape}, and the first one {first}: only attention of all tokens "
                "to each other, the same in all layers, can be followed through them (no cross-attention, windows or "
                "pooling of tokens); use attn_lrp, which needs no such thing"
            )
    for before, after in itertools.pairwise(weights):
        if id(before.op) not in ancestors([after]):
            raise ValueError(
                f"the attention {after.op.name} does not read what {before.op.name} gives: they stand side by side, "
                "and cannot be followed one through the other; use attn_lrp, which needs no such thing"
            )


def _by_head(weights: tf.Tensor) -> tf.Tensor:
    """[B, heads, tokens, tokens], float32."""
    examples, *_, queries, keys = weights.shape
    return tf.reshape(tf.cast(weights, tf.float32), (examples, -1, queries, keys))
