"""Numbers of one output column: its margin, its logit, or its value as it is."""

from __future__ import annotations

from collections.abc import Callable

import tensorflow as tf

from tb_attribution_plugin.methods.heads import Head, column

Score = Callable[[tf.Tensor, tf.Tensor, tf.Tensor], tf.Tensor]  # returned, logits [B, C], columns [B] -> [B]

# What to do where no logits are seen.
LAST_SOFTMAX = "end the model in its softmax or sigmoid, as a layer or tf.nn.softmax, and clip in the loss"


def scalar(head: Head, output: str) -> tuple[str, Score]:
    """What it is called, and how it is computed, for one of "margin", "logits" and "as_is"."""
    if head.units == 1 and (output != "margin" or head.kind != "binary"):
        # One column: its value, whatever class was named.
        if output == "as_is" or head.kind == "values":
            return ("value" if head.kind == "values" else "as_is"), lambda returned, logits, columns: returned[:, 0]
        return "logit", lambda returned, logits, columns: logits[:, 0]
    if output == "as_is" or head.kind == "values":
        return ("value" if head.kind == "values" else "as_is"), lambda returned, logits, columns: column(
            returned, columns
        )
    if head.kind == "probabilities":
        raise ValueError(
            f"output={output!r} needs logits, and the callable returns probabilities, whose logarithms are infinite at "
            "0; pass output='as_is', or a callable that returns logits (scikit-learn: decision_function)"
        )
    if output == "logits" and head.kind == "classes" and head.hidden_by:
        raise ValueError(
            f"output='logits' needs logits, and those of the model are not seen behind {head.hidden_by}: the logarithm "
            f"of a probability differs from them by a number of each example's own; {LAST_SOFTMAX}, or pass "
            "output='margin' or output='as_is'"
        )
    if output == "logits" or head.kind == "labels":
        return "logit", lambda returned, logits, columns: column(logits, columns)
    if head.kind == "binary":
        return "margin", lambda returned, logits, columns: logits[:, 0] * tf.cast(2 * columns - 1, tf.float32)
    return "margin", lambda returned, logits, columns: margin(logits, columns)


def margin(logits: tf.Tensor, columns: tf.Tensor) -> tf.Tensor:
    """logit_c - mean of the others = (C logit_c - sum) / (C - 1)."""
    classes = logits.shape[1]
    # Centred first: a common shift of large logits would cost digits.
    centred = logits - tf.stop_gradient(tf.reduce_mean(logits, 1, keepdims=True))
    return (classes * column(centred, columns) - tf.reduce_sum(centred, 1)) / (classes - 1)
