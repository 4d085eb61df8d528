"""Masks stay those of the inputs: on a path to a baseline no other steps are left out.

Keras makes the mask of a `Masking` layer twice: the layer sets it on what it returns, and a functional graph computes
it with operations of its own.
"""

from __future__ import annotations

from collections.abc import Iterable

import keras
import tensorflow as tf


def masking(layers: Iterable[keras.Operation]) -> set[int]:
    """ids of the Masking layers, and of the operations that make their masks in a functional graph."""
    found = [layer for layer in layers if isinstance(layer, keras.layers.Masking)]
    outputs = [tensor for layer in found for node in layer._inbound_nodes for tensor in node.output_tensors]
    masks = [getattr(tensor, "_keras_mask", None) for tensor in outputs]
    return {id(layer) for layer in found} | {id(mask._keras_history[0]) for mask in masks if mask is not None}


def mask_of(layer: keras.Operation, given: tf.Tensor, result: tf.Tensor) -> tf.Tensor:
    """The mask, bool [B, steps], that a call of one of these made."""
    return layer.compute_mask(given) if isinstance(layer, keras.layers.Masking) else result


def masked(layer: keras.Operation, given: tf.Tensor, mask: tf.Tensor) -> tf.Tensor:
    """What a call of one of these gives for a mask that is known."""
    if not isinstance(layer, keras.layers.Masking):
        return mask
    result = tf.where(mask[..., None], given, 0)
    result._keras_mask = mask
    return result
