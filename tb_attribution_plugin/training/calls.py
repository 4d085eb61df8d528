"""Calls of layers, as one trace of a model showed them."""

from __future__ import annotations

import dataclasses
import math
from typing import NamedTuple

import keras
import tensorflow as tf

Key = tuple[int, int]  # a layer's id, and the number of its call


@dataclasses.dataclass(frozen=True, eq=False)
class Call:
    """One call of one layer.

    Attributes:
      name: the layer's path, with ":n" for its n-th further call.
      shape: of the output, batch first.
      inside: it runs in a loop, a branch or a function of its own.
      on_path: it depends on the inputs, and the outputs depend on it.
      sliced: the outputs depend on some of its tokens alone, unless attention mixed them before.
      attended: queries and keys of the last attention are made of it.
    """

    name: str
    layer: keras.Operation
    number: int
    shape: tuple[int | None, ...]
    drawable: bool
    inside: bool
    on_path: bool
    sliced: bool
    attended: bool

    @property
    def key(self) -> Key:
        return id(self.layer), self.number

    @property
    def grid(self) -> int:
        """Cells of the grid; 1 where there is none."""
        return math.prod(side or 1 for side in self.shape[1:-1])


class RawCall(NamedTuple):
    name: str
    layer: keras.Operation
    number: int
    given: tf.Tensor | None  # its first argument
    reads: bool  # it is given an integer input, at most cast, and no call inside it is
    turns: bool  # it turns ids or strings into floats, and no call inside it does
    output: tf.Tensor
