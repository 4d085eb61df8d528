"""Where an input becomes a float: there scores live."""

from __future__ import annotations

import dataclasses
import math
from typing import NamedTuple

import keras
import tensorflow as tf

from tb_attribution_plugin.training import graph


@dataclasses.dataclass(frozen=True, eq=False)
class Call:
    """One call of one layer.

    Attributes:
      name: the layer's path, with ":n" for its n-th further call.
      shape: of the output, batch first.
      on_path: it depends on the inputs, and the outputs depend on it.
      sliced: the outputs depend on some of its tokens alone, unless attention mixed them before.
      attended: queries and keys of the last attention are made of it.
    """

    name: str
    layer: keras.Operation
    number: int
    shape: tuple[int | None, ...]
    drawable: bool
    on_path: bool
    sliced: bool
    attended: bool

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


@dataclasses.dataclass(frozen=True, eq=False)
class Entry:
    """Where an input becomes a float; there scores live.

    Attributes:
      embeddings: the calls whose outputs, side by side, stand for token ids or categories; empty where the input is
        none. What they give is [B, *S, width] for an input [B, *S], or [B, width] for one category per example.
      unplaced: the call that makes one vector of many categories (multi-hot), so that no score has a place of its own.
      readers: calls that are the first to read an integer image; they are given its cast instead. Empty for floats.
    """

    embeddings: tuple[Call, ...] = ()
    unplaced: Call | None = None
    readers: tuple[Call, ...] = ()


def entry_of(source: tf.Tensor, raw: list[RawCall], calls: dict[str, Call], reaching: set[int]) -> Entry:
    embeddings, readers, turns = [], [], []
    made_by = {id(graph.source(one.output)): one for one in reversed(raw)}
    for one in raw:
        if one.given is None:
            continue
        if isinstance(one.layer, keras.layers.Embedding):
            # Float ids are only cast on their way; other floats that reach an embedding were made by the model.
            copied = graph.source(one.given) is source
            if copied or (not source.dtype.is_floating and id(source.op) in graph.ancestors([one.given])):
                embeddings.append(calls[one.name])
        elif one.turns and id(one.given.op) in reaching and id(source.op) in graph.ancestors([one.given]):
            given = graph.source(one.given)
            if not graph.is_number(given, one.output):
                turns.append(calls[one.name])  # integers in, something looked up out
            elif id(given) in made_by and graph.is_lookup(source, given):
                turns.append(calls[made_by[id(given)].name])  # an encoding in integers, read as numbers
        if one.reads and graph.source(one.given) is source:
            readers.append(calls[one.name])
    if embeddings:
        return Entry(embeddings=tuple(embeddings))
    if not turns:
        return Entry(readers=tuple(readers))
    placed = tuple(dict.fromkeys(call for call in turns if _has_places(call.shape, source)))
    return Entry(embeddings=placed, unplaced=None if placed else turns[0])


def _has_places(shape: tuple[int | None, ...], source: tf.Tensor) -> bool:
    """True where a vector [..., width] belongs to each category of an input."""
    places = tuple(source.shape)
    one_each = len(shape) == 2 and math.prod(side or 0 for side in places[1:]) == 1
    tokens_of_text = len(shape) == 3 and source.dtype == tf.string
    return shape[:-1] == places or one_each or tokens_of_text


def placed(embedded: tf.Tensor, ids: tf.Tensor) -> tf.Tensor:
    """Vectors of ids [B, *S] as [B, *S, width], float32; a layer may have dropped a last axis of 1."""
    embedded = tf.cast(embedded, tf.float32)
    if embedded.shape.rank > ids.shape.rank or ids.shape.rank == 1:
        return embedded
    return tf.reshape(embedded, (-1, *ids.shape[1:], embedded.shape[-1]))


def without_places(vectors: tf.Tensor, result: tf.Tensor) -> tf.Tensor:
    """The same vectors as the layer gives them; an encoding in integers is read as numbers, so these stay floats."""
    if vectors.shape.rank != result.shape.rank:
        vectors = tf.reshape(vectors, tf.shape(result))
    return tf.cast(vectors, result.dtype) if result.dtype.is_floating else vectors
