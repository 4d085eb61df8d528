"""The variables of a model that was never called."""

from __future__ import annotations

import keras
import tensorflow as tf

from tb_attribution_plugin.methods.rows import Structure
from tb_attribution_plugin.training.rejection import rejected


def build(model: keras.Model, inputs: Structure) -> None:
    """Makes the variables as `fit` would, by a symbolic call: a real one would draw numbers from the model's seeds.

    Raises:
      ValueError: the model rejects the inputs.
    """
    # Keras's own `build` of a subclassed model may leave its layers as they are.
    if _built(model):
        return
    symbols = tf.nest.map_structure(
        lambda tensor: keras.KerasTensor((None, *tensor.shape[1:]), tensor.dtype.name), inputs
    )
    try:
        with tf.summary.record_if(False):
            model(symbols, training=False)
    except Exception as error:
        # Keras calls the model, and refuses afterwards what it returns beside tensors.
        if not _built(model):
            raise rejected(model, inputs, error) from error


def _built(model: keras.Model) -> bool:
    return all(layer.built for layer in model._flatten_layers())
