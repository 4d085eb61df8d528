"""What methods say that explain images alone."""

from __future__ import annotations

import tensorflow as tf

from tb_attribution_plugin.methods.contract import Model
from tb_attribution_plugin.methods.rows import Structure


def check(method: str, model: Model, inputs: Structure) -> None:
    """Raises ValueError where an input is no image [B, H, W, C]."""
    flat = tf.nest.flatten(inputs)
    for place, (tensor, ids) in enumerate(zip(flat, tf.nest.flatten(model.takes_ids(inputs)), strict=True)):
        if tensor.shape.rank != 4 or ids:
            which = f"input {place}" if len(flat) > 1 else "the input"
            raise ValueError(
                f"{method} explains images, [batch, height, width, channels]; {which} is {tensor.dtype.name}"
                f"{tuple(tensor.shape)}{' of ids' if ids else ''}; use 'integrated_gradients' for anything else, and "
                "give grey pictures an axis of one channel"
            )
