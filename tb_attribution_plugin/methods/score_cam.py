"""Score-CAM: a layer's channels, weighted by what the model says of the input where each is active."""

from __future__ import annotations

import dataclasses
from typing import ClassVar

import tensorflow as tf

from tb_attribution_plugin.attribution import Attribution
from tb_attribution_plugin.methods import rows
from tb_attribution_plugin.methods.arguments import is_whole
from tb_attribution_plugin.methods.contract import Model
from tb_attribution_plugin.methods.enlarged import covered, laid_over
from tb_attribution_plugin.methods.rows import Structure


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class ScoreCAM:
    """Class activation map without gradients.

        scores = sum over channels c of w_c A_c,    w = softmax over c of f(x * H_c)
        H_c: A_c enlarged to the input, then scaled to [0, 1]

    Wang et al., 2020, eq. 3 to 7 and algorithm 1 (arXiv:1910.01279), without the final ReLU (activation_map.py). The
    score of a baseline, which the paper subtracts, is the same for all channels and drops out of the softmax. Maps are
    enlarged linearly from corner to corner, as in the package grad-cam. Cost is one forward evaluation per channel and
    example. It misleads where 0 is no neutral input (x * H is dark, not absent), where scores are large (the softmax
    then takes one channel alone) and where they are small (all channels count alike, whatever the class).

    Attributes:
      layer: name ("conv5", "backbone/conv5", "shared:1" for the second call of a layer used twice). None is the deepest
        float layer on the target's path with a grid larger than 1 x 1, after its activation.
      channels: at most so many per example, those whose maps vary most over the grid (largest standard deviation); None
        takes all.
    """

    layer: str | None = None
    channels: int | None = None

    name: ClassVar[str] = "score_cam"
    error_kind: ClassVar[str] = "none"
    additive: ClassVar[bool] = False
    class_sensitive: ClassVar[bool] = True
    weight_sensitive: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if self.channels is not None and not is_whole(self.channels, 1):
            raise ValueError(f"channels must be a whole number, at least 1, or None for all; got {self.channels!r}")

    @property
    def signed(self) -> bool:
        return True

    def cost(self) -> int:
        """Of a resolved method, whose `channels` are counted."""
        return 1 + (self.channels or 0)

    def __call__(self, model: Model, inputs: Structure) -> Attribution:
        layer = model.layer(self.layer)
        on_grid = model.grid(layer)
        values, output = model.activations(inputs, layer)
        examples = values.shape[0]
        maps = _varying(on_grid(output), self.channels)  # [channels, B, *grid]
        features = model.features(inputs)
        under = covered(features, maps.shape[2:], layer)

        def score(row: tf.Tensor) -> tf.Tensor:
            example = row % examples
            row_model, row_inputs = model.take(inputs, example)
            channel = tf.gather_nd(maps, tf.stack([row // examples, example], 1))
            flat = tf.nest.flatten(rows.gather(features, example))
            masked = [_masked(one, channel) if place in under else one for place, one in enumerate(flat)]
            return row_model.values(row_inputs, tf.nest.pack_sequence_as(features, masked))

        found = rows.mapped(score, maps.shape[0] * examples, model.batch_size)
        weights = tf.nn.softmax(tf.reshape(found, (maps.shape[0], examples)), 0)
        nothing = tf.fill(tf.shape(values), float("nan"))
        return Attribution(
            scores=tf.einsum("cb,cb...->b...", weights, maps)[..., None],
            residual=nothing,
            outputs=values,
            baseline_outputs=nothing,
            evaluations=tf.fill(tf.shape(values), float(maps.shape[0] + 1)),
        )


def _varying(maps: tf.Tensor, most: int | None) -> tf.Tensor:
    """[B, *grid, C] as [channels, B, *grid]: all, or of each example those with the largest standard deviation."""
    first = tf.transpose(maps, (maps.shape.rank - 1, *range(maps.shape.rank - 1)))
    if most is None or most >= first.shape[0]:
        return first
    variance = tf.math.reduce_variance(maps, list(range(1, maps.shape.rank - 1)))
    _, chosen = tf.math.top_k(variance, most)  # [B, channels]
    examples = tf.broadcast_to(tf.range(tf.shape(maps)[0]), (most, tf.shape(maps)[0]))
    return tf.gather_nd(first, tf.stack([tf.transpose(chosen), examples], -1))


def _masked(feature: tf.Tensor, channel: tf.Tensor) -> tf.Tensor:
    """[r, *S, ...] times maps [r, *grid], enlarged to S and scaled to [0, 1]."""
    mask = laid_over(feature, channel)
    axes = list(range(1, mask.shape.rank))
    least = tf.reduce_min(mask, axes, keepdims=True)
    return feature * tf.math.divide_no_nan(mask - least, tf.reduce_max(mask, axes, keepdims=True) - least)
