"""What one call of a layer gives, as methods want to see it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from tb_attribution_plugin.training.layer_names import with_grid
from tb_attribution_plugin.training.survey import Survey


def grid_of(survey: Survey, name: str) -> Callable[[tf.Tensor], tf.Tensor]:
    """What lays the output of the layer `name` on its grid: [B, *grid, C].

    Raises:
      ValueError: it has none; names the layers that have one.
    """
    patches = survey.patch_grid(name)
    if patches is not None:
        return patches.of
    shape = survey.calls[name].shape
    if all(side == 1 for side in shape[1:-1]):
        raise ValueError(
            f"layer {name!r} has no spatial grid to draw on: its output is {shape}; "
            f"name a layer before pooling or flattening; {with_grid(survey.calls)}"
        )
    return tf.identity


def gives_vectors_of_ids(survey: Survey, name: str) -> bool:
    """True where the layer turns token ids or categories into vectors."""
    return any(survey.calls[name] is call for point in survey.score_points for call in point.embeddings)


def handed_on(result: Any, replaced: tf.Tensor | None) -> tuple[Any, tf.Tensor]:
    """What a layer hands on, and the tensor of it that is its output: the first, where it returns several."""
    several = isinstance(result, list | tuple)
    output = result[0] if several else result
    if replaced is None:
        return result, output
    output = tf.cast(replaced, output.dtype)
    return tf.nest.pack_sequence_as(result, [output, *tf.nest.flatten(result)[1:]]), output
