"""Gradients of which rectifiers hand back something else: TensorFlow's own override, in float64."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf

from tests.oracle import definitions
from tests.zoo.specimen import Specimen, Structure


@tf.RegisterGradient("OracleGuided")
def _guided(op: Any, gradient: tf.Tensor) -> tf.Tensor:
    active = (op.inputs[0] > 0) & (op.inputs[0] < (6 if op.type == "Relu6" else op.inputs[0].dtype.max))
    return tf.where(active & (gradient > 0), gradient, tf.zeros_like(gradient))


@tf.RegisterGradient("OracleDeconvolved")
def _deconvolved(op: Any, gradient: tf.Tensor) -> tf.Tensor:
    return tf.maximum(gradient, 0)


def _overridden(specimen: Specimen, model: keras.Model, name: str) -> Structure:
    inputs = tf.nest.map_structure(tf.constant, specimen.inputs())
    features = specimen.features(model, inputs)

    @tf.function(autograph=False)
    def gradients() -> list[tf.Tensor]:
        at = tf.nest.map_structure(tf.identity, features)
        with tf.compat.v1.get_default_graph().gradient_override_map({"Relu": name, "Relu6": name}):
            value = definitions.value(specimen, specimen.forward(model, inputs, at))
        return tf.gradients(value, tf.nest.flatten(at))

    return definitions.onto_inputs(tf.nest.pack_sequence_as(features, gradients()), inputs)


def guided_backprop(specimen: Specimen, model: keras.Model) -> Structure:
    """max(g, 0) where the rectifier was active."""
    return _overridden(specimen, model, "OracleGuided")


def deconvolution(specimen: Specimen, model: keras.Model) -> Structure:
    """max(g, 0) everywhere."""
    return _overridden(specimen, model, "OracleDeconvolved")


RECTIFIED: dict[str, Callable[[Specimen, keras.Model], Structure]] = {
    "Deconvolution": deconvolution,
    "GuidedBackprop": guided_backprop,
}
# Kinds of models with a ReLU on the way.
WITH_RECTIFIER = (
    "functional_cnn", "sequential_cnn", "sequential_with_input", "batchnorm_depthwise_relu6", "nested", "subclassed",
    "uint8_rescaling", "segmentation", "mixed_float16", "float64", "siamese", "sequential_mlp", "two_inputs",
    "causal_conv", "time_distributed", "reused",
)  # fmt: skip
