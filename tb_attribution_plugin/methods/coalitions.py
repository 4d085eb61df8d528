"""Coalitions of players, evaluated and turned into one score per player.

A *design* says for a number of players which coalitions are evaluated and how their values become scores. Examples that
have the same number of players share one; those of a shorter design are evaluated on whole inputs until the longest
ends.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from tb_attribution_plugin.attribution import Attribution
from tb_attribution_plugin.methods import baselines, player_scores, resolution, segmentation, switched
from tb_attribution_plugin.methods.contract import Model
from tb_attribution_plugin.methods.rows import Structure


class Found(NamedTuple):
    """Float64, by player."""

    scores: tf.Tensor  # [b, players]
    errors: tf.Tensor | None  # [b, players], standard errors
    residual: tf.Tensor  # [b], NaN where the method has none


class Design(Protocol):
    """Coalitions of some number of players."""

    @property
    def count(self) -> int:
        """Coalitions; the first one is empty, the one of all players is not among them."""

    def switches(self, mask: tf.Tensor) -> tf.Tensor:
        """Numbers of coalitions [m], below `count` -> bool [m, players], True for its members."""

    def scores(self, values: tf.Tensor, whole: tf.Tensor) -> Found:
        """Args:
        values: of the coalitions, float64 [count, b].
        whole: of all players, float64 [b].
        """


Designs = Callable[[int], Design]


def explained(method: Any, model: Model, inputs: Structure, of: Designs) -> Attribution:
    """Args:
    method: with the fields `segments` and `background` or `baseline`.
    of: the design for a number of players.
    """
    method = resolution.resolved(method, model, inputs)
    outputs, features, points = model.values(inputs), model.features(inputs), _points(method)
    segments = method.segments.of_examples(outputs.shape[0])
    counts = sorted(set(segments.counts))
    designs = [of(players) for players in counts]
    members = [np.flatnonzero(np.equal(segments.counts, players)) for players in counts]
    longest = max(design.count for design in designs)
    masks = segmentation.masks(segments, features, _switches(designs, members, segments.most))
    table = switched.values(model, inputs, points, masks, longest, method)  # [longest, B]
    whole = tf.cast(outputs, tf.float64)
    parts = [
        design.scores(tf.gather(table[: design.count], rows, axis=1), tf.gather(whole, rows))
        for design, rows in zip(designs, members, strict=True)
    ]
    order = np.argsort(np.concatenate(members))

    def joined(of_parts: list[tf.Tensor]) -> tf.Tensor:
        """[B, players], zero for players that an example lacks; [B] of [b]."""
        if of_parts[0].shape.rank > 1:
            of_parts = [tf.pad(one, [[0, 0], [0, segments.most - one.shape[1]]]) for one in of_parts]
        return tf.cast(tf.gather(tf.concat(of_parts, 0), order), tf.float32)

    scores = joined([part.scores for part in parts])
    errors = [part.errors for part in parts if part.errors is not None]
    return Attribution(
        scores=model.onto_inputs(player_scores.spread(segments, features, scores)),
        residual=joined([part.residual for part in parts]),
        outputs=outputs,
        baseline_outputs=tf.cast(table[0], tf.float32),
        segment_scores=player_scores.by_id(segments, scores),
        errors=player_scores.by_id(segments, joined(errors)) if errors else None,
        evaluations=tf.fill(tf.shape(outputs), float(longest * points.count + 1)),
    )


def cost(method: Any, of: Designs) -> int:
    """Forward evaluations per example of a resolved method."""
    return max(of(players).count for players in set(method.segments.counts)) * _points(method).count + 1


def _points(method: Any) -> baselines.Points:
    return method.background if hasattr(method, "background") else method.baseline


def _switches(designs: list[Design], members: list[NDArray[np.intp]], most: int) -> Callable[[tf.Tensor], tf.Tensor]:
    """Numbers of masks [m] -> [m, B or 1, most]; what a design lacks is a whole input."""
    if len(designs) == 1:
        return lambda mask: designs[0].switches(mask)[:, None]
    examples = sum(map(len, members))
    design_of = np.zeros(examples, np.int32)
    for number, rows in enumerate(members):
        design_of[rows] = number

    def switches(mask: tf.Tensor) -> tf.Tensor:
        found = []
        for design in designs:
            own = design.switches(tf.minimum(mask, design.count - 1)) | (mask >= design.count)[:, None]
            found.append(tf.pad(own, [[0, 0], [0, most - own.shape[1]]], constant_values=True))
        return tf.gather(tf.stack(found, 1), tf.constant(design_of), axis=1)

    return switches


def weighted(values: tf.Tensor, whole: tf.Tensor, weights: NDArray[np.float64]) -> tf.Tensor:
    """Scores [b, players] that are linear in the values, as `Design.scores` gets them.

    Args:
      weights: [count + 1, players], the last ones of all players.
    """
    every = tf.concat([values, whole[None]], 0)
    return tf.linalg.matmul(every, tf.constant(weights), transpose_a=True)


def numbered(numbers: NDArray[np.integer], players: int) -> NDArray[np.bool_]:
    """[numbers, players]: coalition c has player k where bit k of c is set."""
    return (numbers[:, None] >> np.arange(players)) & 1 == 1
