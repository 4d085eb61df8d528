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
      apart: embeddings are given parts of the input, such as its columns one by one.
      beside: name of the operation that reads the ids as numbers beside the embeddings; "" where there is none.
    """

    embeddings: tuple[Call, ...] = ()
    unplaced: Call | None = None
    readers: tuple[Call, ...] = ()
    apart: bool = False
    beside: str = ""


def score_point_of(
    source: tf.Tensor, raw: list[RawCall], calls: dict[str, Call], ends: list[tf.Tensor], reaching: set[int]
) -> ScorePoint:
    """Args:
    ends: what the outputs are made of.
    reaching: ids of all ops that reach them.
    """
    embeddings, vectors, readers, turns = [], [], [], []
    made_by = {id(graph.source(one.output)): one for one in reversed(raw)}
    for one in raw:
        if one.given is None:
            continue
        if isinstance(one.layer, keras.layers.Embedding):
            # Float ids are only cast on their way; other floats that reach an embedding were made by the model.
            copied = graph.source(one.given) is source
            if copied or (not source.dtype.is_floating and id(source.op) in ancestors([one.given])):
                embeddings.append(calls[one.name])
                vectors.append(one.output)
        elif one.turns and id(one.given.op) in reaching and id(source.op) in ancestors([one.given]):
            given = graph.source(one.given)
            if not graph.is_number(given, one.output):
                turns.append(calls[one.name])  # integers in, something looked up out
            elif id(given) in made_by and graph.is_lookup(source, given):
                turns.append(calls[made_by[id(given)].name])  # an encoding in integers, read as numbers
        if one.reads and graph.source(one.given) is source:
            readers.append(calls[one.name])
    if embeddings:
        apart = not all(_has_places(call.shape, source) for call in embeddings)
        beside = graph.read_beside(source, vectors, ends)
        return ScorePoint(embeddings=tuple(embeddings), apart=apart, beside=beside)
    if not turns:
        return ScorePoint(readers=tuple(readers))
    placed = tuple(dict.fromkeys(call for call in turns if _has_places(call.shape, source)))
    if not placed:
        return ScorePoint(unplaced=turns[0])
    outputs = [one.output for one in raw if calls[one.name] in placed]
    return ScorePoint(embeddings=placed, beside=graph.read_beside(source, outputs, ends))


def _has_places(shape: tuple[int | None, ...], source: tf.Tensor) -> bool:
    """True where a vector [..., width] belongs to each category of an input."""
    places = tuple(source.shape)
    one_each = len(shape) == 2 and math.prod(side or 0 for side in places[1:]) == 1
    tokens_of_text = len(shape) == 3 and source.dtype == tf.string
    return shape[:-1] == places or one_each or tokens_of_text
