"""Grids that are laid over inputs: along height and width, time, tokens, or the columns of a table."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import tensorflow as tf

from tb_attribution_plugin.methods import windows
from tb_attribution_plugin.methods.rows import Structure


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class Grid:
    """Resolved cells of all inputs.

    Attributes:
      cells: of each flat input, along each axis that has cells.
      sides: of each flat input, the same axes in features.
      title: in words, for the log.
    """

    cells: tuple[tuple[int, ...], ...]
    sides: tuple[tuple[int, ...], ...]
    title: str

    def __repr__(self) -> str:
        return self.title

    @property
    def count(self) -> int:
        """Cells of all inputs."""
        return sum(int(np.prod(along)) for along in self.cells)

    def numbers(self, features: Structure) -> Structure:
        """The cell of each feature, over all inputs: in the structure of the features, int32 [1, *S], channels of size
        1."""
        found, start = [], 0
        for cells, sides, feature in zip(self.cells, self.sides, tf.nest.flatten(features), strict=True):
            along = [np.arange(side) * count // side for count, side in zip(cells, sides, strict=True)]
            number = np.ravel_multi_index(np.meshgrid(*along, indexing="ij"), cells)
            channels = [1] * (feature.shape.rank - 1 - len(sides))
            found.append((start + number).astype(np.int32).reshape(1, *sides, *channels))
            start += int(np.prod(cells))
        return tf.nest.pack_sequence_as(features, found)


def resolve(grid: Any, features: Structure) -> Grid:
    """Args:
      grid: cells along every axis, or on a shorter one as many as it has features; or one number for each axis.

    Raises:
      ValueError: there are more cells than features along an axis that has a number, or another number of axes.
    """
    if isinstance(grid, Grid):
        return grid
    cells, sides = [], []
    for feature in tf.nest.flatten(features):
        of_input = windows.sides_of(feature, "a grid needs")
        along = tuple(windows.per_axis("grid", grid, len(of_input), feature.shape))
        if not isinstance(grid, list | tuple):
            along = tuple(map(min, along, of_input))
        if any(count > side for count, side in zip(along, of_input, strict=True)):
            raise ValueError(f"grid {grid!r} has more cells than the input has places, {of_input}; give fewer")
        cells.append(along)
        sides.append(of_input)
    return Grid(tuple(cells), tuple(sides), f"{grid}")


def check(grid: Any) -> None:
    """Raises ValueError where it is no grid, whatever the inputs are."""
    if not isinstance(grid, Grid):
        windows.check_sides("grid", grid)
