"""Overlapping masks of images, and the cells that all of them are made of.

A *cell* is the pixels that lie in the same masks. A few thousand cells stand for any number of pixels, and sums over
masks are sums over cells.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from tb_attribution_plugin.methods.rows import Structure

Bools = NDArray[np.bool_]


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class Masks:
    """Resolved masks.

    Attributes:
      cells: structure of the inputs, each int32 [B or 1, H, W], the number of a pixel's cell.
      members: structure of the inputs, each bool [B or 1, cells, masks], True where the cell lies in the mask.
      title: in words, for the log.
    """

    cells: Structure
    members: Structure
    title: str

    def __repr__(self) -> str:
        return self.title


def made(cut: Callable[[NDArray[Any]], Bools], inputs: Structure, title: str) -> Masks:
    """Args:
    cut: image [H, W, C] -> bool [masks, H, W].
    inputs: images [B, H, W, C].
    """
    return _packed(inputs, [map(cut, np.asarray(images)) for images in tf.nest.flatten(inputs)], title)


def resolve(masks: Any, inputs: Structure) -> Masks:
    """Args:
      masks: bool [masks, H, W] for all examples or [B, masks, H, W], in the structure of the inputs.

    Raises:
      ValueError: names the input, the shape that it needs and what it got.
    """
    if isinstance(masks, Masks):
        return masks
    flat = tf.nest.flatten(inputs)
    given = [masks] if len(flat) == 1 and not isinstance(masks, dict) else tf.nest.flatten(masks)
    if len(given) != len(flat):
        raise ValueError(f"masks must be one array for each of the {len(flat)} inputs; got {len(given)}")
    arrays = [_checked(one, tuple(images.shape)) for one, images in zip(given, flat, strict=True)]
    counts = sorted({one.shape[1] for one in arrays})
    return _packed(inputs, arrays, f"{' and '.join(map(str, counts))} masks of your own")


def _checked(masks: Any, shape: tuple[int, ...]) -> Bools:
    """[B or 1, masks, H, W]."""
    array = np.asarray(masks)
    several = array[None] if array.ndim == 3 else array
    fits = several.ndim == 4 and len(several) in (1, shape[0]) and several.shape[1] and several.shape[2:] == shape[1:3]
    if not fits or not (array.dtype == bool or np.isin(array, (0, 1)).all()):
        raise ValueError(
            f"masks must be True or False, [masks, {shape[1]}, {shape[2]}] for all examples or [{shape[0]}, masks, "
            f"{shape[1]}, {shape[2]}], at least one; got {array.dtype} {array.shape}"
        )
    return several.astype(bool)


def _packed(inputs: Structure, each: Iterable[Iterable[Bools]], title: str) -> Masks:
    cells, members = zip(*(_together([_cells(masks) for masks in examples]) for examples in each), strict=True)
    return Masks(tf.nest.pack_sequence_as(inputs, cells), tf.nest.pack_sequence_as(inputs, members), title)


def _cells(masks: Bools) -> tuple[NDArray[np.int32], Bools]:
    """The number of each pixel's cell, [H, W], and the masks of each cell, [cells, masks]."""
    count = len(masks)
    of_pixels = np.ascontiguousarray(np.packbits(masks.reshape(count, -1), axis=0).T)
    as_one = of_pixels.view(np.dtype((np.void, of_pixels.shape[1])))[:, 0]
    _, first, cells = np.unique(as_one, return_index=True, return_inverse=True)
    members = np.unpackbits(of_pixels[first], axis=1, count=count).astype(bool)
    return cells.reshape(masks.shape[1:]).astype(np.int32), members


def _together(examples: list[tuple[NDArray[np.int32], Bools]]) -> tuple[tf.Tensor, tf.Tensor]:
    """What an example lacks is a cell without pixels or a mask without cells."""
    most = np.max([members.shape for _, members in examples], axis=0)
    padded = [np.pad(one, [(0, m - side) for m, side in zip(most, one.shape, strict=True)]) for _, one in examples]
    return tf.constant(np.stack([cells for cells, _ in examples])), tf.constant(np.stack(padded))
