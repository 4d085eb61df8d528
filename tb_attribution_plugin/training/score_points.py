"""Where an input becomes a float: there scores live."""

from __future__ import annotations

import dataclasses
import math

import keras
import tensorflow as tf

from tb_attribution_plugin.methods.dataflow import ancestors
from tb_attribution_plugin.training import graph
from tb_attribution_plugin.training.calls import Call, RawCall


@dataclasses.dataclass(frozen=True, eq=False)
class ScorePoint:
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


def score_point_of(source: tf.Tensor, raw: list[RawCall], calls: dict[str, Call], reaching: set[int]) -> ScorePoint:
    embeddings, readers, turns = [], [], []
    made_by = {id(graph.source(one.output)): one for one in reversed(raw)}
    for one in raw:
        if one.given is None:
            continue
        if isinstance(one.layer, keras.layers.Embedding):
            # Float ids are only cast on their way; other floats that reach an embedding were made by the model.
            copied = graph.source(one.given) is source
            if copied or (not source.dtype.is_floating and id(source.op) in ancestors([one.given])):
                embeddings.append(calls[one.name])
        elif one.turns and id(one.given.op) in reaching and id(source.op) in ancestors([one.given]):
            given = graph.source(one.given)
            if not graph.is_number(given, one.output):
                turns.append(calls[one.name])  # integers in, something looked up out
            elif id(given) in made_by and graph.is_lookup(source, given):
                turns.append(calls[made_by[id(given)].name])  # an encoding in integers, read as numbers
        if one.reads and graph.source(one.given) is source:
            readers.append(calls[one.name])
    if embeddings:
        return ScorePoint(embeddings=tuple(embeddings))
    if not turns:
        return ScorePoint(readers=tuple(readers))
    placed = tuple(dict.fromkeys(call for call in turns if _has_places(call.shape, source)))
    return ScorePoint(embeddings=placed, unplaced=None if placed else turns[0])


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
        return tf.ensure_shape(embedded, (ids.shape[0], *embedded.shape[1:]))  # layers of strings lose B
    return tf.reshape(embedded, (-1, *ids.shape[1:], embedded.shape[-1]))


def without_places(vectors: tf.Tensor, result: tf.Tensor) -> tf.Tensor:
    """The same vectors as the layer gives them; an encoding in integers is read as numbers, so these stay floats."""
    if vectors.shape.rank != result.shape.rank:
        vectors = tf.reshape(vectors, tf.shape(result))
    return tf.cast(vectors, result.dtype) if result.dtype.is_floating else vectors
