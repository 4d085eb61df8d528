"""Weighted ridge regression with a free intercept, over rows that are made chunk by chunk and not kept.

    minimise over b, c:  sum over rows i of w_i (y_i - c - x_i b)^2 + ridge |b|^2

As scikit-learn's Ridge with `sample_weight`, in closed form: (X' W X + ridge I) b = X' W y, X and y less their weighted
means.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from tb_attribution_plugin.methods import rows

# Numbers of regressors at a time, 8 MiB.
_AT_ONCE = 2**20
# Of the mean diagonal, added to it: what rows do not tell apart has a solution without a penalty, too.
_LEAST = 1e-12


class Rows(NamedTuple):
    """Float64. An axis of size 1 in place of the examples stands for all of them."""

    regressors: tf.Tensor  # [m, 1 or b, n]
    weights: tf.Tensor  # [m, 1 or b]
    values: tf.Tensor  # [m, b]


class Fit(NamedTuple):
    """Float64, by example."""

    coefficients: tf.Tensor  # [b, n]
    intercept: tf.Tensor  # [b]
    residual: tf.Tensor  # [b], 1 - R^2, weighted; 0 where all values are the same, 1 where only the first rows weigh


class _Sums(NamedTuple):
    """Weighted sums over rows."""

    one: tf.Tensor  # [c], c = 1 or b
    x: tf.Tensor  # [c, n]
    xx: tf.Tensor  # [c, n, n]
    y: tf.Tensor  # [b]
    xy: tf.Tensor  # [b, n]
    yy: tf.Tensor  # [b]


def fitted(first: Rows, rest: Callable[[tf.Tensor], Rows], count: int, ridge: float) -> Fit:
    """Args:
    first: some rows.
    rest: numbers of further rows [m], below `count` -> these.
    """
    examples, players = first.regressors.shape[1:]
    _, size = rows.balanced(count, _AT_ONCE // (examples * players))
    origin = first.values[0]  # values differ little beside what they are

    def chunk(start: tf.Tensor) -> _Sums:
        number = start + tf.range(size)
        found = rest(tf.minimum(number, count - 1))
        counts = tf.cast(number < count, tf.float64)[:, None]
        return _sums(found._replace(weights=found.weights * counts), origin)

    def body(start: tf.Tensor, total: _Sums) -> tuple[tf.Tensor, _Sums]:
        return start + size, tf.nest.map_structure(lambda a, b: tf.ensure_shape(a + b, a.shape), total, chunk(start))

    alone, start = _sums(first, origin), tf.constant(0)
    if size == count:
        _, total = body(start, alone)  # a loop of one turn is not planned as what is around it
    else:
        _, total = tf.while_loop(lambda start, _: start < count, body, (start, alone), parallel_iterations=1)
    fit = _solved(total, origin, ridge)
    return fit._replace(residual=tf.where(total.one > alone.one, fit.residual, 1))


def _sums(given: Rows, origin: tf.Tensor) -> _Sums:
    values = given.values - origin
    regressors = tf.transpose(given.regressors, [1, 2, 0])  # [c, n, m]
    weights = tf.transpose(given.weights)  # [c, m]
    weighted = regressors * weights[:, None]
    of_values = given.weights * values
    return _Sums(
        one=tf.reduce_sum(weights, 1),
        x=tf.reduce_sum(weighted, 2),
        xx=tf.linalg.matmul(weighted, regressors, transpose_b=True),
        y=tf.reduce_sum(of_values, 0),
        xy=tf.linalg.matmul(regressors, tf.transpose(of_values)[..., None])[..., 0],
        yy=tf.reduce_sum(of_values * values, 0),
    )


def _solved(sums: _Sums, origin: tf.Tensor, ridge: float) -> Fit:
    x, y = sums.x / sums.one[:, None], sums.y / sums.one
    xx = sums.xx - x[:, :, None] * sums.x[:, None, :]
    xy, yy = sums.xy - x * sums.y[:, None], sums.yy - y * sums.y
    least = _LEAST * tf.reduce_mean(tf.linalg.diag_part(xx), 1) + np.finfo(np.float64).tiny
    penalised = xx + tf.maximum(least, ridge)[:, None, None] * tf.eye(xx.shape[1], dtype=xx.dtype)
    # One decomposition serves all examples that share it.
    sides = tf.transpose(xy)[None] if xx.shape[0] == 1 else xy[..., None]  # [c, n, b / c]
    solved = tf.linalg.matrix_transpose(tf.linalg.solve(penalised, sides))
    coefficients = tf.ensure_shape(tf.reshape(solved, tf.shape(xy)), xy.shape)
    left = yy - tf.reduce_sum(coefficients * (2 * xy - tf.linalg.matvec(xx, coefficients)), 1)
    return Fit(
        coefficients,
        origin + y - tf.reduce_sum(coefficients * x, 1),
        tf.clip_by_value(tf.math.divide_no_nan(left, yy), 0, 1),
    )
