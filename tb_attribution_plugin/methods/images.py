"""What methods say that explain images alone."""

from __future__ import annotations

import tensorflow as tf

from tb_attribution_plugin.methods.rows import Structure


def check(method: str, inputs: Structure, ids: Structure) -> None:
    """Raises ValueError where an input is no image [B, H, W, C]; `ids` is what `Network.takes_ids` gives."""
    flat = tf.nest.flatten(inputs)
    for place, (tensor, is_ids) in enumerate(zip(flat, tf.nest.flatten(ids), strict=True)):
        if tensor.shape.rank != 4 or is_ids:
            which = f"input {place}" if len(flat) > 1 else "the input"
            raise ValueError(
                f"{method} explains images, [batch, height, width, channels]; {which} is {tensor.dtype.name}"
                f"{tuple(tensor.shape)}{' of ids' if is_ids else ''}; use 'integrated_gradients' for anything else, "
                "and give grey pictures an axis of one channel"
            )
