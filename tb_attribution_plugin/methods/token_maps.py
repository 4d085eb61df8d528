"""What attention says of tokens, as a map of the inputs: what AttentionRollout and TransformerRelevance share."""

from __future__ import annotations

from collections.abc import Callable

import tensorflow as tf

from tb_attribution_plugin.attribution import Attribution
from tb_attribution_plugin.methods.backward.attention import Attention
from tb_attribution_plugin.methods.contract import Model
from tb_attribution_plugin.methods.rows import Structure

# A class token, one for distillation, or four registers with a class token: they come first.
MOST_EXTRA = 5


def token_map(model: Model, inputs: Structure, flow: Callable[[Attention], tf.Tensor]) -> Attribution:
    """Scores of the tokens that the outputs read: of token ids and steps one each, of patches on their own grid.

    Args:
      flow: -> how much of each token, last axis, arrives in each token of the last attention, [B, tokens, tokens].

    Raises:
      ValueError: there is no attention, or its tokens are no patches, ids or steps of a single input.
    """
    found = model.attention(inputs)
    scores = _onto_inputs(model, inputs, _read(found, flow(found)))
    nothing = tf.fill(tf.shape(found.values), float("nan"))
    return Attribution(
        scores=scores,
        residual=nothing,
        outputs=found.values,
        baseline_outputs=nothing,
        evaluations=tf.ones_like(found.values),
    )


def _read(found: Attention, flow: tf.Tensor) -> tf.Tensor:
    """The mean over the rows that the explained scalar depends on: of a class token, or of all that are pooled.

    A row that the outputs do not read, as of padding, has no gradient. Where none has any, all rows count.
    """
    read = tf.cast(tf.reduce_any(found.gradients[-1] != 0, (1, 3)), tf.float32)
    count = tf.reduce_sum(read, 1, keepdims=True)
    read = tf.where(count > 0, read, tf.ones_like(read))
    return tf.einsum("bi,bij->bj", read / tf.reduce_sum(read, 1, keepdims=True), flow)


def _onto_inputs(model: Model, inputs: Structure, tokens: tf.Tensor) -> Structure:
    features = model.features(inputs)
    flat, count = tf.nest.flatten(features), tokens.shape[1]
    if len(flat) > 1:
        raise ValueError(
            f"attention over {count} tokens of {len(flat)} inputs: which input a token comes from cannot be told; use "
            "attn_lrp, which needs no such thing"
        )
    (feature,) = flat
    steps = feature.shape[1] if feature.shape.rank == 3 else None
    if steps is not None and 0 <= count - steps <= MOST_EXTRA:
        # Channels, and the axis of an embedding, share what their token has.
        each = tokens[:, count - steps :, None] / feature.shape[2]
        return model.onto_inputs(tf.nest.pack_sequence_as(features, [tf.broadcast_to(each, feature.shape)]))
    grid = model.patches(count) if feature.shape.rank == 4 else None
    if grid is None:
        raise ValueError(
            f"attention over {count} tokens, which are neither the patches of a picture's grid nor the steps of an "
            f"input {feature.shape[1:]}; use attn_lrp, which needs no such thing"
        )
    return tf.nest.pack_sequence_as(features, [grid(tokens[..., None])])
