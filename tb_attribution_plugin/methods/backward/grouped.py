"""Convolutions in groups as convolutions that every device can run.

On CPUs TensorFlow runs these only as Keras calls them, compiled by XLA as a function of their own. What is written out
here is not compiled, so that they are taken apart into operations with the same results.
"""

from __future__ import annotations

import tensorflow as tf

from tb_attribution_plugin.methods.backward.operations import again


def is_grouped(op: tf.Operation) -> bool:
    return op.type == "Conv2D" and op.get_attr("data_format") == b"NHWC" and _groups(op) > 1


def taken_apart(op: tf.Operation, inputs: list[tf.Tensor]) -> list[tf.Operation]:
    """What it is made of at other inputs; the last operation gives the result."""
    image, kernel = inputs
    groups = _groups(op)
    strides, dilations = op.get_attr("strides"), op.get_attr("dilations")
    if kernel.shape[2] == 1 and strides[1] == strides[2] and max(dilations) == 1:
        height, width, _, columns = kernel.shape
        output = tf.raw_ops.DepthwiseConv2dNative(
            input=image,
            filter=tf.reshape(kernel, (height, width, groups, columns // groups)),
            strides=strides,
            padding=op.get_attr("padding"),
            explicit_paddings=op.get_attr("explicit_paddings"),
        )
        return [output.op]
    parts = tf.split(image, groups, -1)
    convolutions = [again(op, pair) for pair in zip(parts, tf.split(kernel, groups, -1), strict=True)]
    return [parts[0].op, *convolutions, tf.concat([one.outputs[0] for one in convolutions], -1).op]


def _groups(op: tf.Operation) -> int:
    image, kernel = op.inputs
    return image.shape[-1] // kernel.shape[2]
