"""The attention methods as they are defined: transformers computed once more by hand, on an eager tape in float64.

Each is written with its weights recomputed from queries and keys, and `still` around what AttnLRP holds constant.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import keras
import numpy as np
import tensorflow as tf

from tests.oracle.definitions import _tensors, onto_inputs, value
from tests.zoo import ZOO
from tests.zoo.specimen import EXAMPLES, Specimen, Structure

Still = Callable[[tf.Tensor], tf.Tensor]


class Known(NamedTuple):
    """Attributes:
    run: model, inputs, features, still -> outputs and the weights of each attention, [B, heads, tokens, tokens].
    reads: the rows of the last attention that the head reads.
    shape: of the map; tokens before it are class tokens.
    """

    run: Callable[[keras.Model, Any, tf.Tensor, Still], tuple[Any, list[tf.Tensor]]]
    reads: slice
    shape: tuple[int, ...]


def normed(layer: Any, x: tf.Tensor, still: Still) -> tf.Tensor:
    mean, variance = tf.reduce_mean(x, -1, True), tf.math.reduce_variance(x, -1, True)
    return (x - mean) / still(tf.sqrt(variance + layer.epsilon)) * layer.gamma + layer.beta


def dense_gelu(layer: Any, x: tf.Tensor, still: Still) -> tf.Tensor:
    x = x @ layer.kernel + layer.bias
    return x * still(0.5 * (1 + tf.math.erf(x / math.sqrt(2))))


def multi_head(layer: Any, x: tf.Tensor, still: Still) -> tuple[tf.Tensor, tf.Tensor]:
    query, key, values = (
        tf.einsum("btd,dhe->bhte", x, part.kernel) + part.bias[:, None]
        for part in (layer._query_dense, layer._key_dense, layer._value_dense)
    )
    weights = tf.nn.softmax(query @ tf.linalg.matrix_transpose(key) / math.sqrt(query.shape[-1]))
    out = layer._output_dense
    return tf.einsum("bhte,hed->btd", still(weights) @ values, out.kernel) + out.bias, weights


def mixed(layer: Any, x: tf.Tensor, still: Still) -> tuple[tf.Tensor, tf.Tensor]:
    weights = tf.nn.softmax(tf.matmul(layer.query(x), layer.key(x), transpose_b=True) / 4)[:, None]
    return (still(weights) @ layer.value(x)[:, None])[:, 0], weights


def functional(attention: Any) -> Any:
    def run(model: keras.Model, _: Any, x: tf.Tensor, still: Still) -> tuple[Any, list[tf.Tensor]]:
        layer, found = model.get_layer, []
        (token,) = [one for one in model.layers if type(one).__name__ == "ClassToken"]
        x = token(tf.reshape(layer("patches")(x), (EXAMPLES, 16, 6)))
        for block in ("a", "b"):
            out, weights = attention(layer(f"attention_{block}"), normed(layer(f"norm_{block}"), x, still), still)
            x = x + out
            x = x + dense_gelu(layer(f"mlp_{block}"), x, still)
            found.append(weights)
        return layer("head")(normed(layer("last"), x, still)[:, 0]), found

    return run


def subclassed(model: Any, _: Any, x: tf.Tensor, still: Still) -> tuple[Any, list[tf.Tensor]]:
    x = model.token(tf.reshape(model.patches(x), (EXAMPLES, 16, 6)))
    out, first = mixed(model.mixers[0], normed(model.norms[0], x, still), still)
    x = x + out
    hidden = dense_gelu(model.mlps[0], x, still)
    out, second = mixed(model.mixers[1], normed(model.norms[1], x + hidden, still), still)
    x = x + hidden + out
    return model.head((x + dense_gelu(model.mlps[1], x, still))[:, 0]), [first, second]


def of_tokens(model: keras.Model, _: Any, x: tf.Tensor, still: Still) -> tuple[Any, list[tf.Tensor]]:
    out, weights = multi_head(model.get_layer("attention"), x, still)
    return model.get_layer("head")(tf.reduce_mean(normed(model.get_layer("norm"), x + out, still), 1)), [weights]


KNOWN = {
    "vision_transformer": Known(functional(multi_head), slice(1), (4, 4, 1)),
    "own_attention": Known(functional(mixed), slice(1), (4, 4, 1)),
    "own_transformer": Known(subclassed, slice(1), (4, 4, 1)),
    "tokens_attention": Known(of_tokens, slice(None), (7,)),
}


def rollout(specimen: Specimen, model: keras.Model) -> Structure:
    _, found, _ = attended(specimen, model)
    product = one = np.eye(found[0].shape[-1])
    for weights in found:
        mean = weights.mean(1) + one
        product = mean / mean.sum(-1, keepdims=True) @ product
    return of_inputs(specimen, product)


def relevance(specimen: Specimen, model: keras.Model) -> Structure:
    _, found, gradients = attended(specimen, model)
    total = one = np.eye(found[0].shape[-1])
    for weights, gradient in zip(found, gradients, strict=True):
        total = total + np.maximum(weights * gradient, 0).mean(1) @ total
    return of_inputs(specimen, total - one)


def attn_lrp(specimen: Specimen, model: keras.Model) -> Structure:
    """x times the gradient of the model rewritten with constants."""
    inputs = _tensors(specimen.inputs())
    features = specimen.features(model, inputs)
    with tf.GradientTape() as tape:
        tape.watch(features)
        outputs, _ = known(specimen).run(model, inputs, features, tf.stop_gradient)
        explained = value(specimen, outputs)
    return onto_inputs(features * tape.gradient(explained, features), inputs)


def attended(specimen: Specimen, model: keras.Model) -> tuple[Any, list[np.ndarray], list[np.ndarray]]:
    """The outputs, the weights of each layer, and the explained scalar's gradients there."""
    inputs = _tensors(specimen.inputs())
    features = specimen.features(model, inputs)
    with tf.GradientTape() as tape:
        tape.watch(features)
        outputs, found = known(specimen).run(model, inputs, features, tf.identity)
        explained = value(specimen, outputs)
    gradients = tape.gradient(explained, found)
    return outputs, [one.numpy() for one in found], [one.numpy() for one in gradients]


def of_inputs(specimen: Specimen, flow: np.ndarray) -> np.ndarray:
    """The mean over the rows that are read, without class tokens."""
    _, reads, shape = known(specimen)
    tokens = flow[:, reads].mean(1)
    return tokens[:, -math.prod(shape) :].reshape(len(flow), *shape)


def known(specimen: Specimen) -> Known:
    return next(KNOWN[name] for name in KNOWN if ZOO[name] is specimen)


ATTENTIVE = {"AttentionRollout": rollout, "TransformerRelevance": relevance, "AttnLRP": attn_lrp}
