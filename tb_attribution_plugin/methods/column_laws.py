"""How the values of a table's columns are drawn, and what of them a linear model is given: the laws of LIME."""

from __future__ import annotations

import dataclasses
import math
from typing import Protocol, runtime_checkable

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from tb_attribution_plugin.methods import noise

Floats = NDArray[np.float64]

_SQRT_HALF = math.sqrt(0.5)


@runtime_checkable
class Law(Protocol):
    """Columns are independent, and those of several inputs follow each other. A *code* is what is drawn of a value."""

    @property
    def columns(self) -> int: ...

    def codes(self, values: tf.Tensor) -> tf.Tensor:
        """Of given values, [b, columns]."""

    def drawn(self, sample: tf.Tensor, seed: int) -> tuple[tf.Tensor, tf.Tensor]:
        """Values, float32, and their codes, each [m, columns], of samples [m] that ascend."""

    def regressors(self, codes: tf.Tensor, own: tf.Tensor) -> tf.Tensor:
        """Codes [m, 1 or b, columns] as a linear model around the codes [b, columns] sees them, float64."""


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class Normal:
    """Normal values. Codes are standardised values, and regressors too.

    Attributes:
      mean, scale: [columns].
      title: where they are from.
    """

    mean: Floats
    scale: Floats
    title: str

    def __repr__(self) -> str:
        return f"Gaussian, {self.title}"

    @property
    def columns(self) -> int:
        return len(self.mean)

    def codes(self, values: tf.Tensor) -> tf.Tensor:
        return (tf.cast(values, tf.float64) - self.mean) / self.scale

    def drawn(self, sample: tf.Tensor, seed: int) -> tuple[tf.Tensor, tf.Tensor]:
        codes = _normals(sample, self.columns, seed, 0)
        return tf.cast(self.mean + self.scale * codes, tf.float32), codes

    def regressors(self, codes: tf.Tensor, own: tf.Tensor) -> tf.Tensor:
        return codes


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class Binned:
    """Values in bins. Codes are numbers of bins, and regressors 1 where the bin is one's own, else 0.

    Attributes:
      edges: upper ends of all bins but the last, float32 [columns, bins - 1], infinite where a column has less.
      chances: that a value is in a bin or in one before it, [columns, bins].
      mean, deviation, least, most: of the values in each bin, and its ends, [columns, bins].
      title: what the bins are made of.
    """

    edges: NDArray[np.float32]
    chances: Floats
    mean: Floats
    deviation: Floats
    least: Floats
    most: Floats
    title: str

    def __repr__(self) -> str:
        return f"Bins, {self.title}"

    @property
    def columns(self) -> int:
        return len(self.edges)

    def codes(self, values: tf.Tensor) -> tf.Tensor:
        # An edge belongs to the bin below.
        above = tf.cast(values, tf.float32)[..., None] > self.edges
        return tf.reduce_sum(tf.cast(above, tf.int32), -1)

    def drawn(self, sample: tf.Tensor, seed: int) -> tuple[tf.Tensor, tf.Tensor]:
        which, where = (_below(_normals(sample, self.columns, seed, stream)) for stream in (0, 1))
        codes = tf.reduce_sum(tf.cast(which[..., None] > self.chances[:, :-1], tf.int32), -1)

        def of_bin(table: Floats) -> tf.Tensor:
            """[m, columns] of [columns, bins]."""
            return tf.transpose(tf.gather(tf.constant(table), tf.transpose(codes), axis=1, batch_dims=1))

        least, most, mean = of_bin(self.least), of_bin(self.most), of_bin(self.mean)
        # Where all values of a bin are the same, this one is.
        scale = tf.maximum(of_bin(self.deviation), np.finfo(np.float64).tiny)
        low, high = _below((least - mean) / scale), _below((most - mean) / scale)
        inside = tf.clip_by_value(mean + scale * tf.math.ndtri(low + where * (high - low)), least, most)
        return tf.cast(inside, tf.float32), codes

    def regressors(self, codes: tf.Tensor, own: tf.Tensor) -> tf.Tensor:
        return tf.cast(codes == own, tf.float64)


def binned(rows: Floats, title: str) -> Binned:
    """Bins between the quartiles of rows [K, columns].

    As lime 0.2, but that a value whose bin has no width is that of the bin (lime takes its distance from the mean, in
    deviations).
    """
    rows = rows.astype(np.float32)  # as the inputs, so that a value that is an edge is one there, too
    columns = [_bins(column) for column in rows.T]
    width = max(len(edges) for edges, *_ in columns)
    edges = [np.pad(edges, (0, width - len(edges)), constant_values=np.inf) for edges, *_ in columns]
    rest = [[np.pad(one, (0, width + 1 - len(one)), "edge") for one in tables] for _, *tables in columns]
    chances, mean, deviation, least, most = np.stack(rest, 1)
    return Binned(np.stack(edges), chances, mean, deviation, least, most, title)


def _bins(column: NDArray[np.float32]) -> tuple[NDArray[np.float32], Floats, Floats, Floats, Floats, Floats]:
    """Of one column, as in `Binned`."""
    edges = np.unique(np.percentile(column, [25, 50, 75]).astype(np.float32))
    number = np.searchsorted(edges, column)
    members = [column[number == each].astype(np.float64) for each in range(len(edges) + 1)]
    ends = np.concatenate([[column.min()], edges, [column.max()]]).astype(np.float64)
    chances = np.cumsum([len(each) for each in members]) / len(column)
    # No value is drawn from an empty bin.
    mean = np.array([each.mean() if len(each) else end for each, end in zip(members, ends, strict=False)])
    deviation = np.array([each.std() if len(each) else 0.0 for each in members])
    return edges, chances, mean, deviation, ends[:-1], ends[1:]


def _normals(sample: tf.Tensor, columns: int, seed: int, stream: int) -> tf.Tensor:
    """Float64 [m, columns]. Pairs of z and -z would have 1.3 times the errors: one is far off where one is close."""
    found = noise.of_samples(noise.normals, sample, tf.constant([columns]), seed, stream)
    return tf.reshape(tf.cast(found, tf.float64), (-1, columns))


def _below(normal: tf.Tensor) -> tf.Tensor:
    """The chance of a standard normal number to be below these."""
    return tf.math.erfc(-normal * _SQRT_HALF) / 2
