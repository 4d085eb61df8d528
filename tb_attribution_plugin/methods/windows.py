"""Windows that slide over the axes of an input, all channels at once."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from tb_attribution_plugin.methods.arguments import is_whole
from tb_attribution_plugin.methods.rows import Structure


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class Windows:
    """Resolved windows of all inputs, numbered one input after the other.

    Attributes:
      axes: of each flat input, for each axis that windows slide over, bool [positions, side]: what is covered.
      sides: of a window, for the log.
    """

    axes: tuple[tuple[NDArray[np.bool_], ...], ...]
    sides: str

    def __repr__(self) -> str:
        return f"{self.sides}, {sum(self.counts)} positions"

    @property
    def counts(self) -> list[int]:
        """Windows of each flat input."""
        return [int(np.prod([len(axis) for axis in axes])) for axes in self.axes]

    def present(self, window: tf.Tensor, features: Structure) -> Structure:
        """What windows [m] leave uncovered, in the structure of the features, each bool [m, *S], channels of size 1."""
        found, flat = [], tf.nest.flatten(features)
        starts = np.cumsum([0, *self.counts[:-1]])
        for axes, count, start, feature in zip(self.axes, self.counts, starts, flat, strict=True):
            own = tf.clip_by_value(window - start, 0, count - 1)
            covered = tf.reshape((window >= start) & (window < start + count), (-1, *[1] * len(axes)))
            for number, axis in reversed(list(enumerate(axes))):
                along = tf.gather(tf.constant(axis), own % len(axis))
                own //= len(axis)
                covered &= tf.reshape(along, (-1, *(axis.shape[1] if one == number else 1 for one in range(len(axes)))))
            found.append(_with_channels(~covered, feature))
        return tf.nest.pack_sequence_as(features, found)

    def means(self, values: tf.Tensor, features: Structure) -> Structure:
        """Mean over the windows that cover a feature; 0 where none does.

        Args:
          values: [windows, B].

        Returns:
          In the structure of the features, each [B, *S], channels of size 1.
        """
        found = []
        for axes, of_input, feature in zip(
            self.axes, tf.split(values, self.counts), tf.nest.flatten(features), strict=True
        ):
            sums = tf.transpose(tf.reshape(of_input, (*(len(axis) for axis in axes), -1)))  # axes from last to first
            counts = tf.ones(())
            for axis in axes:  # the one that is last becomes the first one behind the examples
                covers = tf.constant(axis, tf.float32)
                sums = tf.tensordot(sums, covers, [[sums.shape.rank - 1], [0]])
                sums = tf.transpose(sums, (0, sums.shape.rank - 1, *range(1, sums.shape.rank - 1)))
                counts = tf.tensordot(counts, tf.reduce_sum(covers, 0), 0)
            order = (0, *reversed(range(1, sums.shape.rank)))
            found.append(_with_channels(tf.math.divide_no_nan(tf.transpose(sums, order), counts[None]), feature))
        return tf.nest.pack_sequence_as(features, found)


def resolve(window: Any, stride: Any, features: Structure) -> Windows:
    """Args:
      window, stride: as in `Occlusion`.

    Raises:
      ValueError: a window is larger than an axis, or has another number of axes than an input.
    """
    if isinstance(window, Windows):
        return window
    found = []
    for feature in tf.nest.flatten(features):
        sides = sides_of(feature, "windows need")
        widths = per_axis("window", window, len(sides), feature.shape)
        steps: Sequence[int] = [-(-width // 2) for width in widths]
        if stride is not None:
            steps = per_axis("stride", stride, len(sides), feature.shape)
        if any(width > side for width, side in zip(widths, sides, strict=True)):
            raise ValueError(f"window {window!r} is larger than the input, {sides}")
        found.append(tuple(_covers(*three) for three in zip(sides, widths, steps, strict=True)))
    return Windows(tuple(found), f"{window}")


def sides_of(feature: tf.Tensor, need: str) -> tuple[int, ...]:
    """The axes between the examples and the channels; of a table, its columns.

    Raises:
      ValueError: begins with what needs to know their lengths.
    """
    sides = feature.shape[1:] if feature.shape.rank == 2 else feature.shape[1:-1]
    if None in sides:
        raise ValueError(f"{need} axes of known length; the input has shape {feature.shape}")
    return tuple(sides)


def check_sides(name: str, value: Any) -> None:
    """Raises ValueError."""
    sides = value if isinstance(value, list | tuple) else [value]
    if not sides or not all(is_whole(side, 1) for side in sides):
        raise ValueError(f"{name} must be a whole number above 0, or one for each axis; got {value!r}")


def per_axis(name: str, value: Any, axes: int, shape: Any) -> Sequence[int]:
    """One number for each axis, from one number or from as many as there are axes."""
    if not isinstance(value, list | tuple):
        return [int(value)] * axes
    if len(value) != axes:
        raise ValueError(f"{name} {value!r} has {len(value)} sides, but inputs of shape {shape} have {axes} axes")
    return [int(side) for side in value]


def whole(places: tf.Tensor, feature: tf.Tensor, ids: bool) -> tf.Tensor:
    """Scores of places [B, *S], channels of size 1, as scores of the input: those of token ids have no channels."""
    return places[..., 0] if ids else tf.broadcast_to(places, tf.shape(feature))


def _covers(side: int, width: int, step: int) -> NDArray[np.bool_]:
    """[positions, side]; the last window is clipped at the border, as in captum."""
    starts = np.arange(-(-(side - width) // step) + 1)[:, None] * step
    place = np.arange(side)
    covered: NDArray[np.bool_] = (place >= starts) & (place < starts + width)
    return covered


def _with_channels(tensor: tf.Tensor, feature: tf.Tensor) -> tf.Tensor:
    return tensor[..., None] if tensor.shape.rank < feature.shape.rank else tensor
