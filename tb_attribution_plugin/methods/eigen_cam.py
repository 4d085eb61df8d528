"""EigenCAM: a layer's output along its first principal direction; no target is asked."""

from __future__ import annotations

import dataclasses
from typing import ClassVar

import tensorflow as tf

from tb_attribution_plugin.attribution import Attribution
from tb_attribution_plugin.methods.activation_map import activation_map
from tb_attribution_plugin.methods.contract import Model
from tb_attribution_plugin.methods.rows import Structure


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class EigenCAM:
    """What a layer shows most of, whatever the class.

        scores = A v1,    A = U S V^T with A as [cells, C] and v1 the first column of V

    Muhammad and Yeasin, 2020, eq. 2 to 4 (arXiv:2008.00299). A singular vector has no sign of its own: it is taken such
    that the map's sum is not negative, so that the map does not flip from one step to the next.

    It misleads where it is read as an answer about a class: it shows what is strongest in the layer, which may be the
    background, and is the same for every target.

    Attributes:
      layer: name ("conv5", "backbone/conv5", "shared:1" for the second call of a layer used twice). None is the deepest
        float layer on the target's path with a grid larger than 1 x 1, after its activation.
    """

    layer: str | None = None

    name: ClassVar[str] = "eigen_cam"
    error_kind: ClassVar[str] = "none"
    additive: ClassVar[bool] = False
    class_sensitive: ClassVar[bool] = False
    weight_sensitive: ClassVar[bool] = True

    @property
    def signed(self) -> bool:
        return True

    def cost(self) -> int:
        return 1

    def __call__(self, model: Model, inputs: Structure) -> Attribution:
        return activation_map(model, inputs, self.layer, _weighted)


def _weighted(activations: tf.Tensor, gradients: tf.Tensor, grid: list[int]) -> tf.Tensor:
    """One channel is enough: the sum over channels leaves it as it is."""
    del gradients, grid
    shape = tf.shape(activations)
    cells = tf.reshape(activations, (shape[0], -1, activations.shape[-1]))
    # Eigenvectors of the smaller one of the two Gram matrices; a map of 7 x 7 cells may have thousands of channels.
    if cells.shape[1] is not None and cells.shape[1] < cells.shape[2]:
        values, vectors = tf.linalg.eigh(tf.matmul(cells, cells, transpose_b=True))
        scores = vectors[..., -1] * tf.sqrt(tf.nn.relu(values[:, -1:]))  # A v1 = u1 s1
    else:
        _, vectors = tf.linalg.eigh(tf.matmul(cells, cells, transpose_a=True))
        scores = tf.linalg.matvec(cells, vectors[..., -1])
    scores = tf.where(tf.reduce_sum(scores, 1, keepdims=True) < 0, -scores, scores)
    return tf.reshape(scores, tf.concat([shape[:-1], [1]], 0))
