"""Linear models of a network around an input, weighted by closeness: what LIME fits."""

from __future__ import annotations

import dataclasses
import functools
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from tb_attribution_plugin.attribution import Attribution
from tb_attribution_plugin.methods import noise, ridge, rows
from tb_attribution_plugin.methods.coalitions import Found
from tb_attribution_plugin.methods.column_laws import Law
from tb_attribution_plugin.methods.contract import Model
from tb_attribution_plugin.methods.rows import Structure
from tb_attribution_plugin.methods.shapley_exact import Enumerated

# Up to so many players coalitions are drawn by number, none twice; beyond, hardly one would be.
_NUMBERED = 30


@dataclasses.dataclass(frozen=True)
class OfSwitches:
    """Coalitions of `players` and a linear model of their values; everybody is the input itself.

    Where 2^players <= samples each coalition is there once, else nobody, everybody, and pairs of a coalition and its
    complement, each with even chances for every player.
    """

    players: int
    samples: int
    width: float
    penalty: float
    seed: int

    @property
    def count(self) -> int:
        return self._every.count if self._is_complete else self.samples - 1

    def switches(self, mask: tf.Tensor) -> tf.Tensor:
        if self._is_complete:
            return self._every.switches(mask)
        pair, is_other = tf.maximum(mask - 1, 0) // 2, (mask % 2 == 0)[:, None]
        if self.players <= _NUMBERED:
            numbers = tf.constant(_numbers(self.players, self.samples // 2, self.seed))
            some = self._every.switches(tf.gather(numbers, pair))
        else:
            drawn = noise.of_samples(noise.normals, pair, tf.constant([self.players]), self.seed, 0)
            some = tf.reshape(drawn > 0, (-1, self.players))
        return (some ^ is_other) & (mask > 0)[:, None]

    def scores(self, values: tf.Tensor, whole: tf.Tensor) -> Found:
        def given(members: tf.Tensor, found: tf.Tensor) -> ridge.Rows:
            size = tf.reduce_sum(members, 1, keepdims=True)
            distance = 1 - tf.sqrt(size / self.players)  # by the angle to everybody
            return ridge.Rows(members[:, None], _closeness(distance**2, self.width), found)

        fit = ridge.fitted(
            given(tf.ones((1, self.players), tf.float64), whole[None]),
            lambda mask: given(tf.cast(self.switches(mask), tf.float64), tf.gather(values, mask)),
            self.count,
            self.penalty,
        )
        return Found(fit.coefficients, None, fit.residual)

    @property
    def _every(self) -> Enumerated:
        return Enumerated(self.players)

    @property
    def _is_complete(self) -> bool:
        return self.players <= _NUMBERED and 2**self.players <= self.samples


def of_columns(method: Any, model: Model, inputs: Structure) -> Attribution:
    """Args:
    method: LIME, resolved to a law of columns.
    """
    law: Law = method.perturbation
    features, outputs = model.features(inputs), model.values(inputs)
    parts = tf.nest.flatten(features)
    widths, examples = [part.shape[1] for part in parts], outputs.shape[0]
    count = method.samples - 1
    # Once for all examples and targets: 12 bytes of each column and sample are kept.
    drawn, codes = law.drawn(tf.range(count), method.seed)

    def all_targets() -> tf.Tensor:
        at = model.together.at(inputs)

        def of_rows(row: tf.Tensor) -> tf.Tensor:
            parts = tf.split(tf.gather(drawn, row // examples), widths, 1)
            return at(row % examples, tf.nest.pack_sequence_as(features, parts))

        return rows.mapped(of_rows, count * examples, model.batch_size)

    values = model.together.once(method, inputs, all_targets)[:, model.place]
    values = tf.reshape(tf.cast(values, tf.float64), (count, examples))
    own = law.codes(tf.concat(parts, 1))
    center = law.regressors(own[None], own)  # [1, b, columns]

    def given(regressors: tf.Tensor, found: tf.Tensor) -> ridge.Rows:
        squares = tf.reduce_sum((regressors - center) ** 2, 2)
        return ridge.Rows(regressors, _closeness(squares, method.width), found)

    def of_samples(sample: tf.Tensor) -> ridge.Rows:
        return given(law.regressors(tf.gather(codes, sample)[:, None], own), tf.gather(values, sample))

    fit = ridge.fitted(given(center, tf.cast(outputs, tf.float64)[None]), of_samples, count, method.ridge)
    scores = tf.split(tf.cast(fit.coefficients, tf.float32), widths, 1)
    return Attribution(
        scores=model.onto_inputs(tf.nest.pack_sequence_as(features, scores)),
        residual=tf.cast(fit.residual, tf.float32),
        outputs=outputs,
        baseline_outputs=tf.fill(tf.shape(outputs), float("nan")),
        evaluations=tf.fill(tf.shape(outputs), float(method.samples)),
    )


def _closeness(squares: tf.Tensor, width: float) -> tf.Tensor:
    """sqrt(exp(-d^2 / width^2)), of squared distances."""
    return tf.exp(-squares / (2 * width**2))


@functools.lru_cache(maxsize=16)
def _numbers(players: int, pairs: int, seed: int) -> NDArray[np.int32]:
    """Of distinct coalitions without the last player, nobody not among them."""
    most = 2 ** (players - 1) - 1
    found = np.random.default_rng(seed).choice(most, min(pairs, most), replace=False) + 1
    return found.astype(np.int32)
